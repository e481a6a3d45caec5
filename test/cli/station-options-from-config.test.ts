import test from 'ava'
import { stationOptionsFromConfig } from '../../src/cli/station-options-from-config.ts'
import { readTopology } from '../../src/config/index.ts'

const context = {
  network: 'n',
  identity: { brokerId: '0'.repeat(32), incarnation: 4 },
  version: '1.2.3'
}

function optionsOf(lines: readonly string[]) {
  const text = `network: n\nbrokers:\n  a:\n${lines.map((line) => `    ${line}\n`).join('')}`
  const { topology, problems } = readTopology(text, 'test.yaml')
  const config = topology?.brokers.get('a')
  if (config === undefined) throw new Error(JSON.stringify(problems))
  return stationOptionsFromConfig(config, context)
}

const listener = ['transportConnectors:', '  - uri: stomp://127.0.0.1:1234']

test('a broker that says nothing gets its identity and safe bounds', (t) => {
  const options = optionsOf(listener)
  t.deepEqual(options.identity, {
    network: 'n',
    broker: 'a',
    ...context.identity,
    isTransit: true
  })
  t.is(options.serverName, 'postroad/1.2.3')
  t.is(options.users, undefined)
  t.deepEqual(
    options.listeners.map(({ uri }) => uri.text),
    ['stomp://127.0.0.1:1234']
  )
  t.true(options.stompLimits.outputQueuedBytesMax > 0)
  t.true(options.brokerLimits.refusalsMax > 0)
})

test('what the file says arrives where it counts', (t) => {
  const options = optionsOf([
    ...listener,
    'transit: false',
    'limits:',
    '  frameBytesMax: 1MiB',
    '  queueMessagesMax: 77',
    '  connectionsMax: 9',
    '  connectTimeout: 3s',
    '  prefetchDefault: 5'
  ])
  t.false(options.identity.isTransit)
  t.is(options.brokerLimits.queueMessagesMax, 77)
  t.like(options.stompLimits, {
    frameBytesMax: 1_048_576,
    connectionsMax: 9,
    connectTimeoutMs: 3_000,
    prefetchDefault: 5
  })
  const { bridges } = options.network
  t.is(bridges.greetingMsMax, 3_000)
  t.true(bridges.frameBytesMax! > 1_048_576)
})

// `policies` of a topology file: what they read to, and what is wrong with those that do not read.

import test from 'ava'
import { readTopology } from '../../src/config/index.ts'

function read(policies: string) {
  const listener = 'transportConnectors: [{uri: "stomp://h:1"}]'
  const text = `network: n\nbrokers:\n  a:\n    ${listener}\n    policies:\n${policies}`
  const { topology, problems } = readTopology(text, 't.yaml')
  const texts = problems.map(({ line, column, message, suggestion }) =>
    [`${line}:${column}`, message, suggestion ?? ''].join(' | ')
  )
  return { policies: topology?.brokers.get('a')?.policies, texts }
}

test('a policy that says nothing has the defaults of the broker', (t) => {
  t.deepEqual(read('      - destination: queue://orders.>\n'), {
    policies: [
      {
        kind: 'queue',
        pattern: 'orders.>',
        redelivery: {
          redeliveriesMax: 5,
          lostConnectionsMax: 20,
          delayMsInitial: 0,
          delayMultiplier: 1,
          delayMsMax: 60_000
        },
        deadLetter: { queue: 'shared', isForExpired: false }
      }
    ],
    texts: []
  })
})

test('policies keep their order and what they say', (t) => {
  const { policies } = read(`
      - destination: queue://orders.eu
        redelivery: { redeliveriesMax: 2, delay: 1s, delayMultiplier: 1.5, delayMax: 10s }
      - { destination: "topic://>", deadLetter: { queue: own, expired: true } }
`)
  t.deepEqual(
    policies?.map(({ kind, pattern }) => `${kind} ${pattern}`),
    ['queue orders.eu', 'topic >']
  )
  const { delayMsInitial, delayMultiplier, delayMsMax } = policies![0]!.redelivery
  t.deepEqual([delayMsInitial, delayMultiplier, delayMsMax], [1_000, 1.5, 10_000])
  t.deepEqual(policies![1]!.deadLetter, { queue: 'own', isForExpired: true })
})

test('a policy may bound its destinations', (t) => {
  const { policies, texts } = read(`
      - destination: queue://orders.>
        limits: { messagesMax: 1000, bytesMax: 64MiB, whenFull: refuse }
      - { destination: "topic://positions.>", limits: { whenFull: dropOldest } }
`)
  t.deepEqual(texts, [])
  t.deepEqual(policies![0]!.limits, {
    ...{ messagesMax: 1_000, bytesMax: 67_108_864, whenFull: 'refuse' }
  })
  t.deepEqual(policies![1]!.limits, { whenFull: 'dropOldest' })
})

test('what is wrong with the bounds of a policy is said, with what may be meant', (t) => {
  const { texts } = read(`
      - destination: queue://orders.>
        limits: { messagesMax: 0, bytesMax: 1KB, whenFull: refus }
      - destination: queue://a
        limits: { whenFull: dropOldest }
`)
  t.deepEqual(texts, [
    '8:32 | "messagesMax" must be a whole number from 1 to 1000000000000, not 0 | ',
    '8:45 | "bytesMax" must be a size from 1KiB to 1048576GiB, such as 1KiB, not "1KB" ' +
      '| did you mean 1KiB?',
    '8:60 | "whenFull" must be one of wait, refuse, dropOldest, not "refus" ' +
      '| did you mean "refuse"?',
    '10:29 | "whenFull" is dropOldest for "queue://a", and a queue drops nothing ' +
      '| use wait or refuse, or name a topic'
  ])
})

test('what is wrong with a policy is said where it stands, with what may be meant', (t) => {
  const { texts } = read(`
      - destination: orders
      - destination: queue://a
        redelivery: { redeliverysMax: 3, delay: soon }
      - destination: queue://b
        redelivery: { delay: 2m }
        deadLetter: { queue: mine }
`)
  t.deepEqual(texts, [
    '7:22 | "orders" is not a destination pattern, such as queue://orders.> or topic://prices.* ' +
      '| did you mean "queue://orders"?',
    '9:23 | key "redeliverysMax" is not known in "redelivery" | did you mean "redeliveriesMax"?',
    '9:49 | "delay" must be a duration from 0ms to 24h, such as 0ms, not "soon" | ',
    '11:30 | "delay" (2m) is longer than "delayMax" (1m) | set delayMax to 2m or more',
    '12:30 | "queue" must be one of shared, own, none, not "mine" | did you mean "none"?'
  ])
})

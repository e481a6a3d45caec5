// Selectors of subscriptions, as STOMP clients meet them; the language itself is tested in the
// broker.

import test from 'ava'
import { StompWorld } from '../../support/stomp-world.ts'

for (const kind of ['queue', 'topic']) {
  test(`a selector on a ${kind} lets matching messages through`, (t) => {
    const world = new StompWorld()
    const peer = world.client()
    const selector = "colour = 'red' AND size > 2"
    peer.send('SUBSCRIBE', { id: '1', destination: `/${kind}/a`, selector })
    for (const [colour, size] of [
      ['red', '3'],
      ['red', '1'],
      ['blue', '3'],
      ['red', '4']
    ] as const) {
      peer.send('SEND', { destination: `/${kind}/a`, colour, size }, `${colour}${size}`)
    }
    peer.send('SEND', { destination: `/${kind}/a` }, 'no headers')
    world.run()
    t.deepEqual(peer.bodies, ['red3', 'red4'])
  })
}

test('what no selector wants waits in the queue for one that does', (t) => {
  const world = new StompWorld()
  const red = world.client()
  red.send('SUBSCRIBE', { id: '1', destination: '/queue/a', selector: "colour = 'red'" })
  for (const colour of ['blue', 'red', 'green', 'blue']) {
    red.send('SEND', { destination: '/queue/a', colour }, colour)
  }
  world.run()
  t.deepEqual(red.bodies, ['red'])
  const blue = world.client()
  blue.send('SUBSCRIBE', { id: '1', destination: '/queue/a', selector: "colour = 'blue'" })
  world.run()
  t.deepEqual(blue.bodies, ['blue', 'blue'])
  const all = world.client()
  all.send('SUBSCRIBE', { id: '1', destination: '/queue/a', selector: '' })
  world.run()
  t.deepEqual(all.bodies, ['green'])
})

test('header values are read as the producer meant them, whatever its version', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  const selector = "path = 'C:\\cats' OR path = 'a:b'"
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', selector })
  for (const version of ['1.0', '1.1', '1.2'] as const) {
    const sender = world.client({ version })
    for (const path of ['C:\\cats', 'a:b']) {
      sender.send('SEND', { destination: '/queue/a', path }, `${version} ${path}`)
    }
  }
  world.run()
  t.is(peer.messages.length, 6)
})

test('a selector may ask for what the broker knows of a message', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  const selector =
    "JMSDeliveryMode = 'PERSISTENT' AND JMSDestination = '/topic/a' AND JMSType = 'x' " +
    "AND JMSCorrelationID = '7' AND JMSRedelivered = FALSE"
  peer.send('SUBSCRIBE', { id: '1', destination: '/topic/>', selector })
  const headers = { type: 'x', 'correlation-id': '7', persistent: 'true' }
  peer.send('SEND', { destination: '/topic/a', ...headers }, 'yes')
  peer.send('SEND', { destination: '/topic/b', ...headers }, 'no')
  peer.send('SEND', { destination: '/topic/a', ...headers, persistent: 'false' }, 'no')
  world.run()
  t.deepEqual(peer.bodies, ['yes'])
})

test('an error in a selector points at its column, and ends that connection only', (t) => {
  const world = new StompWorld()
  const witness = world.client()
  const peer = world.client()
  const selector = "colour = 'red' AND AND size > 2"
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', selector, receipt: 'r' })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /^selector, column 20: /)
  t.is(peer.error?.get('receipt-id'), 'r')
  const lines = peer.error!.text.split('\n')
  t.is(lines[1]?.indexOf('AND AND'), lines[2]!.indexOf('^') - 4)
  t.true(peer.isClosed)
  t.false(witness.isClosed)
  t.is(world.broker.queues.find('a'), undefined)
})

test('a selector over its length is refused', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  const selector = `colour = '${'x'.repeat(10_000)}'`
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', selector })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /selector/)
  t.true(peer.isClosed)
})

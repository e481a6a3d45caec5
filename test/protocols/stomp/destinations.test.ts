// Destinations as clients write them: prefixes, names, wildcards; and who gets what.

import test from 'ava'
import { StompWorld } from '../../support/stomp-world.ts'

const badToSend: readonly (readonly [string, RegExp])[] = [
  ['', /must start with \/queue\//],
  ['orders', /must start with \/queue\//],
  ['queue/orders', /must start with \/queue\//],
  ['/orders', /must start with \/queue\//],
  ['/Queue/orders', /must start with \/queue\//],
  ['/exchange/x', /must start with \/queue\//],
  ['/queue/', /is empty/],
  ['/topic/', /is empty/],
  ['/queue/a..b', /has an empty part/],
  ['/queue/.a', /has an empty part/],
  ['/queue/a b', /holds a space or a control character/],
  ['/queue/a\nb', /holds a space or a control character/],
  ['/queue/a\rb', /holds a space or a control character/],
  ['/queue/*', /holds a wildcard, and only a subscription may/],
  ['/queue/a.>', /holds a wildcard/],
  ['/topic/>', /holds a wildcard/],
  ['/queue/a*', /mixes a wildcard/],
  ['/queue/_postroad.x', /is reserved for the broker/],
  ['/topic/_postroad.x', /is reserved for the broker/],
  ['/temp-queue/_postroad.x', /is reserved for the broker/],
  ['/temp-queue/mine', /is not of this connection/]
]

for (const [destination, message] of badToSend) {
  test(`SEND to ${JSON.stringify(destination)} is refused`, (t) => {
    const world = new StompWorld()
    const peer = world.client()
    peer.send('SEND', { destination, receipt: 'r' }, 'x')
    world.run()
    t.regex(peer.error?.get('message') ?? '', message)
    t.is(peer.error?.get('receipt-id'), 'r')
    t.is(world.broker.counters.published, 0)
  })
}

const badToSubscribe: readonly (readonly [string, RegExp])[] = [
  ['', /must start with \/queue\//],
  ['/nowhere/a', /must start with \/queue\//],
  ['/queue/', /is empty/],
  ['/queue/>.a', /has ">" before its last part/],
  ['/queue/a.b*', /mixes a wildcard/],
  ['/queue/_postroad.admin.hub', /is reserved for the broker/],
  ['/topic/_postroad.>', /is reserved for the broker/],
  ['/temp-queue/', /is empty/],
  ['/temp-queue/*', /holds a wildcard/],
  ['/temp-queue/a b', /holds a space/]
]

for (const [destination, message] of badToSubscribe) {
  test(`SUBSCRIBE to ${JSON.stringify(destination)} is refused and leaves nothing`, (t) => {
    const world = new StompWorld()
    const peer = world.client()
    peer.send('SUBSCRIBE', { id: '1', destination, receipt: 'r' })
    world.run()
    t.regex(peer.error?.get('message') ?? '', message)
    t.is(peer.error?.get('receipt-id'), 'r')
    t.is(world.broker.topics.size, 0)
    t.deepEqual(world.broker.queues.all(), [])
  })
}

test('a name of 1,024 bytes is taken, one of 1,025 is not', (t) => {
  const world = new StompWorld()
  for (const kind of ['queue', 'topic']) {
    const peer = world.client()
    const destination = `/${kind}/${'ä'.repeat(511)}.b`
    peer.send('SUBSCRIBE', { id: '1', destination })
    peer.send('SEND', { destination }, 'x')
    world.run()
    t.is(peer.messages[0]?.get('destination'), destination)
    peer.send('SEND', { destination: `${destination}b` }, 'x')
    world.run()
    t.regex(peer.error?.get('message') ?? '', /is longer than 1024 bytes/)
  }
})

test('names may hold any printable character', (t) => {
  for (const version of ['1.0', '1.1', '1.2'] as const) {
    const world = new StompWorld()
    const peer = world.client({ version })
    const names = ['a:b', 'a\\b', 'a/b', '/queue/a', 'ä\u{1f600}', '"\'{}']
    for (const [id, name] of names.entries()) {
      peer.send('SUBSCRIBE', { id: `${id}`, destination: `/queue/${name}` })
      peer.send('SEND', { destination: `/queue/${name}` }, name)
    }
    world.run()
    t.deepEqual(peer.bodies, names)
    t.deepEqual(
      peer.messages.map((frame) => frame.get('destination')),
      names.map((name) => `/queue/${name}`)
    )
  }
})

test('a queue and a topic of one name are two destinations', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: 'q', destination: '/queue/a' })
  peer.send('SUBSCRIBE', { id: 't', destination: '/topic/a' })
  peer.send('SEND', { destination: '/queue/a' }, 'to the queue')
  peer.send('SEND', { destination: '/topic/a' }, 'to the topic')
  world.run()
  t.deepEqual(
    peer.messages.map((frame) => [frame.get('subscription'), frame.text]),
    [
      ['q', 'to the queue'],
      ['t', 'to the topic']
    ]
  )
})

const patterns: readonly (readonly [string, readonly string[]])[] = [
  ['a.*', ['a.b', 'a.c']],
  ['a.>', ['a.b', 'a.c', 'a.b.c']],
  ['*.b', ['a.b', 'x.b']],
  ['*', ['a']],
  ['>', ['a', 'a.b', 'a.c', 'a.b.c', 'x.b']],
  ['a.*.c', ['a.b.c']]
]

const names = ['a', 'a.b', 'a.c', 'a.b.c', 'x.b']

for (const kind of ['queue', 'topic']) {
  for (const [pattern, matching] of patterns) {
    test(`/${kind}/${pattern} gets what is sent to ${matching.join(', ')}`, (t) => {
      const world = new StompWorld()
      const sender = world.client()
      // Queues that exist before the subscription and queues made after it.
      if (kind === 'queue') {
        for (const name of ['a', 'a.b', 'a.b.c']) {
          sender.send('SEND', { destination: `/queue/${name}` }, `early ${name}`)
        }
        world.run()
      }
      const peer = world.client()
      peer.send('SUBSCRIBE', { id: '1', destination: `/${kind}/${pattern}` })
      world.run()
      const early = peer.take().map((frame) => frame.text)
      t.deepEqual(
        early.sort(),
        kind === 'queue'
          ? matching
              .filter((name) => name.startsWith('a') && name !== 'a.c')
              .map((n) => `early ${n}`)
          : []
      )
      for (const name of names) sender.send('SEND', { destination: `/${kind}/${name}` }, name)
      world.run()
      t.deepEqual(peer.bodies.sort(), [...matching].sort())
      t.true(peer.messages.every((frame) => frame.get('destination') === `/${kind}/${frame.text}`))
    })
  }
}

test('every subscriber of a topic gets its copy, two of one connection too', (t) => {
  const world = new StompWorld()
  const peers = [world.client(), world.client({ version: '1.1' }), world.client({ version: '1.0' })]
  for (const peer of peers) {
    peer.send('SUBSCRIBE', { id: 'x', destination: '/topic/a' })
    peer.send('SUBSCRIBE', { id: 'y', destination: '/topic/>' })
  }
  world.run()
  peers[0]!.send('SEND', { destination: '/topic/a', colour: 'red' }, 'hello')
  world.run()
  for (const peer of peers) {
    t.deepEqual(peer.messages.map((frame) => frame.get('subscription')).sort(), ['x', 'y'])
    t.true(peer.messages.every((frame) => frame.text === 'hello' && frame.get('colour') === 'red'))
  }
})

test('a topic keeps nothing for subscribers to come', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SEND', { destination: '/topic/a', persistent: 'true', receipt: 'r' }, 'x')
  peer.send('SUBSCRIBE', { id: '1', destination: '/topic/a' })
  world.run()
  t.deepEqual(peer.receipts, ['r'])
  t.deepEqual(peer.messages, [])
  t.is(world.broker.memory.bytesUsed, 0)
})

test('one connection may send to more destinations than it remembers', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/n.*' })
  const count = 700
  for (let round = 0; round < 2; round += 1) {
    for (let i = 0; i < count; i += 1) peer.send('SEND', { destination: `/queue/n.${i}` }, `${i}`)
  }
  world.run(500)
  t.is(peer.messages.length, 2 * count)
  t.true(peer.messages.every((frame) => frame.get('destination') === `/queue/n.${frame.text}`))
})

test('a queue too many is refused, and so is a topic subscription too many', (t) => {
  const world = new StompWorld({ broker: { destinationsMax: 2 } })
  const first = world.client()
  for (const name of ['a', 'b', 'a']) first.send('SEND', { destination: `/queue/${name}` }, 'x')
  world.run()
  t.is(first.error, undefined)
  first.send('SEND', { destination: '/queue/c' }, 'x')
  const second = world.client()
  for (const id of ['1', '2']) second.send('SUBSCRIBE', { id, destination: '/topic/a' })
  world.run()
  t.is(second.error, undefined)
  second.send('SUBSCRIBE', { id: '3', destination: '/topic/a' })
  world.run()
  t.regex(first.error?.get('message') ?? '', /already has 2 queues/)
  t.regex(second.error?.get('message') ?? '', /at most 2 topic subscriptions/)
  t.is(world.broker.topics.size, 0)
})

test('a connection may have as many subscriptions as the limit says', (t) => {
  const world = new StompWorld({ stomp: { subscriptionsPerConnectionMax: 3 } })
  const peer = world.client()
  for (const id of ['1', '2', '3']) peer.send('SUBSCRIBE', { id, destination: '/topic/a' })
  peer.send('UNSUBSCRIBE', { id: '2' })
  peer.send('SUBSCRIBE', { id: '4', destination: '/topic/a', receipt: 'r' })
  world.run()
  t.deepEqual(peer.receipts, ['r'])
  peer.send('SUBSCRIBE', { id: '5', destination: '/topic/a' })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /already has 3 subscriptions/)
})

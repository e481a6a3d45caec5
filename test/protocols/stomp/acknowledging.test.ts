// Acknowledgement modes, NACK, prefetch, and what happens to messages whose consumer leaves.

import test from 'ava'
import type { ReceivedFrame, StompPeer } from '../../support/stomp-peer.ts'
import { StompWorld } from '../../support/stomp-world.ts'

const ackClause = '[STOMP 1.2 ACK]'
const nackClause = '[STOMP 1.2 NACK]'
const versions = ['1.0', '1.1', '1.2'] as const

/** Sends `count` messages with bodies '0', '1' … to a queue. */
function produce(world: StompWorld, count: number, destination = '/queue/a'): StompPeer {
  const peer = world.client()
  for (let i = 0; i < count; i += 1) peer.send('SEND', { destination }, `${i}`)
  world.run()
  return peer
}

/** Acknowledges or refuses a message in the words of the peer's version. */
function settle(peer: StompPeer, message: ReceivedFrame, command: 'ACK' | 'NACK' = 'ACK'): void {
  const subscription = message.get('subscription')
  if (peer.version === '1.2') peer.send(command, { id: message.get('ack')! })
  else {
    const named = subscription === undefined ? {} : { subscription }
    peer.send(command, { ...named, 'message-id': message.get('message-id')! })
  }
}

function held(world: StompWorld, name = 'a'): number {
  return world.broker.queues.find(name)?.held ?? -1
}

for (const version of versions) {
  test(`ack:auto in ${version} settles as it delivers, and MESSAGE has no ack header`, (t) => {
    const world = new StompWorld()
    const peer = world.client({ version })
    peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
    produce(world, 3)
    t.deepEqual(peer.bodies, ['0', '1', '2'])
    t.is(held(world), 0)
    t.true(peer.messages.every((frame) => frame.get('ack') === undefined))
    peer.destroy()
    world.run()
    t.is(held(world), 0)
  })

  test(`ack:client in ${version} settles all up to the acknowledged one ${ackClause}`, (t) => {
    const world = new StompWorld()
    const peer = world.client({ version })
    peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' })
    produce(world, 5)
    t.is(held(world), 5)
    settle(peer, peer.messages[2]!)
    world.run()
    t.is(held(world), 2)
    settle(peer, peer.messages[4]!)
    world.run()
    t.is(held(world), 0)
    t.is(peer.error, undefined)
  })

  test(`ack:client-individual in ${version} settles that one only ${ackClause}`, (t) => {
    const world = new StompWorld()
    const peer = world.client({ version })
    peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client-individual' })
    produce(world, 5)
    for (const [index, left] of [
      [3, 4],
      [0, 3],
      [4, 2]
    ] as const) {
      settle(peer, peer.messages[index]!)
      world.run()
      t.is(held(world), left)
    }
    peer.destroy()
    const heir = world.client()
    heir.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
    world.run()
    t.deepEqual(heir.bodies, ['1', '2'])
  })

  test(`a message acknowledged twice in ${version}, or after a later one, is no error`, (t) => {
    const world = new StompWorld()
    const peer = world.client({ version })
    peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' })
    produce(world, 3)
    const [first, second] = peer.messages
    settle(peer, second!)
    settle(peer, second!)
    settle(peer, first!)
    settle(peer, first!, 'NACK')
    world.run()
    t.is(peer.error, undefined)
    t.is(held(world), 1)
    t.is(peer.messages.length, 3)
  })

  test(`an ACK in ${version} that crosses the end of its subscription is no error`, (t) => {
    const world = new StompWorld()
    const peer = world.client({ version })
    peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' })
    peer.send('SUBSCRIBE', { id: '2', destination: '/queue/a', ack: 'client' })
    produce(world, 1)
    const [message] = peer.messages
    peer.send('UNSUBSCRIBE', { id: message!.get('subscription')! })
    settle(peer, message!)
    world.run()
    t.is(peer.error, undefined)
    t.is(peer.messages.length, 2)
    t.is(held(world), 1, 'it was delivered anew, and that delivery is not settled')
  })

  for (const bad of ['nonsense', '1', '9-1', '1-9', '-1', '1-0', '0-1', '1-1x']) {
    test(`ACK of "${bad}" in ${version}, which was never delivered, is refused`, (t) => {
      const world = new StompWorld()
      const peer = world.client({ version })
      peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' })
      produce(world, 1)
      peer.send('ACK', { id: bad, 'message-id': bad, subscription: '1', receipt: 'r' })
      world.run()
      t.regex(peer.error?.get('message') ?? '', /is no message this connection was given/)
      t.is(peer.error?.get('receipt-id'), 'r')
      t.true(peer.isClosed)
      t.is(held(world), 1)
    })
  }

  test(`NACK in ${version} brings the message again, flagged, in its place ${nackClause}`, (t) => {
    const world = new StompWorld()
    const peer = world.client({ version })
    peer.send('SUBSCRIBE', {
      ...{ id: '1', destination: '/queue/a', ack: 'client-individual' },
      'activemq.prefetchSize': '2'
    })
    produce(world, 4)
    t.deepEqual(peer.bodies, ['0', '1'])
    settle(peer, peer.messages[0]!, 'NACK')
    world.run()
    t.deepEqual(peer.bodies, ['0', '1', '0'])
    t.deepEqual(
      peer.messages.map((frame) => frame.get('redelivered')),
      [undefined, undefined, 'true']
    )
    t.is(peer.messages[2]!.get('message-id'), peer.messages[0]!.get('message-id'))
  })
}

test('a 1.0 client without subscription ids acknowledges by message id', (t) => {
  const world = new StompWorld()
  const peer = world.client({ version: '1.0' })
  peer.send('SUBSCRIBE', { destination: '/queue/a', ack: 'client' })
  produce(world, 2)
  const [first] = peer.messages
  t.is(first!.get('subscription'), undefined)
  peer.send('ACK', { 'message-id': first!.get('message-id')! })
  world.run()
  t.is(held(world), 1)
})

test('in 1.1 the subscription header tells which of two deliveries is acknowledged', (t) => {
  const world = new StompWorld()
  const peer = world.client({ version: '1.1' })
  for (const id of ['x', 'y'])
    peer.send('SUBSCRIBE', { id, destination: '/topic/a', ack: 'client' })
  produce(world, 1, '/topic/a')
  t.is(peer.messages.length, 2)
  const messageId = peer.messages[0]!.get('message-id')!
  t.is(peer.messages[1]!.get('message-id'), messageId)
  peer.send('ACK', { subscription: 'y', 'message-id': messageId })
  peer.send('UNSUBSCRIBE', { id: 'y' })
  world.run()
  t.is(world.broker.notDelivered.get('subscriber-gone'), 0, 'y has settled its copy')
  peer.send('UNSUBSCRIBE', { id: 'x' })
  world.run()
  t.is(world.broker.notDelivered.get('subscriber-gone'), 1, 'x has not')
})

for (const version of ['1.0', '1.1'] as const) {
  test(`each ACK of one message id settles one of its copies in ${version}`, (t) => {
    const world = new StompWorld()
    produce(world, 2)
    // As when a broker in doubt has sent it again, and both have come.
    const { message } = world.broker.queues.find('a')!.ready.head!
    for (let copies = 0; copies < 2; copies += 1) world.broker.acceptForwarded(message)
    const peer = world.client({ version })
    peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client-individual' })
    world.run()
    t.deepEqual(peer.bodies, ['0', '1', '0', '0'])
    for (const left of [3, 2, 1]) {
      settle(peer, peer.messages[0]!)
      world.run()
      t.is(held(world), left)
    }
    settle(peer, peer.messages[1]!)
    world.run()
    t.is(held(world), 0)
  })
}

test('ack ids are unique over the subscriptions of a connection [STOMP 1.2 MESSAGE]', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  for (const id of ['x', 'y']) {
    peer.send('SUBSCRIBE', { id, destination: '/queue/a', ack: 'client-individual' })
  }
  produce(world, 20)
  t.is(new Set(peer.messages.map((frame) => frame.get('ack'))).size, 20)
  t.deepEqual(new Set(peer.messages.map((frame) => frame.get('subscription'))), new Set(['x', 'y']))
})

test('an unknown ack mode is refused', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'AUTO' })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /ack:"AUTO" is unknown; it must be auto, client or/)
})

test('six NACKs make a dead letter that says what, where from and why', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client-individual' })
  const sender = world.client()
  const headers = { destination: '/queue/a', persistent: 'true', colour: 'red', priority: '7' }
  sender.send('SEND', headers, 'poison')
  world.run()
  for (let i = 0; i < 6; i += 1) {
    t.is(peer.messages.length, i + 1)
    settle(peer, peer.messages[i]!, 'NACK')
    world.run()
  }
  t.is(peer.messages.length, 6)
  t.is(held(world), 0)
  const undertaker = world.client()
  undertaker.send('SUBSCRIBE', { id: '1', destination: '/queue/DLQ', ack: 'client' })
  world.run()
  const [letter] = undertaker.messages
  t.is(letter?.text, 'poison')
  t.is(letter?.get('destination'), '/queue/DLQ')
  t.is(letter?.get('dead-letter-reason'), 'refused')
  t.is(letter?.get('dead-letter-text'), 'refused 6 times')
  t.is(letter?.get('dead-letter-destination'), '/queue/a')
  t.is(letter?.get('dead-letter-message-id'), peer.messages[0]!.get('message-id'))
  t.is(letter?.get('colour'), 'red')
  t.is(letter?.get('priority'), '7')
  t.is(letter?.get('persistent'), 'true')
  t.is(world.broker.counters.deadLettered, 1)
})

test('a cumulative NACK brings all it covers again, in order', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client', 'prefetch-count': '3' })
  produce(world, 5)
  t.deepEqual(peer.bodies, ['0', '1', '2'])
  settle(peer, peer.messages[2]!, 'NACK')
  world.run()
  t.deepEqual(peer.bodies, ['0', '1', '2', '0', '1', '2'])
})

test('a cumulative NACK of very many messages brings them all again, in order', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  const headers = { id: '1', destination: '/queue/a', ack: 'client', 'prefetch-count': '20000' }
  peer.send('SUBSCRIBE', headers)
  produce(world, 20_000)
  world.run(1_000)
  t.is(peer.messages.length, 20_000)
  const queue = world.broker.queues.find('a')!
  const dispatched = queue.dispatched
  settle(peer, peer.messages[19_999]!, 'NACK')
  world.run(1_000)
  t.is(queue.dispatched - dispatched, 20_000)
  t.deepEqual(
    peer.bodies.slice(20_000),
    Array.from({ length: 20_000 }, (_, i) => `${i}`)
  )
})

const prefetches: readonly (readonly [Record<string, string>, number])[] = [
  [{ 'activemq.prefetchSize': '3' }, 3],
  [{ 'prefetch-count': '2' }, 2],
  [{ 'activemq.prefetchSize': '1', 'prefetch-count': '5' }, 1],
  [{ 'prefetch-count': '0' }, 20],
  [{}, 7]
]

for (const [headers, deliveries] of prefetches) {
  test(`prefetch ${JSON.stringify(headers)} gives ${deliveries} of 20 messages at once`, (t) => {
    const world = new StompWorld({ stomp: { prefetchDefault: 7 } })
    const peer = world.client()
    peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client', ...headers })
    produce(world, 20)
    t.is(peer.messages.length, deliveries)
    settle(peer, peer.messages[0]!)
    world.run()
    t.is(peer.messages.length, Math.min(20, deliveries + 1))
  })
}

for (const header of ['activemq.prefetchSize', 'prefetch-count']) {
  for (const bad of ['', '-1', 'x', '1.5', '1000001', '9999999999']) {
    test(`${header}:"${bad}" is refused`, (t) => {
      const world = new StompWorld()
      const peer = world.client()
      peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', [header]: bad })
      world.run()
      const message = peer.error?.get('message') ?? ''
      t.true(message.includes(`${header}:"${bad}" must be a whole number from 1 to 1000000`))
    })
  }
}

test('prefetch bounds nobody who acknowledges by ack:auto', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', 'prefetch-count': '1' })
  produce(world, 50)
  t.is(peer.messages.length, 50)
})

for (const end of ['destroy', 'DISCONNECT', 'UNSUBSCRIBE', 'ERROR'] as const) {
  test(`what a consumer leaves by ${end} goes to the next in order, flagged`, (t) => {
    const world = new StompWorld()
    const peer = world.client()
    peer.send('SUBSCRIBE', {
      id: '1',
      destination: '/queue/a',
      ack: 'client',
      'prefetch-count': '3'
    })
    produce(world, 5)
    const heir = world.client()
    heir.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' })
    world.run()
    t.deepEqual(heir.bodies, ['3', '4'])
    if (end === 'destroy') peer.destroy()
    else if (end === 'ERROR') peer.send('ACK', { id: 'wrong' })
    else peer.send(end, { id: '1' })
    world.run()
    t.deepEqual(heir.bodies, ['3', '4', '0', '1', '2'])
    t.deepEqual(
      heir.messages.map((frame) => frame.get('redelivered')),
      [undefined, undefined, 'true', 'true', 'true']
    )
  })
}

for (const end of ['destroy', 'DISCONNECT', 'ERROR'] as const) {
  test(`a connection that ends by ${end} gives nothing to its own other subscriptions`, (t) => {
    const world = new StompWorld()
    const peer = world.client()
    peer.send('SUBSCRIBE', { id: 'c', destination: '/queue/a', ack: 'client' })
    produce(world, 5)
    t.is(peer.messages.length, 5)
    // This one would settle at once what the other gives back, on a connection that is gone.
    peer.send('SUBSCRIBE', { id: 'a', destination: '/queue/a', ack: 'auto' })
    peer.send('SUBSCRIBE', { id: 'd', destination: '/queue/a', ack: 'client' })
    world.run()
    if (end === 'destroy') peer.destroy()
    else if (end === 'ERROR') peer.send('ACK', { id: 'wrong' })
    else peer.send('DISCONNECT')
    world.run()
    t.is(peer.messages.length, 5)
    t.is(held(world), 5)
    const heir = world.client()
    heir.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
    world.run()
    t.deepEqual(heir.bodies, ['0', '1', '2', '3', '4'])
  })
}

test('subscriptions of one connection to one queue take turns', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  for (const id of ['x', 'y']) {
    peer.send('SUBSCRIBE', { id, destination: '/queue/a', ack: 'client', 'prefetch-count': '2' })
  }
  produce(world, 10)
  const ids = peer.messages.map((frame) => frame.get('subscription'))
  t.deepEqual(ids, ['x', 'y', 'x', 'y'])
  settle(peer, peer.messages[3]!)
  world.run()
  t.deepEqual(
    peer.messages.slice(4).map((frame) => frame.get('subscription')),
    ['y', 'y']
  )
})

test('a subscription id in use is refused, and free again after UNSUBSCRIBE', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  peer.send('UNSUBSCRIBE', { id: '1' })
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/b' })
  produce(world, 1, '/queue/b')
  t.deepEqual(peer.bodies, ['0'])
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/c' })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /subscription id "1" is in use/)
})

test('UNSUBSCRIBE stops deliveries; what comes later waits in the queue', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  peer.send('UNSUBSCRIBE', { id: '1', receipt: 'r' })
  produce(world, 2)
  t.deepEqual(peer.receipts, ['r'])
  t.deepEqual(peer.messages, [])
  t.is(held(world), 2)
})

test('UNSUBSCRIBE of an id that is not there is refused', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('UNSUBSCRIBE', { id: 'x' })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /UNSUBSCRIBE names no subscription .* id "x"/)
})

test('a 1.0 client may unsubscribe by destination [STOMP 1.0 UNSUBSCRIBE]', (t) => {
  const world = new StompWorld()
  const peer = world.client({ version: '1.0' })
  peer.send('SUBSCRIBE', { destination: '/queue/a' })
  peer.send('UNSUBSCRIBE', { destination: '/queue/a', receipt: 'r' })
  produce(world, 1)
  t.deepEqual(peer.receipts, ['r'])
  t.deepEqual(peer.messages, [])
})

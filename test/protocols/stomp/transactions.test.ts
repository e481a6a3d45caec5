// Transactions of a connection: held back until COMMIT, forgotten otherwise.

import test from 'ava'
import { StompWorld } from '../../support/stomp-world.ts'

const clause = '[STOMP 1.2 BEGIN]'

function held(world: StompWorld, name = 'a'): number {
  return world.broker.queues.find(name)?.held ?? 0
}

test(`what is sent in a transaction comes at COMMIT, in order ${clause}`, (t) => {
  const world = new StompWorld()
  const consumer = world.client()
  consumer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  const peer = world.client()
  peer.send('BEGIN', { transaction: 't' })
  for (const body of ['1', '2', '3']) {
    peer.send('SEND', { destination: '/queue/a', transaction: 't' }, body)
  }
  peer.send('SEND', { destination: '/queue/a' }, 'outside')
  world.run()
  t.deepEqual(consumer.bodies, ['outside'])
  peer.send('COMMIT', { transaction: 't' })
  world.run()
  t.deepEqual(consumer.bodies, ['outside', '1', '2', '3'])
  t.is(consumer.messages[1]!.get('transaction'), undefined)
})

test(`ABORT forgets what was sent ${clause}`, (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('BEGIN', { transaction: 't' })
  peer.send('SEND', { destination: '/queue/a', transaction: 't' }, 'x')
  peer.send('ABORT', { transaction: 't', receipt: 'r' })
  world.run()
  t.deepEqual(peer.receipts, ['r'])
  t.is(world.broker.counters.published, 0)
  peer.send('COMMIT', { transaction: 't' })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /transaction "t" is not open/)
})

test('two transactions of one connection know nothing of each other', (t) => {
  const world = new StompWorld()
  const consumer = world.client()
  consumer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  const peer = world.client()
  for (const transaction of ['t', 'u', 'v']) {
    peer.send('BEGIN', { transaction })
    peer.send('SEND', { destination: '/queue/a', transaction }, transaction)
  }
  for (const [command, transaction] of [
    ['COMMIT', 'v'],
    ['ABORT', 't'],
    ['COMMIT', 'u']
  ] as const) {
    peer.send(command, { transaction })
  }
  world.run()
  t.deepEqual(consumer.bodies, ['v', 'u'])
})

test('ACK and NACK in a transaction wait for COMMIT and are undone by ABORT', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  const headers = { id: '1', destination: '/queue/a', ack: 'client-individual' }
  peer.send('SUBSCRIBE', headers)
  for (const body of ['1', '2', '3']) peer.send('SEND', { destination: '/queue/a' }, body)
  world.run()
  const ids = peer.messages.map((frame) => frame.get('ack')!)
  peer.send('BEGIN', { transaction: 't' })
  peer.send('ACK', { id: ids[0]!, transaction: 't' })
  peer.send('NACK', { id: ids[1]!, transaction: 't' })
  world.run()
  t.is(held(world), 3)
  peer.send('ABORT', { transaction: 't' })
  world.run()
  t.is(held(world), 3)
  t.is(peer.messages.length, 3)
  peer.send('BEGIN', { transaction: 't' })
  peer.send('ACK', { id: ids[0]!, transaction: 't' })
  peer.send('NACK', { id: ids[1]!, transaction: 't' })
  peer.send('ACK', { id: ids[0]!, transaction: 't' })
  peer.send('COMMIT', { transaction: 't' })
  world.run()
  t.is(held(world), 2)
  t.deepEqual(peer.bodies, ['1', '2', '3', '2'])
  t.is(peer.error, undefined)
})

test('an ACK in a transaction may outlive its subscription', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' })
  peer.send('SEND', { destination: '/queue/a' }, 'x')
  world.run()
  peer.send('BEGIN', { transaction: 't' })
  peer.send('ACK', { id: peer.messages[0]!.get('ack')!, transaction: 't' })
  peer.send('UNSUBSCRIBE', { id: '1' })
  peer.send('COMMIT', { transaction: 't', receipt: 'r' })
  world.run()
  t.deepEqual(peer.receipts, ['r'])
  t.is(held(world), 1)
})

for (const command of ['SEND', 'ACK', 'COMMIT', 'ABORT'] as const) {
  test(`${command} in a transaction that is not open is refused`, (t) => {
    const world = new StompWorld()
    const peer = world.client()
    peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' })
    peer.send('SEND', { destination: '/queue/a' }, 'x')
    world.run()
    const id = peer.messages[0]!.get('ack')!
    const body = command === 'SEND' ? 'y' : undefined
    const headers = { transaction: 'none', destination: '/queue/a', id, receipt: 'r' }
    peer.send(command, headers, body)
    world.run()
    t.regex(peer.error?.get('message') ?? '', /transaction "none" is not open/)
    t.is(peer.error?.get('receipt-id'), 'r')
    t.is(world.broker.counters.published, 1)
  })
}

test('an ACK of what is settled already still needs an open transaction', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' })
  peer.send('SEND', { destination: '/queue/a' }, 'x')
  world.run()
  const id = peer.messages[0]!.get('ack')!
  peer.send('ACK', { id })
  peer.send('ACK', { id, transaction: 'none' })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /transaction "none" is not open/)
})

test('BEGIN of an open transaction is refused, and nothing of it takes effect', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('BEGIN', { transaction: 't' })
  peer.send('SEND', { destination: '/queue/a', transaction: 't' }, 'x')
  peer.send('BEGIN', { transaction: 't' })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /transaction "t" is already open/)
  t.is(world.broker.counters.published, 0)
})

test('a name is free again after COMMIT and after ABORT', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  for (const end of ['COMMIT', 'ABORT', 'COMMIT'] as const) {
    peer.send('BEGIN', { transaction: 't' })
    peer.send('SEND', { destination: '/queue/a', transaction: 't' }, end)
    peer.send(end, { transaction: 't' })
  }
  world.run()
  t.is(held(world), 2)
  t.is(peer.error, undefined)
})

test('more than 100 open transactions are refused', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  for (let i = 0; i < 100; i += 1) peer.send('BEGIN', { transaction: `${i}` })
  world.run()
  t.is(peer.error, undefined)
  peer.send('BEGIN', { transaction: '100' })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /more than 100 transactions/)
})

test('open transactions together hold no more than their limit', (t) => {
  const world = new StompWorld({ stomp: { transactionBytesMax: 10_000 } })
  const peer = world.client()
  const body = Buffer.alloc(4_000, 'x')
  for (let round = 0; round < 5; round += 1) {
    for (const transaction of ['t', 'u']) {
      peer.send('BEGIN', { transaction })
      peer.send('SEND', { destination: '/queue/a', transaction }, body)
    }
    peer.send('COMMIT', { transaction: 't' })
    peer.send('ABORT', { transaction: 'u' })
  }
  world.run()
  t.is(peer.error, undefined, 'what was committed or aborted counts no more')
  t.is(held(world), 5)
  for (const transaction of ['t', 'u', 'v']) {
    peer.send('BEGIN', { transaction })
    peer.send('SEND', { destination: '/queue/a', transaction }, body)
  }
  world.run()
  t.regex(peer.error?.get('message') ?? '', /more than 10000 bytes \(limits\.transactionBytesMax\)/)
})

test('acknowledgements in transactions count towards the limit', (t) => {
  const world = new StompWorld({ stomp: { transactionBytesMax: 1_000 } })
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' })
  peer.send('SEND', { destination: '/queue/a' }, 'x')
  world.run()
  const id = peer.messages[0]!.get('ack')!
  peer.send('BEGIN', { transaction: 't' })
  for (let i = 0; i < 50; i += 1) peer.send('ACK', { id, transaction: 't' })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /more than 1000 bytes/)
})

test('a connection that dies in the middle of a transaction leaves nothing of it', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' })
  peer.send('SEND', { destination: '/queue/a' }, 'x')
  world.run()
  peer.send('BEGIN', { transaction: 't' })
  peer.send('ACK', { id: peer.messages[0]!.get('ack')!, transaction: 't' })
  peer.send('SEND', { destination: '/queue/b', transaction: 't' }, 'y')
  world.run()
  peer.destroy()
  world.run()
  t.is(held(world), 1)
  t.is(world.broker.queues.find('b'), undefined)
})

test('a COMMIT that cannot be carried out whole is not carried out at all', (t) => {
  // The admin service is not part of this world: two queues are all there may be.
  const world = new StompWorld({ broker: { destinationsMax: 2 } })
  const peer = world.client()
  peer.send('BEGIN', { transaction: 't' })
  for (const name of ['a', 'b', 'c']) {
    peer.send('SEND', { destination: `/queue/${name}`, transaction: 't' }, name)
  }
  peer.send('COMMIT', { transaction: 't', receipt: 'r' })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /already has 2 queues/)
  t.is(peer.error?.get('receipt-id'), 'r')
  t.is(world.broker.counters.published, 0)
  t.is(held(world, 'a') + held(world, 'b'), 0)
})

test('a COMMIT into a full queue is carried out whole, then the producer waits', (t) => {
  const world = new StompWorld({ broker: { queueMessagesMax: 3 } })
  const peer = world.client()
  peer.send('BEGIN', { transaction: 't' })
  for (let i = 0; i < 6; i += 1) {
    peer.send('SEND', { destination: '/queue/a', transaction: 't' }, `${i}`)
  }
  peer.send('COMMIT', { transaction: 't', receipt: 'r' })
  peer.send('SEND', { destination: '/queue/a', receipt: 's' }, '6')
  world.run()
  t.deepEqual(peer.receipts, ['r'])
  t.is(held(world), 6)
  t.is(world.server.registry.pausedProducers, 1)
  const consumer = world.client()
  consumer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  world.run()
  t.deepEqual(consumer.bodies, ['0', '1', '2', '3', '4', '5', '6'])
  t.deepEqual(peer.receipts, ['r', 's'])
})

test('a message in a transaction keeps its bytes while others are sent', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  const sizes = [0, 1, 100, 5_000, 70_000]
  peer.send('BEGIN', { transaction: 't' })
  for (const size of sizes) {
    const headers = { destination: '/queue/a', transaction: 't', size: `${size}` }
    peer.send('SEND', headers, Buffer.alloc(size, size % 251))
    peer.send('SEND', { destination: '/queue/b' }, Buffer.alloc(2_000, 0xff))
  }
  peer.send('COMMIT', { transaction: 't' })
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  world.run(500)
  t.deepEqual(
    peer.messages.map((frame) => Number(frame.get('size'))),
    sizes
  )
  for (const frame of peer.messages) {
    const size = Number(frame.get('size'))
    t.true(frame.body.equals(Buffer.alloc(size, size % 251)))
  }
})

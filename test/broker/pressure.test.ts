// When a broker tells the others that a destination has enough here, and when that is over.

import test from 'ava'
import { BrokerWorld, numbers } from '../support/broker-world.ts'

const topic = { kind: 'topic', to: 'prices' } as const
const prices = { kind: 'topic', pattern: 'prices' } as const
const durable = { clientId: 'shop', subscriptionName: 'till' }

function aWorld(limits: ConstructorParameters<typeof BrokerWorld>[0] = {}) {
  const world = new BrokerWorld({ demandBacklogMessagesMax: 4, ...limits })
  world.joinNobody()
  return world
}

/** What was told beyond consumers that came and went. */
function told(world: BrokerWorld): string[] {
  return world.demand.filter((line) => !/^[+-]/.test(line))
}

test('a backlog for consumers here is told at its mark, and its end at half of it', (t) => {
  const world = aWorld()
  const consumer = world.subscribe({ credit: 0 })
  world.publishAll(numbers(3))
  t.deepEqual(told(world), [])
  world.publishAll(['4', '5'])
  t.deepEqual(told(world), ['full queue://orders'])
  consumer.grant(2)
  t.deepEqual(told(world), ['full queue://orders'])
  consumer.grant(2)
  t.deepEqual(told(world), ['full queue://orders', 'room queue://orders'])
  world.publishAll(['6', '7'])
  t.is(told(world).length, 2)
})

test('a backlog without consumers here is none for other brokers', (t) => {
  const world = aWorld()
  world.publishAll(numbers(9))
  t.deepEqual(told(world), [])
  const consumer = world.subscribe({ credit: 0 })
  t.deepEqual(told(world), ['full queue://orders'])
  consumer.die()
  t.deepEqual(told(world), ['full queue://orders', 'room queue://orders'])
})

test('what a dead consumer gives back counts as backlog for those who are left', (t) => {
  const world = aWorld()
  world.subscribe({ credit: 0 })
  const dying = world.subscribe({ credit: 9 })
  world.publishAll(numbers(6))
  t.deepEqual(told(world), [])
  dying.die()
  t.deepEqual(told(world), ['full queue://orders'])
})

test('few messages that fill the queue by bytes are told too', (t) => {
  const world = aWorld({ queueBytesMax: 10_000 })
  const consumer = world.subscribe({ credit: 1, settles: true })
  world.publishAll(['x', 'y'.repeat(9_000)])
  t.deepEqual(told(world), [])
  world.broker.acceptForwarded(world.aForwarded({ body: 'z'.repeat(2_000) }))
  t.deepEqual(told(world), ['full queue://orders'])
  consumer.grant(1)
  t.deepEqual(told(world), ['full queue://orders', 'room queue://orders'])
})

test('messages its consumers hold unsettled fill a queue as well', (t) => {
  const world = aWorld({ queueMessagesMax: 5, demandBacklogMessagesMax: 100 })
  const consumer = world.subscribe()
  for (const body of numbers(5)) world.broker.acceptForwarded(world.aForwarded({ body }))
  t.deepEqual(told(world), ['full queue://orders'])
  consumer.ack(1)
  t.deepEqual(told(world), ['full queue://orders', 'room queue://orders'])
})

test('while the broker’s memory is full, whatever waits for consumers here is told', (t) => {
  const world = aWorld({ memoryBytesMax: 10_000 })
  const big = world.subscribe({ credit: 0, settles: true }, { pattern: 'big' })
  const small = world.subscribe({ credit: 0, settles: true }, { pattern: 'small' })
  const idle = world.subscribe({ settles: true }, { pattern: 'idle' })
  world.publish({ to: 'small', body: '1' })
  world.publish({ to: 'big', body: 'x'.repeat(11_000) })
  t.deepEqual(told(world), ['full queue://big'])
  world.publish({ to: 'small', body: '2' })
  world.publish({ to: 'idle', body: '3' })
  t.is(idle.deliveries.length, 1)
  t.deepEqual(told(world).slice(1), ['full queue://small'])
  small.grant(9)
  t.deepEqual(told(world).slice(2), ['room queue://small'])
  big.grant(9)
  t.deepEqual(told(world).slice(3), ['room queue://big'])
})

test('a queue that is told full for want of memory is looked at again from time to time', (t) => {
  const world = aWorld({ memoryBytesMax: 10_000 })
  const big = world.subscribe({ credit: 0, settles: true }, { pattern: 'big' })
  world.subscribe({ credit: 0 }, { pattern: 'small' })
  world.publish({ to: 'big', body: 'x'.repeat(11_000) })
  world.publish({ to: 'small', body: '1' })
  big.grant(1)
  t.deepEqual(told(world).slice(2), ['room queue://big'])
  world.broker.sweep()
  t.deepEqual(told(world).slice(3), ['room queue://small'])
})

test('a topic is full while any of its subscriptions is, and room is told once', (t) => {
  const world = aWorld()
  const a = world.subscribe({ credit: 0 }, prices)
  const b = world.subscribe({ credit: 0 }, prices)
  world.publishAll(numbers(4), topic)
  t.deepEqual(told(world), ['full topic://prices'])
  a.grant(9)
  t.deepEqual(told(world), ['full topic://prices'])
  b.grant(9)
  t.deepEqual(told(world), ['full topic://prices', 'room topic://prices'])
})

test('subscriptions that end while they are full give room', (t) => {
  const world = aWorld()
  const a = world.subscribe({ credit: 0 }, prices)
  const b = world.subscribe({ credit: 0 }, prices)
  world.publishAll(numbers(5), topic)
  a.die()
  t.deepEqual(told(world), ['full topic://prices'])
  b.die()
  t.deepEqual(told(world), ['full topic://prices', 'room topic://prices'])
  world.subscribe({ credit: 0 }, prices)
  world.publishAll(numbers(4), topic)
  t.is(told(world).length, 3)
})

test('a durable subscription holds other brokers back when it is full, here or away', (t) => {
  const world = aWorld({ queueMessagesMax: 10 })
  const consumer = world.subscribe({ credit: 0, settles: true }, { ...prices, durable })
  world.publishAll(numbers(9), topic)
  t.deepEqual(told(world), [])
  consumer.die()
  world.broker.acceptForwarded(world.aForwarded({ ...topic, body: '10' }))
  t.deepEqual(told(world), ['full topic://prices'])
  const again = world.subscribe({ credit: 0, settles: true }, { ...prices, durable })
  t.is(told(world).length, 1)
  again.grant(2)
  t.deepEqual(told(world), ['full topic://prices', 'room topic://prices'])
})

test('a full durable subscription that is deleted or replaced gives room', (t) => {
  for (const isReplaced of [true, false]) {
    const world = aWorld({ queueMessagesMax: 3 })
    world.subscribe({ credit: 0 }, { ...prices, durable }).die()
    world.publishAll(numbers(3), topic)
    if (isReplaced) world.subscribe({}, { kind: 'topic', pattern: 'other', durable })
    else world.broker.deleteDurable(durable)
    t.deepEqual(told(world), ['full topic://prices', 'room topic://prices'])
  }
})

test('expiry gives room too', (t) => {
  const world = aWorld()
  world.subscribe({ credit: 0 })
  world.publishAll(numbers(4), { expiresInMs: 100 })
  world.run(101)
  world.broker.sweep()
  t.deepEqual(told(world), ['full queue://orders', 'room queue://orders'])
})

test('temporary queues tell nobody', (t) => {
  const world = aWorld()
  const queue = world.broker.createTemporaryQueue()
  world.subscribe({ credit: 0 }, { kind: 'temp-queue', pattern: queue.name })
  world.publishAll(numbers(9), { kind: 'temp-queue', to: queue.name })
  t.deepEqual(world.demand, [])
})

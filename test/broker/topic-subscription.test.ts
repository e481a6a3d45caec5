// Topic subscriptions: who gets a copy, what a durable one keeps, and what a slow consumer does to
// its producers: it paces them, is cut loose when it takes nothing, and paces them again when it
// does.

import test from 'ava'
import { isPostroadError } from '../../src/base/index.ts'
import { type FlowGate, selectorFilter } from '../../src/broker/index.ts'
import { BrokerWorld, numbers } from '../support/broker-world.ts'

const topic = { kind: 'topic', to: 'prices' } as const
const prices = { kind: 'topic', pattern: 'prices' } as const
const durable = { clientId: 'shop', subscriptionName: 'till' }

function slowWorld() {
  const world = new BrokerWorld({
    topicPendingMessagesMax: 10,
    topicPendingBytesMax: 100_000,
    demandBacklogMessagesMax: 6,
    slowConsumerPatienceMs: 1_000
  })
  world.joinNobody()
  return world
}

function countsOpening(gate: FlowGate | undefined): () => number {
  let opened = 0
  gate!.wait(() => {
    opened += 1
  })
  return () => opened
}

test('every matching subscription gets its own copy', (t) => {
  const world = new BrokerWorld()
  const plain = world.subscribe({}, prices)
  const wild = world.subscribe({}, { kind: 'topic', pattern: 'prices.>' })
  const all = world.subscribe({}, { kind: 'topic', pattern: '>' })
  world.publish({ ...topic, body: '1' })
  world.publish({ ...topic, to: 'prices.gold', body: '2' })
  t.deepEqual(plain.bodies(), ['1'])
  t.deepEqual(wild.bodies(), ['2'])
  t.deepEqual(all.bodies(), ['1', '2'])
})

test('who subscribes or leaves between two messages gets the second, or only the first', (t) => {
  const world = new BrokerWorld()
  const early = world.subscribe({}, prices)
  world.publish({ ...topic, body: '1' })
  const late = world.subscribe({}, prices)
  early.die()
  world.publish({ ...topic, body: '2' })
  t.deepEqual(early.bodies(), ['1'])
  t.deepEqual(late.bodies(), ['2'])
})

test('a subscription’s selector lets through what it wants', (t) => {
  const world = new BrokerWorld()
  const gold = world.subscribe({ filter: selectorFilter("metal = 'gold'") }, prices)
  world.publish({ ...topic, body: '1', headers: 'metal:gold\n' })
  world.publish({ ...topic, body: '2', headers: 'metal:tin\n' })
  t.deepEqual(gold.bodies(), ['1'])
})

test('a topic without subscribers keeps nothing', (t) => {
  const world = new BrokerWorld()
  world.publish({ ...topic, body: '1' })
  t.is(world.broker.memory.bytesUsed, 0)
  t.deepEqual(world.subscribe({}, prices).bodies(), [])
})

test('what waits for a subscriber that leaves is dropped, counted and accounted', (t) => {
  const world = new BrokerWorld()
  const consumer = world.subscribe({ credit: 1 }, prices)
  world.publishAll(numbers(3), topic)
  consumer.die()
  t.is(world.broker.notDelivered.get('subscriber-gone'), 3)
  t.is(world.broker.memory.bytesUsed, 0)
  t.is(world.broker.topics.size, 0)
})

test('a durable subscription keeps messages while its consumer is away', (t) => {
  const world = new BrokerWorld()
  const first = world.subscribe({ credit: 1 }, { ...prices, durable })
  world.publish({ ...topic, body: '1' })
  first.die()
  world.publish({ ...topic, body: '2' })
  const second = world.subscribe({}, { ...prices, durable })
  t.deepEqual(second.bodies(), ['r1', '2'])
  t.is(world.broker.topics.size, 1)
})

test('a durable subscription has one consumer at a time', (t) => {
  const world = new BrokerWorld()
  world.subscribe({}, { ...prices, durable })
  const error = t.throws(() => world.subscribe({}, { ...prices, durable }))
  t.true(isPostroadError(error, 'LOCAL_LIMIT_REACHED'))
  t.regex(error!.message, /"till" of client "shop" is in use/)
  t.throws(() => world.broker.deleteDurable(durable), { message: /in use/ })
  t.notThrows(() => world.subscribe({}, { ...prices, durable: { ...durable, clientId: 'b' } }))
})

test('with another pattern or selector a durable subscription begins anew', (t) => {
  for (const change of [{ pattern: 'prices.>' }, { filter: selectorFilter('a = 1') }]) {
    const world = new BrokerWorld()
    world.joinNobody()
    world.subscribe({ credit: 0 }, { ...prices, durable }).die()
    world.publish({ ...topic, body: '1' })
    const { filter } = { filter: undefined, ...change }
    const again = world.subscribe({ filter }, { ...prices, durable, ...change })
    t.deepEqual(again.bodies(), [])
    t.is(world.broker.topics.size, 1)
    t.is(world.broker.memory.bytesUsed, 0)
    t.is(world.demand.filter((line) => line.startsWith('+')).length, 2)
    t.is(world.demand.filter((line) => line.startsWith('-')).length, 1)
  }
})

test('a deleted durable subscription is gone with what it held', (t) => {
  const world = new BrokerWorld()
  world.joinNobody()
  world.subscribe({}, { ...prices, durable }).die()
  world.publishAll(['1', '2'], topic)
  t.true(world.broker.deleteDurable(durable))
  t.false(world.broker.deleteDurable(durable))
  t.is(world.broker.memory.bytesUsed, 0)
  t.deepEqual(world.demand, ['+topic://prices 1', '-topic://prices 1'])
})

test('one subscription too many is refused, and nothing of it stays', (t) => {
  const world = new BrokerWorld({ destinationsMax: 1 })
  world.joinNobody()
  world.subscribe({}, prices)
  const error = t.throws(() => world.subscribe({}, { kind: 'topic', pattern: 'other' }))
  t.true(isPostroadError(error, 'LOCAL_LIMIT_REACHED'))
  t.is(world.demand.length, 1)
})

test('names of durable subscriptions that look alike are not mixed up', (t) => {
  const world = new BrokerWorld()
  const pairs = [
    { clientId: 'a.b', subscriptionName: 'c' },
    { clientId: 'a', subscriptionName: 'b.c' },
    { clientId: 'a/b', subscriptionName: 'c' },
    { clientId: 'a', subscriptionName: 'b/c' },
    { clientId: '1/a', subscriptionName: 'b' }
  ]
  for (const name of pairs) world.subscribe({}, { ...prices, durable: name }).die()
  world.publish({ to: 'durable.a.b.c', body: 'queue', isPersistent: true })
  world.publish({ ...topic, body: 'topic', isPersistent: true })
  world.run(100)
  t.is(world.store.queues().length, pairs.length + 1)
})

test('a slow consumer paces its producers: they wait, and go on when it took some', (t) => {
  const world = slowWorld()
  const consumer = world.subscribe({ credit: 0, settles: true }, prices)
  for (const body of numbers(9)) t.is(world.publish({ ...topic, body }), undefined)
  const gate = world.publish({ ...topic, body: '10' })
  const opened = countsOpening(gate)
  consumer.grant(1)
  t.is(opened(), 0)
  consumer.grant(1)
  t.is(opened(), 1)
  t.is(world.broker.notDelivered.get('slow-consumer'), 0)
  consumer.grant(99)
  t.deepEqual(consumer.bodies(), numbers(10))
})

test('a consumer that takes nothing for its patience is cut loose and loses its oldest', (t) => {
  const world = slowWorld()
  const consumer = world.subscribe({ credit: 0, settles: true }, prices)
  world.publishAll(numbers(9), topic)
  const opened = countsOpening(world.publish({ ...topic, body: '10' }))
  world.run(999)
  t.is(opened(), 0)
  world.run(1)
  t.is(opened(), 1)
  t.is(world.logger.find('slow-consumer').length, 1)
  for (const body of numbers(15, 11)) t.is(world.publish({ ...topic, body }), undefined)
  t.is(world.broker.notDelivered.get('slow-consumer'), 5)
  t.is(world.broker.topics.all()[0]!.dropped, 5)
  consumer.grant(99)
  t.deepEqual(consumer.bodies(), numbers(15, 6))
})

test('dropping its own messages is no progress of a stuck consumer', (t) => {
  const world = slowWorld()
  world.subscribe({ credit: 0 }, prices)
  world.publishAll(numbers(11), topic)
  world.run(1_000)
  for (let i = 0; i < 50; i += 1) t.is(world.publish({ ...topic, body: 'x' }), undefined)
  t.is(world.logger.find('slow-consumer').length, 1)
  t.is(world.broker.topics.all()[0]!.queue.held, 10)
})

test('dropping a few large messages is no progress either', (t) => {
  const world = slowWorld()
  world.subscribe({ credit: 0 }, prices)
  world.publishAll(['x'.repeat(40_000), 'y'.repeat(40_000), 'z'.repeat(40_000)], topic)
  world.run(1_000)
  for (let i = 0; i < 20; i += 1) {
    t.is(world.publish({ ...topic, body: 'w'.repeat(60_000) }), undefined)
    t.true(world.broker.topics.all()[0]!.queue.bytes <= 100_000)
  }
  t.is(world.logger.find('slow-consumer').length, 1)
})

test('expired messages are no progress of a stuck consumer', (t) => {
  const world = slowWorld()
  world.subscribe({ credit: 0 }, prices)
  world.publishAll(numbers(5), { ...topic, expiresInMs: 500 })
  world.publishAll(numbers(10), topic)
  world.run(600)
  world.broker.sweep()
  t.is(world.broker.notDelivered.get('expired'), 5)
  world.run(400)
  t.is(world.logger.find('slow-consumer').length, 1)
})

test('progress ends it: a consumer that takes some again paces again', (t) => {
  const world = slowWorld()
  const consumer = world.subscribe({ credit: 0, settles: true }, prices)
  world.publishAll(numbers(10), topic)
  world.run(1_000)
  t.deepEqual(world.demand.slice(1), ['full topic://prices', 'room topic://prices'])
  consumer.grant(1)
  world.publish({ ...topic, body: '11' })
  t.deepEqual(world.demand.slice(3), ['full topic://prices'])
  const gate = world.publish({ ...topic, body: '12' })
  t.not(gate, undefined)
  t.is(world.broker.notDelivered.get('slow-consumer'), 0)
})

test('a consumer that takes at least one in each patience is never cut loose', (t) => {
  const world = slowWorld()
  const consumer = world.subscribe({ credit: 0, settles: true }, prices)
  world.publishAll(numbers(12), topic)
  for (let i = 0; i < 9; i += 1) {
    world.run(900)
    consumer.grant(1)
    world.publish({ ...topic, body: 'more' })
  }
  t.deepEqual(world.logger.find('slow-consumer'), [])
  t.is(world.broker.notDelivered.get('slow-consumer'), 0)
})

test('producers that do not wait meet the hard bound, whatever the sizes', (t) => {
  const world = slowWorld()
  world.subscribe({ credit: 0 }, prices)
  for (let i = 0; i < 60; i += 1) world.publish({ ...topic, body: 'small' })
  for (let i = 0; i < 60; i += 1) world.publish({ ...topic, body: 'x'.repeat(20_000) })
  const { queue } = world.broker.topics.all()[0]!
  t.true(queue.bytes <= 400_000, `${queue.bytes}`)
  t.true(world.broker.notDelivered.get('slow-consumer') > 60)
})

test('a full durable subscription holds producers back for as long as it takes', (t) => {
  const world = new BrokerWorld({ queueMessagesMax: 3, slowConsumerPatienceMs: 1_000 })
  const consumer = world.subscribe({ credit: 0, settles: true }, { ...prices, durable })
  world.publishAll(['1', '2'], topic)
  const opened = countsOpening(world.publish({ ...topic, body: '3' }))
  world.run(60_000)
  t.is(opened(), 0)
  t.is(world.broker.notDelivered.get('slow-consumer'), 0)
  consumer.grant(1)
  t.is(opened(), 1)
})

test('patience that runs when the subscription ends does nothing more', (t) => {
  const world = slowWorld()
  const consumer = world.subscribe({ credit: 0 }, prices)
  world.publishAll(numbers(10), topic)
  consumer.die()
  world.run(5_000)
  t.deepEqual(world.logger.find('slow-consumer'), [])
  t.deepEqual(world.demand.at(-1), '-topic://prices 10')
})

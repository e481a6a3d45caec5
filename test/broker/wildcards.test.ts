// Queues by name and by pattern: wildcards attach to queues that exist and to those that come, and
// queues nobody uses go away.

import test from 'ava'
import { isPostroadError } from '../../src/base/index.ts'
import { BrokerWorld } from '../support/broker-world.ts'

/** More rounds of periodic work than an unused queue outlives. */
const manySweeps = 14

function sweepOften(world: BrokerWorld): void {
  for (let i = 0; i < manySweeps; i += 1) {
    world.run(5_000)
    world.broker.sweep()
  }
}

test('a wildcard takes from matching queues, present and to come', (t) => {
  const world = new BrokerWorld()
  world.publish({ to: 'orders.eu', body: 'eu1' })
  world.publish({ to: 'orders', body: 'no' })
  world.publish({ to: 'orders.eu.old', body: 'deep1' })
  const one = world.subscribe({ credit: 9 }, { pattern: 'orders.*' })
  const deep = world.subscribe({ credit: 9 }, { pattern: 'orders.*.>' })
  world.publish({ to: 'orders.us', body: 'us1' })
  world.publish({ to: 'orders.us.old', body: 'deep2' })
  t.deepEqual(one.bodies(), ['eu1', 'us1'])
  t.deepEqual(deep.bodies(), ['deep1', 'deep2'])
  t.is(world.broker.queues.find('orders')!.ready.length, 1)
})

test('a wildcard shares each queue with the consumers of its name', (t) => {
  const world = new BrokerWorld()
  const wild = world.subscribe({}, { pattern: '>' })
  const named = world.subscribe()
  for (const body of ['1', '2', '3', '4']) world.publish({ body })
  t.is(wild.deliveries.length, 2)
  t.is(named.deliveries.length, 2)
})

test('the one credit of a wildcard is spent over all its queues, which take turns', (t) => {
  const world = new BrokerWorld()
  const wild = world.subscribe({ credit: 0 }, { pattern: '>' })
  for (const to of ['a', 'b', 'c']) {
    for (let i = 1; i <= 4; i += 1) world.publish({ to, body: `${to}${i}` })
  }
  const first = []
  for (let i = 0; i < 6; i += 1) {
    wild.grant(1)
    first.push(wild.taken()[0]!)
  }
  t.is(first.length, 6)
  t.deepEqual([...new Set(first.slice(0, 3).map((body) => body[0]))].sort(), ['a', 'b', 'c'])
  t.is(wild.credit, 0)
  wild.grant(100)
  t.is(wild.deliveries.length, 6)
})

test('after its credit ran out a wildcard is served by queues it has not asked for long', (t) => {
  const world = new BrokerWorld()
  const wild = world.subscribe({ credit: 1 }, { pattern: '>' })
  world.publish({ to: 'a', body: 'a1' })
  world.publish({ to: 'b', body: 'b1' })
  wild.ack()
  wild.grant(2)
  t.deepEqual(wild.taken(), ['a1', 'b1'])
  world.publish({ to: 'b', body: 'b2' })
  t.deepEqual(wild.taken(), ['b2'])
})

test('a queue that is empty and unused for long goes away, wildcards or not', (t) => {
  const world = new BrokerWorld()
  const wild = world.subscribe({ settles: true }, { pattern: '>' })
  world.publish({ to: 'seldom', body: '1' })
  const queue = world.broker.queues.find('seldom')!
  sweepOften(world)
  t.is(world.broker.queues.find('seldom'), undefined)
  t.true(queue.isRemoved)
  t.is(queue.consumers.local.length, 0)
  world.publish({ to: 'seldom', body: '2' })
  t.deepEqual(wild.bodies(), ['1', '2'])
})

test('a queue stays while it holds a message, waiting or delivered', (t) => {
  const world = new BrokerWorld()
  world.publish({ to: 'waiting' })
  const consumer = world.subscribe({}, { pattern: '*' })
  world.publish({ to: 'delivered' })
  sweepOften(world)
  t.not(world.broker.queues.find('delivered'), undefined)
  consumer.die()
  sweepOften(world)
  t.not(world.broker.queues.find('waiting'), undefined)
  t.is(world.broker.queues.find('waiting')!.ready.length, 1)
})

test('a queue stays while a consumer asked for it by name', (t) => {
  const world = new BrokerWorld()
  const named = world.subscribe()
  world.subscribe({}, { pattern: '>' })
  sweepOften(world)
  t.not(world.broker.queues.find('orders'), undefined)
  named.die()
  sweepOften(world)
  t.is(world.broker.queues.find('orders'), undefined)
})

test('arrivals and new consumers start the time of an unused queue again', (t) => {
  const world = new BrokerWorld()
  const consumer = world.subscribe({ settles: true })
  consumer.die()
  for (let i = 0; i < 30; i += 1) {
    if (i % 10 === 9) world.subscribe({ settles: true }).die()
    world.broker.sweep()
  }
  t.not(world.broker.queues.find('orders'), undefined)
})

test('a destination finds its new queue after the old one went away', (t) => {
  const world = new BrokerWorld()
  const consumer = world.subscribe({ settles: true })
  world.publish({ body: '1' })
  consumer.die()
  sweepOften(world)
  world.publish({ body: '2' })
  t.is(world.broker.queues.find('orders')!.ready.length, 1)
  t.deepEqual(world.subscribe().bodies(), ['2'])
})

test('a wildcard that ended attaches to nothing any more', (t) => {
  const world = new BrokerWorld()
  const wild = world.subscribe({}, { pattern: '>' })
  world.publish({ to: 'a', body: 'a1' })
  wild.die()
  world.publish({ to: 'b', body: 'b1' })
  t.deepEqual(wild.bodies(), ['a1'])
  t.is(world.broker.queues.find('b')!.consumers.local.length, 0)
})

test('one queue too many is refused, and says which limit', (t) => {
  const world = new BrokerWorld({ destinationsMax: 2 })
  world.publish({ to: 'a' })
  world.publish({ to: 'b' })
  const error = t.throws(() => world.publish({ to: 'c' }))
  t.true(isPostroadError(error, 'LOCAL_LIMIT_REACHED'))
  t.regex(error!.message, /2 queues/)
  t.throws(() => world.subscribe({}, { pattern: 'd' }))
  t.notThrows(() => world.publish({ to: 'a' }))
  t.is(world.broker.queues.all().length, 2)
})

test('a wildcard over ten thousand queues attaches, is served and ends in little time', (t) => {
  const world = new BrokerWorld()
  for (let i = 0; i < 10_000; i += 1) world.publish({ to: `q.${i}`, body: `${i}` })
  const wild = world.subscribe({ credit: 0 }, { pattern: 'q.*' })
  wild.grant(5_000)
  t.is(wild.deliveries.length, 5_000)
  wild.grant(5_000)
  t.is(wild.deliveries.length, 10_000)
  wild.die()
  t.is(world.broker.queues.find('q.0')!.ready.length, 1)
})

test('bad patterns are refused before anything is attached', (t) => {
  const world = new BrokerWorld()
  for (const pattern of ['', 'a..b', 'a.>.b', 'a*', ' ']) {
    const error = t.throws(() => world.subscribe({}, { pattern }))
    t.true(isPostroadError(error, 'LOCAL_DESTINATION_INVALID'), pattern)
  }
  t.is(world.broker.queues.all().length, 0)
  const gone = t.throws(() => world.subscribe({}, { kind: 'temp-queue', pattern: 'hub.1.9' }))
  t.true(isPostroadError(gone, 'LOCAL_DESTINATION_INVALID'))
})

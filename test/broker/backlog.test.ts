// Queues deeper than their window in memory: what waits on disk comes in order, is found by
// selectors, expires, and outlives the broker.

import test from 'ava'
import { selectorFilter } from '../../src/broker/index.ts'
import { BrokerWorld, numbers } from '../support/broker-world.ts'

const kept = { isPersistent: true } as const
const window = 10

function deepWorld(
  count: number,
  facts: Parameters<BrokerWorld['publish']>[0] = kept
): BrokerWorld {
  const world = new BrokerWorld({ queueWindowMessages: window })
  for (const body of numbers(count)) {
    world.publish({ ...facts, body, headers: `n:${body}\n` })
    if (Number(body) % 50 === 0) world.run(20)
  }
  world.run(50)
  return world
}

test('memory holds the window, the disk the rest, and all of it comes in order', (t) => {
  const world = deepWorld(500)
  const queue = world.broker.queues.find('orders')!
  t.is(queue.waiting, 500)
  t.is(queue.ready.length, window)
  const { bytesUsed } = world.broker.memory
  t.true(bytesUsed < 2 * window * 300, `${bytesUsed}`)
  t.true(queue.heldBytes > 500 * 50)
  const consumer = world.subscribe({ settles: true })
  world.run(2_000)
  t.deepEqual(consumer.bodies(), numbers(500))
  t.is(queue.held, 0)
  t.is(world.broker.memory.bytesUsed, 0)
  t.deepEqual(world.store.queues(), [])
})

test('what comes while a deep queue is worked off goes behind it', (t) => {
  const world = deepWorld(100)
  const consumer = world.subscribe({ credit: 5 })
  for (let round = 0; round < 40; round += 1) {
    if (round < 20) world.publish({ ...kept, body: `${101 + round}` })
    consumer.ack(consumer.unsettled.length)
    consumer.grant(5)
    world.run(30)
  }
  t.deepEqual(consumer.bodies(), numbers(120))
})

test('a selector finds what it wants however deep it lies', (t) => {
  const world = deepWorld(2_000)
  const picky = world.subscribe({ filter: selectorFilter('n IN (1990, 3, 700)') })
  world.run(1_000)
  t.deepEqual(picky.bodies(), ['3', '700', '1990'])
  // What it gives back waits where it was, marked, for whoever comes by.
  picky.die()
  const all = world.subscribe({ settles: true })
  world.run(5_000)
  const expected = numbers(2_000).map((n) => (['3', '700', '1990'].includes(n) ? `r${n}` : n))
  t.deepEqual(all.bodies(), expected)
})

test('what a selector leaves in a deep queue does not hold other brokers back', (t) => {
  const world = new BrokerWorld({ queueWindowMessages: window, demandBacklogMessagesMax: 20 })
  world.joinNobody()
  world.subscribe({ filter: selectorFilter("n = 'none'") })
  for (const body of numbers(300)) world.publish({ ...kept, body, headers: `n:${body}\n` })
  world.run(500)
  t.false(world.broker.queues.find('orders')!.isPressed)
})

test('messages that are not persistent wait on disk too, and end with the broker', (t) => {
  const world = deepWorld(200, {})
  t.is(world.broker.queues.find('orders')!.ready.length, window)
  world.publish({ ...kept, body: 'kept' })
  world.run(50)
  world.crash()
  const consumer = world.subscribe({ settles: true })
  world.run(500)
  t.deepEqual(consumer.bodies(), ['kept'])
  t.is(world.broker.notDelivered.get('not-persistent'), 200 - window)
  t.deepEqual(world.store.queues(), [])
})

test('what expires on disk is discarded and counted, though nobody takes anything', (t) => {
  const world = deepWorld(300, { ...kept, expiresInMs: 2_000 })
  world.run(3_000)
  world.broker.sweep()
  world.run(500)
  t.is(world.broker.notDelivered.get('expired'), 300)
  t.is(world.broker.queues.find('orders')!.held, 0)
  world.run(50)
  t.deepEqual(world.store.queues(), [])
})

test('a wall clock that is set ends nothing on disk too soon, and nothing too late', (t) => {
  for (const byMs of [3_600_000, -3_600_000]) {
    const world = deepWorld(300, { ...kept, expiresInMs: 5_000 })
    world.clock.stepWall(byMs)
    for (const body of ['late 1', 'late 2']) {
      world.publish({ ...kept, body, expiresInMs: 60_000 })
    }
    world.run(1_000)
    world.broker.sweep()
    world.run(500)
    t.is(world.broker.notDelivered.get('expired'), 0)
    world.run(5_000)
    world.broker.sweep()
    world.run(500)
    t.is(world.broker.notDelivered.get('expired'), 300)
    const consumer = world.subscribe({ settles: true })
    world.run(500)
    t.deepEqual(consumer.bodies(), ['late 1', 'late 2'])
  }
})

test('a broker begins with a deep queue without reading it', (t) => {
  const world = deepWorld(1_000)
  let reads = 0
  world.crash()
  const { read } = world.store
  world.store.read = (...args) => {
    reads += 1
    return read.apply(world.store, args)
  }
  const queue = world.broker.queues.find('orders')!
  t.is(queue.waiting, 1_000)
  world.run(1_000)
  t.is(reads, 0)
  const consumer = world.subscribe({ credit: 3 })
  world.run(100)
  t.is(consumer.deliveries.length, 3)
  t.true(reads < 5)
  t.deepEqual([...queue.browse()].length, 997)
})

test('a durable subscription outlives its broker with what waits for it', (t) => {
  const world = new BrokerWorld({ queueWindowMessages: window })
  const durable = { clientId: 'shop', subscriptionName: 'till' }
  const filter = selectorFilter("n <> '5'")
  const options = { kind: 'topic', pattern: 'prices.*', durable, filter } as const
  world.subscribe({}, options).die()
  for (const body of numbers(100)) {
    world.publish({ ...kept, kind: 'topic', to: 'prices.eu', body, headers: `n:${body}\n` })
  }
  world.run(100)
  world.crash()
  world.publish({ ...kept, kind: 'topic', to: 'prices.eu', body: '101', headers: 'n:101\n' })
  const back = world.subscribe({ settles: true }, options)
  world.run(500)
  const bodies = back.bodies().map((body) => body.replace('r', ''))
  t.deepEqual(
    bodies,
    numbers(101).filter((body) => body !== '5')
  )
  back.subscription!.close([], true)
  world.broker.deleteDurable(durable)
  world.run(50)
  world.crash()
  t.is(world.broker.topics.size, 0)
})

test('a removed queue leaves nothing on disk, of what was in memory and of what was not', (t) => {
  const world = new BrokerWorld({ queueWindowMessages: window })
  const durable = { clientId: 'shop', subscriptionName: 'till' }
  world.subscribe({}, { kind: 'topic', pattern: 'prices', durable }).die()
  for (const body of numbers(100)) world.publish({ ...kept, kind: 'topic', to: 'prices', body })
  world.run(100)
  world.broker.deleteDurable(durable)
  world.run(100)
  t.deepEqual(world.store.queues(), [])
  t.deepEqual(world.store.factKeys(''), [])
  t.is(world.broker.memory.bytesUsed, 0)
})

test('what comes back from the disk is no more than memory has room for', (t) => {
  const world = new BrokerWorld({ memoryBytesMax: 400_000 })
  const body = 'x'.repeat(4_000)
  for (let i = 0; i < 400; i += 1) {
    world.publish({ ...kept, body })
    if (i % 10 === 0) world.run(20)
  }
  world.run(50)
  const consumer = world.subscribe({ credit: 1 })
  let most = 0
  for (let i = 0; i < 400; i += 1) {
    consumer.ack()
    consumer.grant(1)
    world.run(5)
    most = Math.max(most, world.broker.memory.bytesUsed)
  }
  t.is(consumer.deliveries.length, 400)
  t.true(most < 400_000, `${most}`)
})

// What a consumer did not settle is delivered again, in its old place and flagged when it may have
// been seen; what left for another broker and came back goes before all others.

import test from 'ava'
import type { MessageFilter } from '../../src/broker/index.ts'
import { BrokerWorld, bodyOf, numbers, TestConsumer } from '../support/broker-world.ts'

/** Takes bodies that end in one of the digits. */
function endsIn(digits: string): MessageFilter {
  return { text: digits, matches: (message) => digits.includes(bodyOf(message).at(-1)!) }
}

test('a dead consumer’s messages go to the next one, in order and before newer ones', (t) => {
  const world = new BrokerWorld()
  const dead = world.subscribe({ credit: 3 })
  world.publishAll(numbers(5))
  dead.die()
  const next = world.subscribe()
  t.deepEqual(next.bodies(), ['r1', 'r2', 'r3', '4', '5'])
})

test('what the consumer cannot have seen is not flagged', (t) => {
  const world = new BrokerWorld()
  const dead = world.subscribe()
  world.publish({ body: '1' })
  dead.die(false)
  const next = world.subscribe()
  t.deepEqual(next.bodies(), ['1'])
  next.die(true)
  t.deepEqual(world.subscribe().bodies(), ['r1'])
})

test('the messages of several consumers that die at once come back in one order', (t) => {
  const world = new BrokerWorld()
  const dying = numbers(3).map(() => world.subscribe({ credit: 4 }))
  world.publishAll(numbers(14))
  for (const consumer of dying) consumer.credit = 0
  dying[1]!.ack(2)
  for (const consumer of [dying[1]!, dying[2]!, dying[0]!]) consumer.die()
  const next = world.subscribe()
  const redelivered = ['1', '3', '4', '6', '7', '8', '9', '10', '11', '12'].map((n) => `r${n}`)
  t.deepEqual(next.bodies(), [...redelivered, '13', '14'])
})

test('messages of dying consumers that pass through each other keep their order', (t) => {
  const world = new BrokerWorld()
  const dying = numbers(3).map(() => world.subscribe({ credit: 10 }))
  world.publishAll(numbers(9))
  for (const consumer of dying) consumer.die()
  t.deepEqual(
    world.subscribe().bodies(),
    numbers(9).map((n) => `r${n}`)
  )
})

test('a refused message comes back to its old place, not behind newer ones', (t) => {
  const world = new BrokerWorld()
  const consumer = world.subscribe({ credit: 1 })
  world.publishAll(numbers(3))
  world.broker.refuse(consumer.unsettled.shift()!)
  consumer.grant(3)
  t.deepEqual(consumer.bodies(), ['1', 'r1', '2', '3'])
})

test('a message between two that wait comes back between them', (t) => {
  const world = new BrokerWorld()
  const even = world.subscribe({ filter: endsIn('2468') })
  world.publishAll(numbers(5))
  t.deepEqual(even.bodies(), ['2', '4'])
  even.die()
  t.deepEqual(world.subscribe().bodies(), ['1', 'r2', '3', 'r4', '5'])
})

test('what comes back is offered to a filter that had passed its place', (t) => {
  const world = new BrokerWorld()
  const any = world.subscribe({ credit: 2 })
  world.publishAll(numbers(6))
  const odd = world.subscribe({ credit: 1, filter: endsIn('135') })
  t.deepEqual(odd.bodies(), ['3'])
  odd.ack()
  any.die()
  odd.grant(5)
  t.deepEqual(odd.bodies(), ['3', 'r1', '5'])
  t.deepEqual(world.subscribe().bodies(), ['r2', '4', '6'])
})

test('with filters, dead consumers’ messages go to those who want them, in order', (t) => {
  const world = new BrokerWorld()
  const low = world.subscribe({ filter: endsIn('123') })
  const high = world.subscribe({ filter: endsIn('456') })
  const heir = world.subscribe({ credit: 0, filter: endsIn('246') })
  world.publishAll(numbers(6))
  low.die()
  high.die()
  heir.grant(10)
  t.deepEqual(heir.bodies(), ['r2', 'r4', 'r6'])
  t.deepEqual(world.subscribe().bodies(), ['r1', 'r3', 'r5'])
})

test('restored messages go before all others, oldest first, and are not flagged', (t) => {
  const world = new BrokerWorld()
  const proxy = new TestConsumer({ cost: 1, settles: true, credit: 4 })
  world.subscribe().die()
  const queue = world.broker.queues.find('orders')!
  queue.addConsumer(proxy)
  world.publishAll(numbers(6))
  const away = proxy.deliveries.map(({ message }) => message)
  queue.restore(away.slice(2))
  queue.restore(away.slice(0, 2))
  t.deepEqual(world.subscribe().bodies(), numbers(6))
})

test('restored messages go to a waiting consumer oldest first', (t) => {
  const world = new BrokerWorld()
  const consumer = world.subscribe()
  const messages = numbers(4).map((body) => world.aMessage({ body }))
  world.broker.queues.find('orders')!.restore(messages)
  t.deepEqual(consumer.bodies(), ['1', '2', '3', '4'])
  t.is(consumer.unsettled.length, 4)
})

test('a restored message that had been elsewhere counts as forwarded', (t) => {
  const world = new BrokerWorld()
  const local = world.subscribe({ credit: 0 })
  const queue = world.broker.queues.find('orders')!
  const proxy = new TestConsumer({ cost: 1, settles: true })
  queue.addConsumer(proxy)
  const redirected = world.aMessage({ body: '2' })
  redirected.redirects = 1
  queue.restore([world.aForwarded({ body: '1' }), redirected, world.aMessage({ body: '3' })])
  t.deepEqual(proxy.bodies(), ['3'])
  local.grant(9)
  t.deepEqual(local.bodies(), ['1', '2'])
})

test('what is owed to a queue that is gone is settled, and nothing is left accounted', (t) => {
  const world = new BrokerWorld()
  const queue = world.broker.createTemporaryQueue()
  const consumer = world.subscribe({ credit: 1 }, { kind: 'temp-queue', pattern: queue.name })
  world.publishAll(numbers(2), { kind: 'temp-queue', to: queue.name })
  world.broker.queues.removeTemporary(queue)
  t.is(world.broker.notDelivered.get('temp-queue-gone'), 1)
  t.true(world.broker.memory.bytesUsed > 0)
  consumer.die()
  t.is(world.broker.memory.bytesUsed, 0)
  t.is(queue.held, 0)
})

test('a dead consumer of many queues gives each its own messages back', (t) => {
  const world = new BrokerWorld()
  const wild = world.subscribe({}, { pattern: 'orders.*' })
  world.publish({ to: 'orders.a', body: 'a1' })
  world.publish({ to: 'orders.b', body: 'b1' })
  world.publish({ to: 'orders.a', body: 'a2' })
  wild.die()
  t.deepEqual(world.subscribe({}, { pattern: 'orders.a' }).bodies(), ['ra1', 'ra2'])
  t.deepEqual(world.subscribe({}, { pattern: 'orders.b' }).bodies(), ['rb1'])
})

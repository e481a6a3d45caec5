// Bounds of queues and of the broker's memory: producers are given a gate when something is full,
// and it opens when a fifth of the bound is free again.

import test from 'ava'
import type { FlowGate } from '../../src/broker/index.ts'
import { BrokerWorld, numbers } from '../support/broker-world.ts'

function countsOpening(gate: FlowGate | undefined): () => number {
  let opened = 0
  gate!.wait(() => {
    opened += 1
  })
  return () => opened
}

test('a queue full of messages gives the gate, and opens it at four fifths', (t) => {
  const world = new BrokerWorld({ queueMessagesMax: 10 })
  for (const body of numbers(9)) t.is(world.publish({ body }), undefined)
  const gate = world.publish({ body: '10' })
  t.is(gate, world.broker.queues.find('orders')!.gate)
  const opened = countsOpening(gate)
  const consumer = world.subscribe({ credit: 3 })
  consumer.ack()
  t.is(opened(), 0)
  consumer.ack()
  t.is(opened(), 1)
  consumer.ack()
  t.is(opened(), 1)
})

test('delivered messages fill a queue until they are settled', (t) => {
  const world = new BrokerWorld({ queueMessagesMax: 2 })
  const consumer = world.subscribe()
  t.is(world.publish({ body: '1' }), undefined)
  const opened = countsOpening(world.publish({ body: '2' }))
  consumer.ack()
  t.is(opened(), 1)
})

test('a queue full of bytes gives the gate, and opens it when the bytes are gone', (t) => {
  const world = new BrokerWorld({ queueBytesMax: 10_000 })
  t.is(world.publish({ body: 'x'.repeat(5_000) }), undefined)
  const opened = countsOpening(world.publish({ body: 'y'.repeat(5_000) }))
  world.subscribe({ settles: true, credit: 1 })
  t.is(opened(), 1)
})

test('a queue of one message gives the gate with each, and opens it with each', (t) => {
  const world = new BrokerWorld({ queueMessagesMax: 1 })
  const consumer = world.subscribe({ credit: 9 })
  for (const body of numbers(3)) {
    const opened = countsOpening(world.publish({ body }))
    consumer.ack()
    t.is(opened(), 1)
  }
})

test('what is too large for the bound is taken, and holds the next back', (t) => {
  const world = new BrokerWorld({ queueBytesMax: 1_000 })
  const opened = countsOpening(world.publish({ body: 'x'.repeat(5_000) }))
  const consumer = world.subscribe()
  t.is(consumer.deliveries.length, 1)
  t.is(opened(), 0)
  consumer.ack()
  t.is(opened(), 1)
})

test('a full queue holds nobody else back', (t) => {
  const world = new BrokerWorld({ queueMessagesMax: 1 })
  t.not(world.publish({ to: 'a' }), undefined)
  world.subscribe({ settles: true }, { pattern: 'b' })
  t.is(world.publish({ to: 'b' }), undefined)
})

test('the broker’s memory gives one gate for all, and opens it at four fifths', (t) => {
  const world = new BrokerWorld({ memoryBytesMax: 10_000 })
  for (const to of ['a', 'b', 'c']) world.publish({ to, body: 'x'.repeat(2_500) })
  const gate = world.publish({ to: 'd', body: 'x'.repeat(2_500) })
  t.is(gate, world.broker.memory.gate)
  t.is(world.publish({ kind: 'topic', to: 'nobody' }), gate)
  const opened = countsOpening(gate)
  world.subscribe({ settles: true }, { pattern: 'a' })
  t.is(opened(), 0)
  world.subscribe({ settles: true }, { pattern: 'b' })
  t.is(opened(), 1)
  t.is(world.publish({ to: 'a' }), undefined)
})

test('a gate calls each waiter once, and none that left', (t) => {
  const world = new BrokerWorld({ queueMessagesMax: 1 })
  const gate = world.publish()!
  const called: string[] = []
  gate.wait(() => called.push('stays'))
  const leave = gate.wait(() => called.push('left'))
  leave()
  leave()
  t.is(gate.waiters, 1)
  gate.open()
  gate.open()
  t.deepEqual(called, ['stays'])
  t.is(gate.waiters, 0)
})

test('a waiter that waits again while the gate opens is called at the next opening', (t) => {
  const world = new BrokerWorld({ queueMessagesMax: 1 })
  const gate = world.publish()!
  let calls = 0
  const again = (): void => {
    calls += 1
    gate.wait(again)
  }
  gate.wait(again)
  gate.open()
  t.is(calls, 1)
  gate.open()
  t.is(calls, 2)
})

test('the gate of a subscription that ends opens, so that nobody waits for ever', (t) => {
  const world = new BrokerWorld({ topicPendingMessagesMax: 1 })
  const consumer = world.subscribe({ credit: 0 }, { kind: 'topic', pattern: 'prices' })
  const opened = countsOpening(world.publish({ kind: 'topic', to: 'prices' }))
  consumer.die()
  t.is(opened(), 1)
  t.is(world.publish({ kind: 'topic', to: 'prices' }), undefined)
})

test('a temporary queue that is gone takes nothing, twice removed or not', (t) => {
  const world = new BrokerWorld()
  const queue = world.broker.createTemporaryQueue()
  world.publish({ kind: 'temp-queue', to: queue.name })
  world.broker.queues.removeTemporary(queue)
  world.broker.queues.removeTemporary(queue)
  t.is(world.publish({ kind: 'temp-queue', to: queue.name }), undefined)
  t.is(world.broker.notDelivered.get('temp-queue-gone'), 2)
  t.is(world.broker.memory.bytesUsed, 0)
})

test('one temporary queue too many is refused', (t) => {
  const world = new BrokerWorld({ destinationsMax: 1 })
  const queue = world.broker.createTemporaryQueue()
  t.throws(() => world.broker.createTemporaryQueue(), { message: /limits.destinationsMax/ })
  world.broker.queues.removeTemporary(queue)
  t.notThrows(() => world.broker.createTemporaryQueue())
})

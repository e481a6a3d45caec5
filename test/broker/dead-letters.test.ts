// Messages their consumers refuse: offered again, and after so many refusals a letter in the queue
// DLQ that says what it was and why it is there.

import test from 'ava'
import { BrokerWorld, bodyOf } from '../support/broker-world.ts'

test('a refused message is offered again until it is refused once too often', (t) => {
  const world = new BrokerWorld({ refusalsMax: 3 })
  const consumer = world.subscribe()
  world.publish({ body: 'bad', headers: 'colour:red\n', isPersistent: true, priority: 7 })
  for (let i = 0; i < 3; i += 1) world.broker.refuse(consumer.unsettled.shift()!)
  t.deepEqual(consumer.bodies(), ['bad', 'rbad', 'rbad'])
  t.is(world.broker.counters.deadLettered, 1)
  const letters = world.subscribe({}, { pattern: 'DLQ' })
  const letter = letters.deliveries[0]!.message
  t.is(bodyOf(letter), 'bad')
  t.is(letter.header('colour'), 'red')
  t.is(letter.header('dead-letter-reason'), 'refused 3 times')
  t.is(letter.header('dead-letter-destination'), '/queue/orders')
  t.is(letter.header('dead-letter-message-id'), consumer.deliveries[0]!.message.id)
  t.true(letter.isPersistent)
  t.is(letter.priority, 7)
  t.not(letter.sequence, consumer.deliveries[0]!.message.sequence)
  t.is(world.broker.queues.find('orders')!.held, 0)
})

test('refusals are counted by message, not by consumer', (t) => {
  const world = new BrokerWorld({ refusalsMax: 2 })
  const [a, b] = [world.subscribe({ credit: 1 }), world.subscribe({ credit: 1 })]
  world.publish({ body: 'bad' })
  world.broker.refuse(a!.unsettled.shift()!)
  t.deepEqual(b!.bodies(), ['rbad'])
  world.broker.refuse(b!.unsettled.shift()!)
  t.is(world.broker.counters.deadLettered, 1)
})

test('dying with a message is no refusal', (t) => {
  const world = new BrokerWorld({ refusalsMax: 2 })
  world.publish({ body: '1' })
  for (let i = 0; i < 5; i += 1) world.subscribe().die()
  t.is(world.broker.counters.deadLettered, 0)
  t.deepEqual(world.subscribe().bodies(), ['r1'])
})

test('several refused at once keep their order', (t) => {
  const world = new BrokerWorld()
  const consumer = world.subscribe({ credit: 3 })
  world.publishAll(['1', '2', '3', '4'])
  consumer.credit = 3
  world.broker.refuseAll([...consumer.unsettled.splice(0)].reverse())
  t.deepEqual(consumer.taken().slice(-3), ['r1', 'r2', 'r3'])
})

test('a dead letter that is refused too often is discarded and counted', (t) => {
  const world = new BrokerWorld({ refusalsMax: 1 })
  const consumer = world.subscribe()
  const letters = world.subscribe({}, { pattern: 'DLQ' })
  world.publish({ body: 'bad' })
  world.broker.refuse(consumer.unsettled.shift()!)
  world.broker.refuse(letters.unsettled.shift()!)
  t.is(world.broker.counters.deadLettered, 1)
  t.is(world.broker.notDelivered.get('refused'), 1)
  t.is(world.broker.memory.bytesUsed, 0)
})

test('a topic of the same name as the dead-letter queue is like any other', (t) => {
  const world = new BrokerWorld({ refusalsMax: 1 })
  const consumer = world.subscribe({}, { kind: 'topic', pattern: 'DLQ' })
  world.publish({ kind: 'topic', to: 'DLQ', body: 'bad' })
  world.broker.refuse(consumer.unsettled.shift()!)
  t.is(world.broker.counters.deadLettered, 1)
  t.is(world.broker.queues.find('DLQ')!.ready.length, 1)
})

test('there is room for dead letters even when there is none for another queue', (t) => {
  const world = new BrokerWorld({ refusalsMax: 1, destinationsMax: 1 })
  const consumer = world.subscribe()
  world.publish({ body: 'bad' })
  t.notThrows(() => world.broker.refuse(consumer.unsettled.shift()!))
  t.is(world.broker.queues.find('DLQ')!.ready.length, 1)
})

test('headers with escapes are carried over as they are', (t) => {
  const world = new BrokerWorld({ refusalsMax: 1 })
  const consumer = world.subscribe()
  world.publish({ to: 'orders', headers: 'a\\cb:line\\nline\n' })
  world.broker.refuse(consumer.unsettled.shift()!)
  const letter = world.subscribe({}, { pattern: 'DLQ' }).deliveries[0]!.message
  t.is(letter.header('a:b'), 'line\nline')
  t.true(letter.hasEscapes)
  t.is(letter.header('dead-letter-message-id'), consumer.deliveries[0]!.message.id)
})

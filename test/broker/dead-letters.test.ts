// Messages their consumers refuse: offered again, and after so many refusals a letter in the queue
// DLQ, or one of its own, that says what it was and why it is there.

import test from 'ava'
import type { DeliveryPolicy } from '../../src/broker/index.ts'
import { aPolicy, BrokerWorld, bodyOf } from '../support/broker-world.ts'

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
  t.is(letter.header('dead-letter-reason'), 'refused')
  t.is(letter.header('dead-letter-text'), 'refused 3 times')
  t.is(letter.header('dead-letter-redeliveries'), '2')
  t.is(letter.header('dead-letter-broker'), 'hub')
  t.is(letter.header('dead-letter-path'), 'hub')
  t.is(letter.header('dead-letter-time'), new Date(world.clock.wallMs()).toISOString())
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

const own = aPolicy({ pattern: 'orders.>', deadLetter: { queue: 'own' } })

function worldOf(...policies: DeliveryPolicy[]): BrokerWorld {
  return new BrokerWorld({ refusalsMax: 1, destinationsMax: 3 }, { policies })
}

function refuseOne(world: BrokerWorld, to: string): void {
  const consumer = world.subscribe({}, { pattern: to })
  world.publish({ to, body: to })
  world.broker.refuse(consumer.unsettled.shift()!)
}

function waitingIn(world: BrokerWorld, queue: string): string[] {
  return [...(world.broker.queues.find(queue)?.browse() ?? [])].map(bodyOf)
}

test('the first policy that matches says which queue letters go to', (t) => {
  const never = aPolicy({ pattern: 'orders.eu', deadLetter: { queue: 'none' } })
  const world = worldOf({ ...own, redelivery: { ...own.redelivery, redeliveriesMax: 0 } }, never)
  refuseOne(world, 'orders.eu')
  t.deepEqual(waitingIn(world, 'DLQ.orders.eu'), ['orders.eu'])
  t.is(world.broker.queues.find('DLQ'), undefined)
})

test('without a dead-letter queue a message is discarded and counted', (t) => {
  const policy = aPolicy({ deadLetter: { queue: 'none' }, redelivery: { redeliveriesMax: 0 } })
  const world = worldOf(policy)
  refuseOne(world, 'orders')
  t.is(world.broker.notDelivered.get('refused'), 1)
  t.is(world.broker.counters.deadLettered, 0)
  t.is(world.broker.memory.bytesUsed, 0)
})

test('what cannot be kept goes to the shared queue even where there is to be none', (t) => {
  const world = worldOf(aPolicy({ deadLetter: { queue: 'none' } }))
  t.true(world.broker.letters.bury(world.aMessage(), { code: 'too-large', text: 'too large' }))
  t.is(world.broker.queues.find('DLQ')!.waiting, 1)
})

test('where no queue is left, letters of a destination go to the shared queue', (t) => {
  const policy = aPolicy({ deadLetter: { queue: 'own' }, redelivery: { redeliveriesMax: 0 } })
  const world = worldOf(policy)
  for (const name of ['a', 'b', 'orders']) world.publish({ to: name })
  refuseOne(world, 'orders')
  t.is(world.broker.queues.find('DLQ.orders'), undefined)
  t.is(world.broker.queues.find('DLQ')!.waiting, 1)
})

test('a letter of its own queue never becomes a letter again', (t) => {
  const policy = aPolicy({
    pattern: '>',
    deadLetter: { queue: 'own', isForExpired: true },
    redelivery: { redeliveriesMax: 0, lostConnectionsMax: 1 }
  })
  const world = worldOf(policy)
  refuseOne(world, 'orders')
  world.subscribe({}, { pattern: 'DLQ.orders' }).loseConnection()
  t.deepEqual(waitingIn(world, 'DLQ.orders'), ['orders'])
  world.publish({ to: 'DLQ.x', expiresInMs: 10 })
  world.run(20)
  world.broker.sweep()
  const reader = world.subscribe({}, { pattern: 'DLQ.orders' })
  world.broker.refuse(reader.unsettled.shift()!)
  t.is(world.broker.counters.deadLettered, 1)
  t.is(world.broker.notDelivered.get('refused'), 1)
  t.is(world.broker.memory.bytesUsed, 0)
})

test('what expires makes a dead letter where the policy asks for it', (t) => {
  const policy = aPolicy({ deadLetter: { isForExpired: true } })
  const world = worldOf(policy)
  const kept = { isPersistent: true, headers: 'colour:red\n' }
  world.publish({ ...kept, body: 'a', expiresInMs: 50 })
  world.publish({ ...kept, to: 'plain', expiresInMs: 50 })
  world.run(100)
  world.broker.sweep()
  world.publish({ ...kept, body: 'late', expiresInMs: -1 })
  t.deepEqual(waitingIn(world, 'DLQ'), ['a', 'late'])
  const [letter] = world.broker.queues.find('DLQ')!.browse()
  t.is(letter!.header('dead-letter-reason'), 'expired')
  t.is(letter!.header('colour'), 'red')
  t.is(letter!.expiresAtMs, 0)
  t.is(world.broker.notDelivered.get('expired'), 3)
  // Both sides of it are in one batch: a crash finds the letter, or the message, and never both.
  world.run(50)
  world.crash()
  t.is(world.broker.queues.find('orders')?.waiting ?? 0, 0)
  t.is(world.broker.queues.find('DLQ')!.waiting, 2)
})

test('what expires in the store alone makes a dead letter, too', (t) => {
  const policy = aPolicy({ deadLetter: { isForExpired: true } })
  const world = new BrokerWorld({ queueWindowMessages: 4 }, { policies: [policy] })
  for (let i = 0; i < 50; i += 1) {
    world.publish({ body: `${i}`, isPersistent: true, expiresInMs: 1_000 })
    world.run(5)
  }
  t.true(world.broker.queues.find('orders')!.ready.length < 10)
  world.run(2_000)
  world.broker.sweep()
  world.run(100)
  world.broker.sweep()
  world.run(100)
  t.is(world.broker.queues.find('orders')!.waiting, 0)
  t.is(world.broker.queues.find('DLQ')!.waiting, 50)
})

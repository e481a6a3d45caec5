// Messages with a time to live: discarded and counted where it is found to be over, never
// delivered.

import test from 'ava'
import { BrokerWorld, numbers, TestConsumer } from '../support/broker-world.ts'

function expired(world: BrokerWorld): number {
  return world.broker.notDelivered.get('expired')
}

test('a message that has expired when it is published goes nowhere', (t) => {
  const world = new BrokerWorld()
  const consumer = world.subscribe()
  world.publish({ expiresInMs: 0 })
  world.publish({ expiresInMs: -5 })
  t.deepEqual(consumer.bodies(), [])
  t.is(expired(world), 2)
  t.is(world.broker.counters.published, 2)
})

test('a message lives to the last millisecond and no longer', (t) => {
  const world = new BrokerWorld()
  world.publishAll(['1', '2'], { expiresInMs: 10 })
  world.publish({ body: 'for ever' })
  world.run(9.9)
  const consumer = world.subscribe({ credit: 1 })
  t.deepEqual(consumer.taken(), ['1'])
  world.run(0.1)
  consumer.grant(9)
  t.deepEqual(consumer.taken(), ['for ever'])
  t.is(expired(world), 1)
})

test('messages given back after their time are not delivered again', (t) => {
  const world = new BrokerWorld()
  const dead = world.subscribe()
  const heir = world.subscribe({ credit: 0 })
  world.publishAll(['1', '2'], { expiresInMs: 10 })
  world.publish({ body: '3' })
  world.run(10)
  heir.credit = 9
  dead.die()
  t.deepEqual(heir.bodies(), ['r3'])
  t.is(expired(world), 2)
  t.is(world.broker.queues.find('orders')!.expired, 2)
})

test('a sweep discards what expired among what lives, and frees its memory', (t) => {
  const world = new BrokerWorld()
  for (const body of numbers(6)) {
    world.publish(Number(body) % 2 === 0 ? { body, expiresInMs: 10 } : { body })
  }
  world.run(10)
  world.broker.sweep()
  const queue = world.broker.queues.find('orders')!
  t.is(queue.ready.length, 3)
  t.is(Reflect.get(queue, 'expiring'), 0)
  t.deepEqual(world.subscribe({ settles: true }).bodies(), ['1', '3', '5'])
  t.is(world.broker.memory.bytesUsed, 0)
})

test('a sweep reaches topic subscriptions and temporary queues', (t) => {
  const world = new BrokerWorld()
  world.subscribe({ credit: 0 }, { kind: 'topic', pattern: 'prices' })
  const { name } = world.broker.createTemporaryQueue()
  world.publish({ kind: 'topic', to: 'prices', expiresInMs: 10 })
  world.publish({ kind: 'temp-queue', to: name, expiresInMs: 10 })
  world.run(10)
  world.broker.sweep()
  t.is(expired(world), 2)
  t.is(world.broker.memory.bytesUsed, 0)
})

test('a delivered message is left to its consumer, however late', (t) => {
  const world = new BrokerWorld()
  const consumer = world.subscribe()
  world.publish({ body: '1', expiresInMs: 10 })
  world.run(20)
  world.broker.sweep()
  t.is(expired(world), 0)
  consumer.ack()
  t.is(world.broker.memory.bytesUsed, 0)
})

test('what other brokers send, or give back, too late is not delivered', (t) => {
  const world = new BrokerWorld()
  const consumer = world.subscribe()
  const late = world.aForwarded({ body: 'late', expiresInMs: 10 })
  const returned = world.aMessage({ body: 'returned', expiresInMs: 10 })
  world.run(10)
  world.broker.acceptForwarded(late)
  world.broker.takeBack(returned.destination, [returned])
  t.deepEqual(consumer.bodies(), [])
  t.is(expired(world), 2)
  t.is(world.broker.memory.bytesUsed, 0)
})

test('expired messages are not offered to proxies', (t) => {
  const world = new BrokerWorld()
  world.publishAll(['1', '2'], { expiresInMs: 10 })
  world.publish({ body: '3' })
  world.run(10)
  const proxy = new TestConsumer({ cost: 1, settles: true })
  world.broker.queues.find('orders')!.addConsumer(proxy)
  t.deepEqual(proxy.bodies(), ['3'])
  t.is(expired(world), 2)
})

test('a filter’s place is right when the message it stopped at expires', (t) => {
  const world = new BrokerWorld()
  world.publish({ body: '1' })
  world.publish({ body: '2', expiresInMs: 10 })
  const tried: string[] = []
  const filter = {
    text: '3',
    matches: (message: Parameters<NonNullable<TestConsumer['filter']>['matches']>[0]) => {
      tried.push(`${message.sequence}`)
      return message.sequence === 3
    }
  }
  const picky = world.subscribe({ filter, credit: 1 })
  world.run(10)
  world.broker.sweep()
  world.publish({ body: '3' })
  t.deepEqual(picky.bodies(), ['3'])
  t.deepEqual(tried, ['1', '2', '3'])
  t.deepEqual(world.subscribe().bodies(), ['1'])
})

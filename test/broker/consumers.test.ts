// Who gets the next message: competing consumers in turn, within their credit, as they come and go.

import test from 'ava'
import { AssertionFailure } from '../../src/base/index.ts'
import { BrokerWorld, numbers, TestConsumer } from '../support/broker-world.ts'

test('one consumer gets messages in the order they were published', (t) => {
  const world = new BrokerWorld()
  world.publishAll(['1', '2'])
  const consumer = world.subscribe()
  world.publishAll(['3', '4'])
  t.deepEqual(consumer.bodies(), ['1', '2', '3', '4'])
})

test('competing consumers take turns', (t) => {
  const world = new BrokerWorld()
  const [a, b, c] = [world.subscribe(), world.subscribe(), world.subscribe()]
  world.publishAll(numbers(7))
  t.deepEqual(a.bodies(), ['1', '4', '7'])
  t.deepEqual(b.bodies(), ['2', '5'])
  t.deepEqual(c.bodies(), ['3', '6'])
})

test('the turn goes on with those who are left when others leave', (t) => {
  for (let count = 2; count <= 5; count += 1) {
    for (let published = 0; published <= count; published += 1) {
      for (let first = 0; first < count; first += 1) {
        const world = new BrokerWorld()
        const consumers = numbers(count).map(() => world.subscribe({ settles: true }))
        world.publishAll(numbers(published))
        const [stays] = consumers.splice(first, 1)
        for (const consumer of consumers) consumer.die()
        stays!.taken()
        world.publish({ body: 'after' })
        t.deepEqual(stays!.bodies(), ['after'], `${count} ${published} ${first}`)
      }
    }
  }
})

test('the consumer that was next is next when the one before it leaves', (t) => {
  const world = new BrokerWorld()
  const [a, b, c] = [world.subscribe(), world.subscribe(), world.subscribe()]
  world.publishAll(['1'])
  a.ack()
  a.die()
  world.publishAll(['2', '3', '4'])
  t.deepEqual(b.bodies(), ['2', '4'])
  t.deepEqual(c.bodies(), ['3'])
})

test('credit is spent one by one, never below zero, and the rest waits', (t) => {
  const world = new BrokerWorld()
  const consumer = world.subscribe({ credit: 2 })
  world.publishAll(numbers(5))
  t.deepEqual(consumer.taken(), ['1', '2'])
  t.is(consumer.credit, 0)
  t.is(world.broker.queues.find('orders')!.ready.length, 3)
  consumer.grant(1)
  t.deepEqual(consumer.taken(), ['3'])
  consumer.grant(5)
  t.deepEqual(consumer.taken(), ['4', '5'])
  t.is(consumer.credit, 3)
})

test('acknowledging alone gives nothing more: credit is the owner’s to grant', (t) => {
  const world = new BrokerWorld()
  const consumer = world.subscribe({ credit: 1 })
  world.publishAll(['1', '2'])
  consumer.ack()
  t.deepEqual(consumer.bodies(), ['1'])
  consumer.grant(1)
  t.deepEqual(consumer.bodies(), ['1', '2'])
})

test('a consumer without credit is passed over, and served when it has some', (t) => {
  const world = new BrokerWorld()
  const slow = world.subscribe({ credit: 1 })
  const fast = world.subscribe({ credit: 3 })
  world.publishAll(numbers(6))
  t.deepEqual(slow.bodies(), ['1'])
  t.deepEqual(fast.bodies(), ['2', '3', '4'])
  slow.grant(1)
  t.deepEqual(slow.bodies(), ['1', '5'])
})

test('a consumer that settles as it takes owes nothing and holds no memory', (t) => {
  const world = new BrokerWorld()
  const consumer = world.subscribe({ settles: true, credit: 2 })
  world.publishAll(numbers(3))
  const queue = world.broker.queues.find('orders')!
  t.deepEqual(consumer.bodies(), ['1', '2'])
  t.deepEqual(consumer.unsettled, [])
  t.is(queue.delivered, 0)
  t.is(queue.ready.length, 1)
  consumer.grant(1)
  t.is(world.broker.memory.bytesUsed, 0)
  t.is(queue.settled, 3)
})

test('a message is settled once; a second time is a fault of ours', (t) => {
  const world = new BrokerWorld()
  const consumer = world.subscribe()
  world.publish()
  const entry = consumer.unsettled[0]!
  entry.queue.settle(entry)
  t.throws(() => entry.queue.settle(entry), { instanceOf: AssertionFailure })
  t.throws(() => entry.queue.giveBack([entry], true), { instanceOf: AssertionFailure })
  t.is(entry.queue.delivered, 0)
  t.is(world.broker.memory.bytesUsed, 0)
})

test('messages flow to every one of a thousand consumers with a prefetch of one', (t) => {
  const world = new BrokerWorld()
  const consumers = numbers(1_000).map(() => world.subscribe({ credit: 1 }))
  world.publishAll(numbers(3_000))
  for (let round = 0; round < 2; round += 1) {
    for (const consumer of consumers) {
      consumer.ack()
      consumer.grant(1)
    }
  }
  t.true(consumers.every((consumer) => consumer.deliveries.length === 3))
  t.is(world.broker.queues.find('orders')!.ready.length, 0)
})

test('closing a subscription twice is the same as once', (t) => {
  const world = new BrokerWorld()
  const consumer = world.subscribe()
  const { subscription } = consumer
  world.publish({ body: '1' })
  const entries = consumer.unsettled.splice(0)
  subscription!.close(entries, true)
  subscription!.close(entries, true)
  const next = world.subscribe()
  t.deepEqual(next.bodies(), ['r1'])
  subscription!.attach(world.broker.queues.find('orders')!)
  world.publish({ body: '2' })
  t.deepEqual(consumer.bodies(), ['1'])
})

test('a proxy is asked after local consumers only, cheapest first, equals in turn', (t) => {
  const world = new BrokerWorld()
  const local = world.subscribe({ credit: 1 })
  const queue = world.broker.queues.find('orders')!
  const [far, near, alsoNear] = [5, 2, 2].map((cost) => {
    const proxy = new TestConsumer({ cost, settles: true, credit: 2 })
    queue.addConsumer(proxy)
    return proxy
  })
  world.publishAll(numbers(7))
  t.deepEqual(local.bodies(), ['1'])
  t.deepEqual(near!.bodies(), ['2', '4'])
  t.deepEqual(alsoNear!.bodies(), ['3', '5'])
  t.deepEqual(far!.bodies(), ['6', '7'])
})

test('a backlog goes to proxies of equal cost in turn, not all to the first', (t) => {
  const world = new BrokerWorld()
  world.publishAll(numbers(6))
  const queue = world.broker.queues.find('orders')!
  const proxies = numbers(3).map(() => new TestConsumer({ cost: 1, settles: true, credit: 0 }))
  for (const proxy of proxies) queue.addConsumer(proxy)
  for (const proxy of proxies) proxy.credit = 10
  queue.onCredit(proxies[0]!)
  t.deepEqual(
    proxies.map((proxy) => proxy.bodies()),
    [
      ['1', '4'],
      ['2', '5'],
      ['3', '6']
    ]
  )
})

test('a proxy whose cost changed is chosen by its new cost', (t) => {
  const world = new BrokerWorld()
  world.subscribe().die()
  const queue = world.broker.queues.find('orders')!
  const [a, b] = [1, 2].map((cost) => new TestConsumer({ cost, settles: true }))
  queue.addConsumer(a!)
  queue.addConsumer(b!)
  world.publish({ body: '1' })
  a!.cost = 3
  queue.consumers.sortRemote()
  world.publishAll(['2', '3'])
  t.deepEqual(a!.bodies(), ['1'])
  t.deepEqual(b!.bodies(), ['2', '3'])
})

test('a forwarded message stays for local consumers without credit, others go on', (t) => {
  const world = new BrokerWorld()
  const local = world.subscribe({ credit: 0 })
  const queue = world.broker.queues.find('orders')!
  const proxy = new TestConsumer({ cost: 1, settles: true })
  queue.addConsumer(proxy)
  world.broker.acceptForwarded(world.aForwarded({ body: 'forwarded' }))
  world.publish({ body: 'own' })
  t.deepEqual(proxy.bodies(), ['own'])
  local.grant(1)
  t.deepEqual(local.bodies(), ['forwarded'])
})

test('forwarded messages go on in order when the last consumer here leaves', (t) => {
  const world = new BrokerWorld()
  const local = world.subscribe({ credit: 2 })
  const queue = world.broker.queues.find('orders')!
  const proxy = new TestConsumer({ cost: 1, settles: true })
  queue.addConsumer(proxy)
  for (const body of numbers(5)) world.broker.acceptForwarded(world.aForwarded({ body }))
  t.deepEqual(local.bodies(), ['1', '2'])
  t.deepEqual(proxy.bodies(), [])
  local.die()
  t.deepEqual(proxy.bodies(), ['r1', 'r2', '3', '4', '5'])
})

test('a forwarded message that no filter here wants goes on at once', (t) => {
  const world = new BrokerWorld()
  const filter = { text: 'big', matches: () => false }
  const local = world.subscribe({ credit: 0, filter })
  const queue = world.broker.queues.find('orders')!
  const proxy = new TestConsumer({ cost: 1, settles: true })
  queue.addConsumer(proxy)
  world.broker.acceptForwarded(world.aForwarded({ body: '1' }))
  t.deepEqual(proxy.bodies(), ['1'])
  t.deepEqual(local.bodies(), [])
})

// When a message is offered again: after pauses that grow, in its old place, and not for ever.

import test from 'ava'
import { aPolicy, BrokerWorld, numbers, type PolicyFacts } from '../support/broker-world.ts'

function worldWith(...facts: PolicyFacts[]): BrokerWorld {
  return new BrokerWorld({ refusalsMax: 2 }, { policies: facts.map(aPolicy) })
}

test('a refused message is not offered before its time, and others go on', (t) => {
  const world = worldWith({ redelivery: { delayMsInitial: 1_000 } })
  const consumer = world.subscribe({ credit: 1 })
  world.publishAll(numbers(3))
  world.broker.refuse(consumer.unsettled.shift()!)
  const queue = world.broker.queues.find('orders')!
  t.is(queue.delayed, 1)
  for (let i = 0; i < 2; i += 1) {
    consumer.grant(1)
    consumer.ack()
  }
  consumer.grant(1)
  world.run(990)
  t.deepEqual(consumer.taken(), ['1', '2', '3'])
  world.run(20)
  t.deepEqual(consumer.taken(), ['r1'])
  t.is(queue.delayed, 0)
})

test('a message that comes back after a pause stands in its old place', (t) => {
  const world = worldWith({ redelivery: { delayMsInitial: 100 } })
  const consumer = world.subscribe({ credit: 2 })
  world.publishAll(numbers(4))
  world.broker.refuseAll(consumer.unsettled.splice(0).reverse())
  world.run(200)
  consumer.taken()
  consumer.grant(4)
  t.deepEqual(consumer.taken(), ['r1', 'r2', '3', '4'])
})

test('pauses grow by their factor up to the longest', (t) => {
  const redelivery = {
    redeliveriesMax: 9,
    delayMsInitial: 100,
    delayMultiplier: 3,
    delayMsMax: 1_000
  }
  const world = worldWith({ redelivery })
  const times: number[] = []
  const consumer = world.consumer()
  consumer.onDelivery = () => times.push(world.clock.monotonicMs())
  world.attach(consumer)
  world.publish()
  for (let i = 0; i < 5; i += 1) {
    world.broker.refuse(consumer.unsettled.shift()!)
    world.run(1_500)
  }
  const pauses = times.slice(1).map((ms, index) => ms - times[index]!)
  // Refused when the run before ended: the first at once, others after what was left of 1.5 s.
  const waits = pauses.map((ms, index) =>
    index === 0 ? ms : ms - 1_500 + [100, 300, 900, 1_000][index - 1]!
  )
  t.deepEqual(waits.map(Math.round), [100, 300, 900, 1_000, 1_000])
})

test('one timer serves all pauses, whichever ends first', (t) => {
  const world = worldWith(
    { pattern: 'slow', redelivery: { delayMsInitial: 900 } },
    { pattern: 'fast', redelivery: { delayMsInitial: 50 } }
  )
  const [slow, fast] = ['slow', 'fast'].map((pattern) => world.subscribe({}, { pattern }))
  world.publish({ to: 'slow' })
  world.publish({ to: 'fast' })
  world.broker.refuse(slow!.unsettled.shift()!)
  world.broker.refuse(fast!.unsettled.shift()!)
  world.run(100)
  t.deepEqual([slow!.deliveries.length, fast!.deliveries.length], [1, 2])
  world.run(1_000)
  t.deepEqual([slow!.deliveries.length, fast!.deliveries.length], [2, 2])
})

test('a policy says how often a message is offered, and elsewhere the broker does', (t) => {
  const world = worldWith({ redelivery: { redeliveriesMax: 3 } })
  const counts = ['orders', 'plain'].map((pattern) => {
    const consumer = world.subscribe({}, { pattern })
    world.publish({ to: pattern })
    while (consumer.unsettled.length > 0) world.broker.refuse(consumer.unsettled.shift()!)
    return consumer.deliveries.length
  })
  t.deepEqual(counts, [4, 2])
})

test('a message that waits for its time expires all the same', (t) => {
  const world = worldWith({ redelivery: { delayMsInitial: 60_000 } })
  const consumer = world.subscribe()
  world.publish({ expiresInMs: 500 })
  world.broker.refuse(consumer.unsettled.shift()!)
  world.run(600)
  t.is(world.broker.notDelivered.get('expired'), 1)
  t.is(world.broker.memory.bytesUsed, 0)
  t.is(consumer.deliveries.length, 1)
})

test('a subscription that ends does not get back what waits for its time', (t) => {
  const world = worldWith({ kind: 'topic', pattern: 'news', redelivery: { delayMsInitial: 100 } })
  const consumer = world.subscribe({}, { kind: 'topic', pattern: 'news' })
  world.publish({ kind: 'topic', to: 'news' })
  world.broker.refuse(consumer.unsettled.shift()!)
  consumer.die()
  t.not(world.broker.memory.bytesUsed, 0)
  world.run(200)
  t.is(world.broker.memory.bytesUsed, 0)
})

test('a delayed message of a queue that waits on disk goes back to its place there', (t) => {
  const world = new BrokerWorld(
    { queueWindowMessages: 4 },
    { policies: [aPolicy({ redelivery: { delayMsInitial: 100 } })] }
  )
  for (const body of numbers(40)) {
    world.publish({ body, isPersistent: true })
    world.run(5)
  }
  const consumer = world.subscribe({ credit: 10 })
  world.run(200)
  for (const entry of consumer.unsettled.splice(0)) world.broker.refuse(entry)
  world.run(500)
  consumer.taken()
  consumer.grant(100)
  world.run(500)
  const bodies = consumer.taken().map((body) => body.replace('r', ''))
  t.deepEqual(bodies, numbers(40))
})

test('a crash ends the pause: the message is offered again, flagged, and is counted anew', (t) => {
  const world = worldWith({ redelivery: { delayMsInitial: 60_000, redeliveriesMax: 1 } })
  const consumer = world.subscribe()
  world.publish({ body: 'a', isPersistent: true })
  world.run(50)
  world.broker.refuse(consumer.unsettled.shift()!)
  world.run(50)
  world.crash()
  const next = world.subscribe()
  world.run(50)
  t.deepEqual(next.bodies(), ['ra'])
  world.broker.refuse(next.unsettled.shift()!)
  t.is(world.broker.counters.deadLettered, 0)
})

test('a message that too many connections die with becomes a dead letter', (t) => {
  const world = worldWith({ redelivery: { lostConnectionsMax: 3, delayMsInitial: 10_000 } })
  world.publish({ body: 'poison' })
  for (let i = 0; i < 2; i += 1) world.subscribe().loseConnection()
  t.is(world.broker.counters.deadLettered, 0)
  world.subscribe().loseConnection()
  const [letter] = world.broker.queues.find('DLQ')!.browse()
  t.is(letter!.header('dead-letter-reason'), 'connection-lost')
  t.is(letter!.header('dead-letter-text'), '3 connections died with it unacknowledged')
  t.is(letter!.header('dead-letter-redeliveries'), '2')
  t.is(world.broker.queues.find('orders')!.held, 0)
})

test('lost connections do not count where they are not to, nor those that leave in order', (t) => {
  const world = worldWith({ redelivery: { lostConnectionsMax: 0 } })
  world.publish({ body: '1' })
  world.publish({ body: '2', to: 'plain' })
  for (let i = 0; i < 30; i += 1) {
    world.subscribe().loseConnection()
    world.subscribe({}, { pattern: 'plain' }).die()
  }
  t.is(world.broker.counters.deadLettered, 0)
})

test('refusals of a topic subscription wait as well', (t) => {
  const world = worldWith({ kind: 'topic', pattern: 'news.*', redelivery: { delayMsInitial: 100 } })
  const consumer = world.subscribe({}, { kind: 'topic', pattern: 'news.eu' })
  world.publish({ kind: 'topic', to: 'news.eu', body: 'n' })
  world.broker.refuse(consumer.unsettled.shift()!)
  t.is(consumer.deliveries.length, 1)
  world.run(150)
  t.deepEqual(consumer.bodies(), ['n', 'rn'])
})

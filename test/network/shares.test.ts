// How the messages of one queue are spread over the consumers of several brokers: by what they take
// and how fast, and no more of them far away than is needed to keep them busy.

import test from 'ava'
import { BrokerNetwork, type Member } from '../support/broker-network.ts'
import type { SubscriptionFacts, TestConsumer } from '../support/broker-world.ts'
import { numbers } from '../support/broker-world.ts'

interface WorkerFacts {
  readonly prefetch: number
  readonly workMs: number
  readonly options?: SubscriptionFacts
}

/** A consumer that does one message after the other, as a client with that prefetch would. */
function worker(at: Member, { prefetch, workMs, options }: WorkerFacts): TestConsumer {
  const consumer = at.consumer({ credit: prefetch, capacity: prefetch })
  let isBusy = false
  const next = (): void => {
    isBusy = consumer.unsettled.length > 0
    if (!isBusy) return
    at.clock.schedule(workMs, () => {
      consumer.ack()
      consumer.grant(1)
      next()
    })
  }
  consumer.onDelivery = () => {
    if (!isBusy) next()
  }
  at.attach(consumer, { weight: prefetch, ...options })
  return consumer
}

function workers(count: number, at: Member, facts: WorkerFacts): TestConsumer[] {
  return Array.from({ length: count }, () => worker(at, facts))
}

function total(consumers: readonly TestConsumer[]): number {
  return consumers.reduce((sum, { deliveries }) => sum + deliveries.length, 0)
}

/** Three brokers, each joined to the others; b and c are equally near to a. */
function triangle() {
  const world = new BrokerNetwork()
  const [a, b, c] = world.addAll(['a', 'b', 'c'])
  world.join('a-b', 'b-c', 'c-a')
  return { world, a: a!, b: b!, c: c! }
}

function isNear(actual: number, expected: number): boolean {
  return Math.abs(actual - expected) <= expected * 0.1
}

test('ten consumers get ten times as much as one that is as fast, while all are busy', (t) => {
  const { world, a, b, c } = triangle()
  const facts = { prefetch: 10, workMs: 10 }
  const many = workers(10, b, facts)
  const one = worker(c, facts)
  world.run(100)
  a.publishAll(numbers(5_000))
  world.run(3_000)
  const [atB, atC] = [total(many), total([one])]
  t.true(isNear(atB / atC, 10), `${atB} and ${atC}`)
  // Each is busy all the time: one message in 10 ms.
  t.true(isNear(atB + atC, 11 * 300), `${atB + atC}`)
})

test('they do so too while none of them is busy', (t) => {
  const { world, a, b, c } = triangle()
  const facts = { prefetch: 10, workMs: 10 }
  const many = workers(10, b, facts)
  const one = worker(c, facts)
  world.run(100)
  for (let i = 0; i < 1_100; i += 1) {
    a.publish({ body: `${i}` })
    world.run(5)
  }
  t.true(isNear(total(many) / total([one]), 10), `${total(many)} and ${total([one])}`)
})

test('a consumer here and ten elsewhere are all busy', (t) => {
  const { world, a, b } = triangle()
  const facts = { prefetch: 10, workMs: 10 }
  const many = workers(10, b, facts)
  const one = worker(a, facts)
  world.run(100)
  a.publishAll(numbers(5_000))
  world.run(3_000)
  t.true(isNear(total(many), 3_000), `${total(many)}`)
  t.true(isNear(total([one]), 300), `${total([one])}`)
})

test('consumers here get everything while they have room', (t) => {
  const { world, a, b } = triangle()
  const facts = { prefetch: 10, workMs: 10 }
  const far = worker(b, facts)
  const here = worker(a, facts)
  world.run(100)
  for (let i = 0; i < 100; i += 1) {
    a.publish({ body: `${i}` })
    world.run(12)
  }
  t.deepEqual([total([here]), total([far])], [100, 0])
})

test('slow consumers get less, whatever prefetch they ask for', (t) => {
  const { world, a, b, c } = triangle()
  const fast = worker(b, { prefetch: 10, workMs: 5 })
  const slow = worker(c, { prefetch: 50, workMs: 50 })
  world.run(100)
  a.publishAll(numbers(5_000))
  world.run(10_000)
  const [done, late] = [total([fast]), total([slow])]
  t.true(isNear(done, 2_000), `${done}`)
  t.true(late <= 10_000 / 50 + 50, `${late}`)
})

test('messages stay near their producer until a consumer has room for them', (t) => {
  const world = new BrokerNetwork()
  const [a, b, c] = world.addAll(['a', 'b', 'c'])
  world.join('a-b', 'b-c')
  const slow = worker(c!, { prefetch: 10, workMs: 1_000 })
  world.run(100)
  a!.publishAll(numbers(1_000))
  world.run(20_000)
  t.true(isNear(slow.deliveries.length, 30))
  const queue = c!.broker.queues.find('orders')!
  t.true(queue.held <= 20, `${queue.held}`)
  t.is(b!.broker.queues.find('orders')?.held ?? 0, 0)
})

test('one fast consumer far away is kept busy over a long line', (t) => {
  const world = new BrokerNetwork()
  const [a, b] = world.addAll(['a', 'b'])
  world.wires.setQuality('a', 'b', { latencyMs: 50 })
  world.join('a-b')
  world.run(1_000)
  // It takes ten in the time that word of one needs to come back.
  const fast = worker(b!, { prefetch: 1, workMs: 10 })
  world.run(1_000)
  a!.publishAll(numbers(5_000))
  world.run(2_000)
  const before = total([fast])
  world.run(10_000)
  t.true(isNear(total([fast]) - before, 1_000), `${total([fast]) - before}`)
  const { held } = b!.broker.queues.find('orders')!
  t.true(held <= 64, `${held}`)
})

test('grants find their way back over a one-way bridge', (t) => {
  const world = new BrokerNetwork()
  const [a, b, c] = world.addAll(['a', 'b', 'c'])
  a!.dial('b', { duplex: false })
  b!.dial('c', { duplex: false })
  world.run(500)
  const far = worker(c!, { prefetch: 2, workMs: 1 })
  world.run(100)
  a!.publishAll(numbers(500))
  world.run(3_000)
  t.is(total([far]), 500)
  t.is(b!.broker.queues.find('orders')?.held ?? 0, 0)
})

test('producers at two brokers share the consumers of a third', (t) => {
  const { world, a, b, c } = triangle()
  const far = worker(c, { prefetch: 10, workMs: 10 })
  world.run(100)
  a.publishAll(numbers(1_000).map((body) => `a${body}`))
  b.publishAll(numbers(1_000).map((body) => `b${body}`))
  world.run(10_000)
  const ofA = far.bodies().filter((body) => body.startsWith('a')).length
  t.true(isNear(total([far]), 1_000), `${total([far])}`)
  t.true(isNear(ofA, 500), `${ofA} of ${total([far])}`)
})

test('a slow consumer far away holds back nothing else on the bridge', (t) => {
  const world = new BrokerNetwork()
  const small = { messagesMax: 64, bytesMax: 1_000_000 }
  const options = { bridges: { window: small, outbox: small } }
  const [a, , c] = world.addAll(['a', 'b', 'c'], { network: options })
  world.join('a-b', 'b-c')
  worker(c!, { prefetch: 10, workMs: 10_000, options: { pattern: 'slow' } })
  const other = c!.subscribe({ settles: true }, { pattern: 'other' })
  world.run(100)
  a!.publishAll(numbers(5_000), { to: 'slow' })
  world.run(100)
  a!.publishAll(numbers(100), { to: 'other' })
  world.run(100)
  t.deepEqual(other.bodies(), numbers(100))
})

test('messages of one producer stay in order under small windows', (t) => {
  const world = new BrokerNetwork()
  const [a, b, c] = world.addAll(['a', 'b', 'c'])
  world.join('a-b', 'b-c')
  const far = worker(c!, { prefetch: 3, workMs: 1 })
  world.run(100)
  for (let i = 0; i < 300; i += 1) {
    a!.publish({ body: `a${1_000 + i}` })
    b!.publish({ body: `b${1_000 + i}` })
    if (i % 10 === 0) world.run(3)
  }
  world.run(5_000)
  for (const from of ['a', 'b']) {
    const bodies = far.bodies().filter((body) => body.startsWith(from))
    t.is(bodies.length, 300)
    t.deepEqual(bodies, [...bodies].sort())
  }
})

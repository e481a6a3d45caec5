// The memory of queues: accounted to the byte, and never a small message that keeps a large chunk.

import test from 'ava'
import fc from 'fast-check'
import type { MessageFilter } from '../../src/broker/index.ts'
import { BrokerWorld, bodyOf, numbers, type TestConsumer } from '../support/broker-world.ts'

/** A message whose bytes lie within a large chunk, as they arrive from a socket. */
function inChunk(world: BrokerWorld, body: string, facts = {}) {
  const message = world.aMessage({ headers: 'a:b\n', ...facts })
  const chunk = Buffer.alloc(65_536, 0x2e)
  const start = 1_000
  message.headersStart = start
  message.headersEnd = start + chunk.write('a:b\n', start)
  message.bodyStart = 2_000
  message.bodyEnd = 2_000 + chunk.write(body, 2_000)
  message.headers = chunk
  message.body = chunk
  return { message, chunk }
}

test('a message that waits lets go of the chunk it came in', (t) => {
  const world = new BrokerWorld()
  const { message, chunk } = inChunk(world, 'waits')
  world.broker.publish(message)
  world.run(100)
  t.not(message.body.buffer, chunk.buffer)
  t.is(message.body.buffer.byteLength, 'waits'.length + 4)
  t.is(message.header('a'), 'b')
  t.deepEqual(world.subscribe().bodies(), ['waits'])
})

test('a message its consumer has not settled lets go of its chunk as well', (t) => {
  const world = new BrokerWorld()
  world.subscribe()
  const { message, chunk } = inChunk(world, 'delivered')
  world.broker.publish(message)
  world.run(100)
  t.not(message.body.buffer, chunk.buffer)
})

test('a message that is gone in a moment is never copied', (t) => {
  const world = new BrokerWorld()
  const consumer = world.subscribe()
  const { message, chunk } = inChunk(world, 'gone')
  world.broker.publish(message)
  world.endTurn()
  consumer.ack()
  world.run(100)
  t.is(message.body, chunk)
})

test('a topic’s message that waits for several is copied once', (t) => {
  const world = new BrokerWorld()
  for (let i = 0; i < 3; i += 1) world.subscribe({ credit: 0 }, { kind: 'topic', pattern: 'p' })
  const { message } = inChunk(world, 'shared', { kind: 'topic', to: 'p' })
  world.broker.publish(message)
  world.run(30)
  world.run(30)
  const { body } = message
  world.run(100)
  t.is(message.body, body)
  t.is(bodyOf(message), 'shared')
  t.is(world.broker.memory.bytesUsed, 3 * message.sizeBytes)
})

test('what a message costs is the same before and after it moved', (t) => {
  const world = new BrokerWorld()
  const { message } = inChunk(world, 'body')
  const before = message.sizeBytes
  message.compact()
  t.is(message.sizeBytes, before)
  t.is(message.headersBytes, 4)
  t.is(message.bodyBytes, 4)
})

const odd: MessageFilter = {
  text: 'odd',
  matches: (message) => message.sequence % 2 === 1
}

type Step =
  | { readonly do: 'publish' | 'forward' | 'topic'; readonly bytes: number; readonly lives: number }
  | { readonly do: 'join'; readonly how: number }
  | { readonly do: 'ack' | 'nack' | 'die' | 'grant' | 'restore'; readonly who: number }
  | { readonly do: 'wait' | 'sweep' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: publishStep() },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const), how: fc.nat(7) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('ack', 'nack', 'die', 'grant', 'restore'),
      who: fc.nat(9)
    })
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('wait', 'sweep') }) }
)

function publishStep() {
  return fc.record({
    do: fc.constantFrom('publish' as const, 'forward' as const, 'topic' as const),
    bytes: fc.nat(300),
    lives: fc.constantFrom(0, 0, 0, 15)
  })
}

/** Runs steps against a broker, with few enough consumers that steps meet. */
class Rig {
  readonly world = new BrokerWorld({
    queueMessagesMax: 8,
    memoryBytesMax: 4_000,
    topicPendingMessagesMax: 4,
    topicPendingBytesMax: 2_000,
    demandBacklogMessagesMax: 3,
    slowConsumerPatienceMs: 30,
    refusalsMax: 2
  })
  readonly consumers: TestConsumer[] = []

  run(step: Step): void {
    const { world, consumers } = this
    switch (step.do) {
      case 'publish':
      case 'forward':
      case 'topic':
        this.publish(step)
        return
      case 'join':
        if (consumers.length < 10) consumers.push(this.join(step.how))
        return
      case 'wait':
        world.run(10)
        return
      case 'sweep':
        world.broker.sweep()
        return
      default:
        this.act(step)
    }
  }

  /** Takes everything out: consumers leave, and new ones take and settle what is left. */
  empty(): void {
    const { world } = this
    for (const consumer of this.consumers) consumer.die()
    for (const name of numbers(3)) {
      world.broker.deleteDurable({ clientId: 'c', subscriptionName: name })
    }
    for (const queue of world.broker.queues.all()) {
      world.subscribe({ settles: true }, { pattern: queue.name })
    }
  }

  private publish({ do: how, bytes, lives }: Extract<Step, { bytes: number }>): void {
    const { world } = this
    const facts = {
      body: 'x'.repeat(bytes),
      isPersistent: bytes % 2 === 0,
      ...(how === 'topic' ? ({ kind: 'topic', to: 'orders' } as const) : {}),
      ...(lives > 0 ? { expiresInMs: lives } : {})
    }
    if (how === 'forward') world.broker.acceptForwarded(world.aForwarded(facts))
    else world.publish(facts)
  }

  private join(how: number): TestConsumer {
    const { world } = this
    const settles = how % 2 === 0
    const filter = how % 3 === 0 ? odd : undefined
    if (how < 4) return world.subscribe({ credit: how, settles, filter })
    if (how === 4) return world.subscribe({ credit: 2, settles }, { pattern: '>' })
    if (how === 5) return world.subscribe({ credit: 1 }, { kind: 'topic', pattern: '*' })
    const subscriptionName = `${how - 5}`
    const durable = { clientId: 'c', subscriptionName }
    const isFree = !this.consumers.some(
      ({ subscription, durableName }) =>
        subscription !== undefined && durableName === subscriptionName
    )
    const consumer = world.subscribe(
      { credit: how % 3 },
      { kind: 'topic', pattern: 'orders', ...(isFree ? { durable } : {}) }
    )
    if (isFree) consumer.durableName = subscriptionName
    return consumer
  }

  private act({ do: what, who }: Extract<Step, { who: number }>): void {
    const { world } = this
    const consumer = this.consumers[who % Math.max(1, this.consumers.length)]
    if (what === 'restore') {
      const message = world.aMessage({ body: 'restored', isPersistent: true })
      world.broker.takeBack(message.destination, [message])
    } else if (consumer?.subscription === undefined) return
    else if (what === 'ack') {
      consumer.ack()
      consumer.grant(1)
    } else if (what === 'grant') consumer.grant(2)
    else if (what === 'die') consumer.die(who % 2 === 0)
    else {
      const entry = consumer.unsettled.shift()
      if (entry !== undefined) world.broker.refuse(entry)
    }
  }
}

test('whatever happens, memory and store come out empty when all messages are gone', (t) => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 80 }), (steps) => {
      const rig = new Rig()
      const { world } = rig
      for (const each of steps) {
        rig.run(each)
        const { broker } = world
        const queues = [...broker.queues.all(), ...broker.topics.all().map(({ queue }) => queue)]
        const bytes = queues.reduce((sum, queue) => sum + queue.bytes, 0)
        t.is(broker.memory.bytesUsed, bytes)
        for (const queue of queues) {
          let waiting = 0
          for (let entry = queue.ready.head; entry !== undefined; entry = entry.next) {
            waiting += 1
            t.is(entry.state, 'ready')
            t.true(entry.next === undefined || entry.next.sequence > entry.sequence)
          }
          t.is(queue.ready.length, waiting)
          t.true(queue.delivered >= 0)
        }
      }
      rig.empty()
      t.is(world.broker.memory.bytesUsed, 0)
      for (const queue of world.broker.queues.all()) {
        t.is(queue.held, 0)
        t.is(Reflect.get(queue, 'expiring'), 0)
        t.false(queue.isPressed)
      }
      world.run(200)
      t.deepEqual(world.store.queues(), [])
    }),
    { numRuns: 300 }
  )
})

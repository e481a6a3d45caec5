// Bounds by destination, the spool, and what happens to producers when something is full: they wait
// at a gate, or are refused where a policy says so. Others go on.

import test from 'ava'
import { isPostroadError } from '../../src/base/index.ts'
import type { FlowGate } from '../../src/broker/index.ts'
import { aPolicy, BrokerWorld, numbers } from '../support/broker-world.ts'

const kept = { isPersistent: true } as const
const durable = { clientId: 'shop', subscriptionName: 'till' }

function isOpenedBy(gate: FlowGate, action: () => void): boolean {
  let isOpened = false
  const leave = gate.wait(() => {
    isOpened = true
  })
  action()
  leave()
  return isOpened
}

function codeOf(action: () => unknown): string | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    return isPostroadError(error) ? error.code : String(error)
  }
}

test('a policy bounds the queues of its pattern, and no others', (t) => {
  const limits = { messagesMax: 3 }
  const world = new BrokerWorld({}, { policies: [aPolicy({ pattern: 'orders.>', limits })] })
  for (const to of ['orders.a', 'orders.b']) {
    t.is(world.publish({ to }), undefined)
    t.is(world.publish({ to }), undefined)
    t.is(world.publish({ to }), world.broker.queues.find(to)!.gate)
  }
  for (let i = 0; i < 10; i += 1) t.is(world.publish({ to: 'orders' }), undefined)
})

test('the first policy that matches bounds a queue, also if it says nothing of bounds', (t) => {
  const policies = [
    aPolicy({ pattern: 'orders.eu' }),
    aPolicy({ pattern: 'orders.>', limits: { messagesMax: 1 } })
  ]
  const world = new BrokerWorld({}, { policies })
  t.is(world.publish({ to: 'orders.eu' }), undefined)
  t.not(world.publish({ to: 'orders.us' }), undefined)
})

test('a queue that refuses takes exactly what its bound says, and more when there is room', (t) => {
  const limits = { messagesMax: 3, whenFull: 'refuse' } as const
  const world = new BrokerWorld({}, { policies: [aPolicy({ limits })] })
  for (const body of numbers(3)) t.is(world.publish({ ...kept, body }), undefined)
  const error = t.throws(() => world.publish(kept))
  t.true(isPostroadError(error, 'LOCAL_QUEUE_FULL'))
  t.regex(error.message, /the queue "orders" holds 3 messages and takes no more \(messagesMax is 3/)
  t.is(world.broker.counters.refused, 1)
  t.is(world.broker.counters.published, 3)
  world.publish({ to: 'others' })
  world.subscribe({ settles: true, credit: 1 })
  t.notThrows(() => world.publish(kept))
  t.is(
    codeOf(() => world.publish(kept)),
    'LOCAL_QUEUE_FULL'
  )
})

test('a queue that refuses does so by bytes, too', (t) => {
  const limits = { bytesMax: 2_000, whenFull: 'refuse' } as const
  const world = new BrokerWorld({}, { policies: [aPolicy({ limits })] })
  world.publish({ body: 'x'.repeat(2_000) })
  const error = t.throws(() => world.publish())
  t.regex(error.message, /holds 2256 bytes and takes no more \(bytesMax is 2000\)/)
})

test('what other brokers send, and dead letters, are never refused', (t) => {
  const limits = { messagesMax: 1, whenFull: 'refuse' } as const
  const policies = [aPolicy({ limits }), aPolicy({ pattern: 'DLQ', limits })]
  const world = new BrokerWorld({ refusalsMax: 1 }, { policies })
  for (let i = 0; i < 3; i += 1) world.broker.acceptForwarded(world.aForwarded())
  const consumer = world.subscribe()
  for (const entry of consumer.unsettled.splice(0)) {
    for (let i = 0; i < 6; i += 1) entry.refusals += 1
    world.broker.refuse(entry)
  }
  t.is(world.broker.queues.find('DLQ')!.held, 3)
})

test('a full durable subscription whose topic refuses has its producers told', (t) => {
  const limits = { messagesMax: 2, whenFull: 'refuse' } as const
  const policies = [aPolicy({ kind: 'topic', pattern: 'prices.>', limits })]
  const world = new BrokerWorld({}, { policies })
  const topic = { kind: 'topic', pattern: 'prices.*' } as const
  world.subscribe({}, { ...topic, durable }).die()
  const publish = (to: string) => () => world.publish({ ...kept, kind: 'topic', to })
  publish('prices.eu')()
  publish('prices.us')()
  const error = t.throws(publish('prices.eu'))
  t.true(isPostroadError(error, 'LOCAL_QUEUE_FULL'))
  t.regex(error.message, /the durable subscription "till" holds 2 messages/)
  t.notThrows(publish('weather'), 'nobody of that topic is full')
})

test('a policy holds for a subscription only if it covers all of its pattern', (t) => {
  const limits = { messagesMax: 1, whenFull: 'refuse' } as const
  const policies = [aPolicy({ kind: 'topic', pattern: 'prices.*', limits })]
  const world = new BrokerWorld({}, { policies })
  world.subscribe({}, { kind: 'topic', pattern: 'prices.>', durable }).die()
  for (let i = 0; i < 3; i += 1) {
    t.notThrows(() => world.publish({ kind: 'topic', to: 'prices.eu' }))
  }
})

test('a subscriber of a topic that drops the oldest holds nobody back', (t) => {
  const limits = { messagesMax: 5, whenFull: 'dropOldest' } as const
  const world = new BrokerWorld({}, { policies: [aPolicy({ kind: 'topic', limits })] })
  const topic = { kind: 'topic', pattern: 'orders' } as const
  const slow = world.subscribe({ credit: 0 }, topic)
  world.subscribe({}, { ...topic, durable }).die()
  for (const body of numbers(20)) {
    const gate = world.publish({ kind: 'topic', body })
    const isDurableFull = Number(body) >= 5
    t.is(gate !== undefined, isDurableFull, 'a durable one is waited for')
  }
  t.is(world.broker.notDelivered.get('dropped-oldest'), 15)
  slow.grant(100)
  t.deepEqual(slow.bodies(), numbers(20, 16))
  world.run(60_000)
  t.is(world.broker.notDelivered.get('slow-consumer'), 0)
})

test('a full broker refuses where that is chosen, and still says how it is', (t) => {
  const world = new BrokerWorld({ memoryBytesMax: 10_000 }, { rules: { whenFull: 'refuse' } })
  t.is(world.publish({ body: 'x'.repeat(10_000) }), undefined, 'who sends next is told')
  for (const to of ['orders', 'others']) {
    t.is(
      codeOf(() => world.publish({ to })),
      'LOCAL_BROKER_FULL'
    )
  }
  t.is(
    codeOf(() => world.publish({ kind: 'topic' })),
    'LOCAL_BROKER_FULL'
  )
  t.notThrows(() => world.publish({ to: '_postroad.admin.hub' }))
  world.subscribe({ settles: true })
  t.notThrows(() => world.publish({ to: 'others' }))
})

test('a policy that waits has its producers wait for memory where the broker refuses', (t) => {
  const policies = [aPolicy({ limits: { whenFull: 'wait' } })]
  const world = new BrokerWorld(
    { memoryBytesMax: 10_000 },
    { policies, rules: { whenFull: 'refuse' } }
  )
  t.is(world.publish({ body: 'x'.repeat(10_000) }), world.broker.memory.gate)
  t.is(world.publish(), world.broker.memory.gate)
  t.is(
    codeOf(() => world.publish({ to: 'others' })),
    'LOCAL_BROKER_FULL'
  )
})

// The spool.

const narrow = { queueWindowMessages: 4, spoolBytesMax: 3_000 } as const

/** Publishes until a gate is answered. */
function fill(world: BrokerWorld, facts: Parameters<BrokerWorld['publish']>[0] = {}) {
  for (let count = 1; count < 1_000; count += 1) {
    const gate = world.publish({ body: `${count}`, ...facts })
    if (gate !== undefined) return { gate, count }
  }
  throw new Error('nothing becomes full')
}

test('a full spool holds back those whose messages go there, and no others', (t) => {
  const world = new BrokerWorld(narrow)
  const { gate, count } = fill(world)
  world.run(50)
  const { spool } = world.broker
  t.true(count > 20)
  t.is(gate, world.broker.queues.find('orders')!.gate)
  t.true(spool.isFull && spool.bytesUsed < narrow.spoolBytesMax + 200)
  t.is(world.publish({ ...kept, to: 'orders' }), undefined, 'persistent ones have the store')
  t.is(world.publish({ to: 'others' }), undefined, 'what fits in memory needs no spool')
  t.true(world.logger.lines.some(({ event }) => event === 'spool-full'))
  const consumer = world.subscribe({ credit: 0, settles: true })
  const isOpened = isOpenedBy(gate, () => {
    consumer.grant(1_000)
    world.run(500)
  })
  t.true(isOpened)
  t.is(consumer.bodies().length, count + 1)
  t.is(spool.bytesUsed, 0)
  t.true(world.logger.lines.some(({ event }) => event === 'spool-room-again'))
  t.deepEqual(world.store.queues(), [])
})

test('a queue whose window is free again lets its producers go on, however full the spool', (t) => {
  const world = new BrokerWorld(narrow)
  fill(world)
  // One of others that is just over its window.
  for (let i = 0; i < 4; i += 1) world.publish({ to: 'others' })
  const gate = world.publish({ to: 'others' })!
  t.is(gate, world.broker.queues.find('others')!.gate)
  world.run(50)
  const consumer = world.subscribe({ credit: 0, settles: true }, { pattern: 'others' })
  t.true(
    isOpenedBy(gate, () => {
      consumer.grant(5)
      world.run(50)
    })
  )
  t.true(world.broker.spool.isFull)
})

test('the spool of one queue gives room to the producers of another', (t) => {
  const world = new BrokerWorld(narrow)
  fill(world)
  const { gate } = fill(world, { to: 'others' })
  world.run(50)
  t.true(
    isOpenedBy(gate, () => {
      world.subscribe({ settles: true, credit: 1_000 })
      world.run(500)
    })
  )
  t.true(world.broker.queues.find('others')!.held > 0)
})

test('a full spool refuses where that is chosen', (t) => {
  const world = new BrokerWorld(narrow, { rules: { whenFull: 'refuse' } })
  let code: string | undefined
  for (let count = 0; code === undefined && count < 1_000; count += 1) {
    code = codeOf(() => world.publish())
  }
  t.is(code, 'LOCAL_BROKER_FULL')
  t.notThrows(() => world.publish(kept))
})

test('a removed durable subscription leaves nothing in the spool', (t) => {
  const world = new BrokerWorld(narrow)
  world.subscribe({}, { kind: 'topic', pattern: 'prices', durable }).die()
  for (let i = 0; i < 12; i += 1) world.publish({ kind: 'topic', to: 'prices' })
  world.run(50)
  t.true(world.broker.spool.bytesUsed > 0)
  world.broker.deleteDurable(durable)
  t.is(world.broker.spool.bytesUsed, 0)
})

test('what an earlier life spooled is not counted, neither in nor out', (t) => {
  const world = new BrokerWorld({ queueWindowMessages: 4 })
  world.publishAll(numbers(20), { expiresInMs: 10_000 })
  world.run(50)
  world.crash()
  t.is(world.broker.spool.bytesUsed, 0)
  world.publishAll(numbers(12), {})
  world.run(50)
  t.true(world.broker.spool.bytesUsed > 0)
  world.run(20_000)
  world.broker.sweep()
  const consumer = world.subscribe({ settles: true })
  world.run(500)
  t.is(consumer.bodies().length, 12)
  t.is(world.broker.spool.bytesUsed, 0)
})

test('while the store fails what does not fit in memory holds back its own queue only', (t) => {
  const world = new BrokerWorld({ queueWindowMessages: 4 })
  world.store.setFault('the disk failed')
  world.publish({ ...kept, to: 'kept' })
  world.run(50)
  for (let i = 0; i < 4; i += 1) t.is(world.publish(), undefined)
  const gate = world.publish()!
  t.is(gate, world.broker.queues.find('orders')!.gate)
  t.is(world.publish({ to: 'others' }), undefined)
  t.true(
    isOpenedBy(gate, () => {
      world.store.setFault(undefined)
      world.run(3_000)
    })
  )
})

// Memory that runs short.

test('more queues than memory has room for go on on disk', (t) => {
  const world = new BrokerWorld({ memoryBytesMax: 200_000 })
  const queues = 40
  for (let round = 0; round < 50; round += 1) {
    for (let queue = 0; queue < queues; queue += 1) {
      const gate = world.publish({ ...kept, to: `q${queue}`, body: `${round}` })
      t.is(gate, undefined, `round ${round}, queue ${queue}`)
    }
    world.run(20)
  }
  t.true(world.broker.memory.bytesUsed < 200_000)
  for (let queue = 0; queue < queues; queue += 1) {
    const consumer = world.subscribe({ settles: true, credit: 100 }, { pattern: `q${queue}` })
    world.run(200)
    t.deepEqual(consumer.bodies(), numbers(49, 0))
  }
  t.is(world.broker.memory.bytesUsed, 0)
})

// A store that takes nothing for a while: who is told, who waits, and when it goes on.

import test from 'ava'
import { SimStore } from '../../sim/fakes/index.ts'
import type { PostroadError } from '../../src/base/index.ts'
import { BrokerWorld, numbers } from '../support/broker-world.ts'

const kept = { isPersistent: true } as const

/** A world whose store holds so many bytes. */
function smallStore(bytesMax: number, whenStoreFull: 'wait' | 'refuse'): BrokerWorld {
  const world = new BrokerWorld({}, { rules: { whenStoreFull } })
  const { scheduler } = world
  world.store = new SimStore(scheduler, { name: 'small', bytesMax })
  world.renew()
  return world
}

test('the log says when a store begins to fail, every minute, and when it works again', (t) => {
  const world = new BrokerWorld()
  const events = () =>
    world.logger.lines
      .filter(({ event }) => event.startsWith('store-'))
      .map(({ event, level, fields }) => `${level} ${event} ${fields.code} ${fields.forMs}`)
  world.store.setFault('the disk is on fire')
  world.publish(kept)
  world.run(50)
  t.deepEqual(events(), ['error store-failing LOCAL_STORE_FAILED 0'])
  t.true(world.broker.store.failingSinceMs! >= 0)
  world.run(55_000)
  t.is(events().length, 1)
  world.run(10_000)
  t.is(events().length, 2)
  world.store.setFault(undefined)
  world.run(2_000)
  t.regex(events()[2]!, /^warn store-works-again LOCAL_STORE_FAILED 6[4-7]\d\d\d$/)
  t.is(world.broker.store.failingSinceMs, undefined)
  t.is(events().length, 3)
})

test('a store that failed with nothing left to write is tried by a write of its own', (t) => {
  const world = new BrokerWorld()
  world.store.failNextCommit()
  world.publish(kept)
  world.run(50)
  world.subscribe({ settles: true })
  world.store.setFault('the disk failed')
  world.run(5_000)
  t.not(world.broker.store.failure, undefined, 'nothing to do is no proof that it works')
  world.store.setFault(undefined)
  world.run(2_000)
  t.is(world.broker.store.failure, undefined)
  world.run(50)
  t.deepEqual(world.store.factKeys('store'), [])
})

test('a commit that was under way when another failed is no sign that the store works', (t) => {
  const world = new BrokerWorld()
  const told: (string | undefined)[] = []
  world.publish(kept)
  world.run(50)
  world.store.failNextCommit()
  world.publish(kept)
  world.endTurn()
  world.publish(kept)
  world.endTurn()
  world.run(50)
  t.not(world.broker.store.failure, undefined, 'what failed is still to be written')
  world.broker.store.whenDurable((error) => told.push(error?.code))
  world.run(2_000)
  t.is(world.broker.store.failure, undefined)
  t.deepEqual(told, [undefined])
  t.is(world.store.summary('orders')?.count, 3)
})

test('a store that was full takes messages again when there is some room', (t) => {
  const world = smallStore(20_000, 'refuse')
  const bodies: string[] = []
  for (let count = 0; world.broker.store.failure === undefined && count < 100; count += 1) {
    world.publish({ ...kept, body: 'x'.repeat(997) + String(count).padStart(3, '0') })
    bodies.push(String(count))
    world.run(20)
  }
  t.is(world.broker.store.failure?.code, 'LOCAL_STORE_FULL')
  const consumer = world.subscribe({ credit: 0, settles: true })
  // What did not fit is written as soon as there is room for that, and no more.
  consumer.grant(1)
  world.run(3_000)
  const { bytesFree } = world.broker.store.usage()
  t.true(bytesFree < 1_200, `${bytesFree}`)
  consumer.grant(100)
  world.run(3_000)
  t.is(world.broker.store.failure, undefined)
  t.is(consumer.bodies().length, bodies.length)
})

test('where a full store is waited for, receipts come when there is room', (t) => {
  const world = smallStore(10_000, 'wait')
  const told: (PostroadError | undefined)[] = []
  let gate = world.publish(kept)
  let count = 1
  for (; gate === undefined && count < 100; count += 1) {
    gate = world.publish({ ...kept, body: 'x'.repeat(1_000) })
    world.broker.whenKept((error) => told.push(error))
    world.run(20)
  }
  t.is(gate, world.broker.store.gate)
  t.deepEqual(
    told.filter((error) => error !== undefined),
    []
  )
  t.true(told.length < count - 1, 'some wait')
  world.run(10_000)
  t.true(told.length < count - 1, 'however long')
  let isOpened = false
  gate!.wait(() => {
    isOpened = true
  })
  const consumer = world.subscribe({ settles: true, credit: 100 })
  world.run(3_000)
  t.true(isOpened)
  t.deepEqual(
    told,
    Array.from({ length: count - 1 }, () => undefined)
  )
  t.is(consumer.bodies().length, count)
})

test('a store that fails otherwise is waited for by nobody', (t) => {
  const world = smallStore(10_000, 'wait')
  world.store.setFault('the disk failed')
  const told: (string | undefined)[] = []
  world.publish(kept)
  world.broker.whenKept((error) => told.push(error?.code))
  world.run(100)
  t.deepEqual(told, ['LOCAL_STORE_FAILED'])
  t.throws(() => world.publish(kept), { message: /not taken now/ })
})

test('queues with nothing to store, and their consumers, do not notice', (t) => {
  const world = new BrokerWorld()
  world.store.setFault('the disk failed')
  world.publish({ ...kept, to: 'kept' })
  world.run(50)
  const consumer = world.subscribe({ settles: true })
  world.publishAll(numbers(50))
  t.deepEqual(consumer.bodies(), numbers(50))
})

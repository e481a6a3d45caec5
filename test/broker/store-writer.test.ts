// The writer of persistent messages: one batch a turn, nothing written in vain, and nobody told
// that something is durable which is not.

import test from 'ava'
import type { PostroadError } from '../../src/base/index.ts'
import { BrokerWorld, numbers } from '../support/broker-world.ts'

const kept = { isPersistent: true } as const

function storedIn(world: BrokerWorld, queue = 'orders'): number {
  return world.store.read(queue, Number.NEGATIVE_INFINITY, { countMax: 1_000, bytesMax: 1e9 })
    .length
}

test('persistent messages reach the store, others do not', (t) => {
  const world = new BrokerWorld()
  world.publishAll(['1', '2'], kept)
  world.publish({ body: '3' })
  t.is(storedIn(world), 0)
  world.run(20)
  t.is(storedIn(world), 2)
})

test('settled messages leave the store', (t) => {
  const world = new BrokerWorld()
  world.publishAll(numbers(3), kept)
  world.run(20)
  const consumer = world.subscribe()
  consumer.ack(2)
  world.run(20)
  t.is(storedIn(world), 1)
})

test('what is stored and settled within one turn never reaches the store', (t) => {
  const world = new BrokerWorld()
  let encoded = 0
  const { put } = world.store
  world.store.put = (...args) => {
    encoded += 1
    put.apply(world.store, args)
  }
  const consumer = world.subscribe()
  world.publishAll(numbers(5), kept)
  consumer.ack(4)
  world.subscribe({ settles: true }, { pattern: 'at.once' })
  world.publish({ ...kept, to: 'at.once' })
  world.run(20)
  t.is(encoded, 1)
  t.is(storedIn(world), 1)
})

test('a message given back and one restored stay in the store', (t) => {
  const world = new BrokerWorld()
  world.publish({ ...kept, body: '1' })
  world.run(20)
  world.subscribe().die()
  const restored = world.aMessage({ ...kept, body: '0' })
  world.broker.takeBack(restored.destination, [restored])
  world.run(20)
  t.is(storedIn(world), 2)
  const sequences = world.store
    .read('orders', Number.NEGATIVE_INFINITY, { countMax: 9, bytesMax: 1e9 })
    .map(({ sequence }) => sequence)
  t.true(sequences[0]! < sequences[1]!)
  world.subscribe({ settles: true })
  world.run(20)
  t.is(storedIn(world), 0)
})

test('a durable topic subscription stores what waits for it, and is cleared when it goes', (t) => {
  const world = new BrokerWorld()
  const durable = { clientId: 'shop', subscriptionName: 'till' }
  world.subscribe({}, { kind: 'topic', pattern: 'prices' })
  world.subscribe({}, { kind: 'topic', pattern: 'prices', durable }).die()
  world.publish({ ...kept, kind: 'topic', to: 'prices' })
  world.run(20)
  t.is(world.store.queues().length, 1)
  world.broker.deleteDurable(durable)
  world.run(20)
  t.deepEqual(world.store.queues(), [])
})

test('who asks when something is durable is told after the commit, in order', (t) => {
  const world = new BrokerWorld()
  const told: string[] = []
  const { store } = world.broker
  store.whenDurable(() => told.push('nothing to wait for'))
  t.deepEqual(told, ['nothing to wait for'])
  world.publish({ ...kept, body: '1' })
  store.whenDurable((error) => told.push(`1 ${storedIn(world)} ${error}`))
  world.endTurn()
  world.publish({ ...kept, body: '2' })
  store.whenDurable((error) => told.push(`2 ${storedIn(world)} ${error}`))
  store.whenDurable(() => told.push('2 again'))
  t.is(told.length, 1)
  world.run(50)
  t.deepEqual(told.slice(1), ['1 1 undefined', '2 2 undefined', '2 again'])
})

test('who asks while a commit is under way waits for it, though nothing new was written', (t) => {
  const world = new BrokerWorld()
  world.publish(kept)
  world.endTurn()
  let stored = -1
  world.broker.store.whenDurable(() => {
    stored = storedIn(world)
  })
  t.is(stored, -1)
  world.run(50)
  t.is(stored, 1)
})

test('a failed commit is told to all who wait for what it held, and to nobody later', (t) => {
  const world = new BrokerWorld()
  const errors: (string | undefined)[] = []
  const note = (error: PostroadError | undefined): void => {
    errors.push(error?.code)
  }
  world.store.failNextCommit()
  world.publish({ ...kept, body: 'lost' })
  world.broker.store.whenDurable(note)
  world.endTurn()
  world.broker.store.whenDurable(note)
  world.endTurn()
  world.broker.store.whenDurable(note)
  world.run(100)
  t.deepEqual(errors, ['LOCAL_STORE_FAILED', 'LOCAL_STORE_FAILED', 'LOCAL_STORE_FAILED'])
  t.throws(() => world.publish(kept), { message: /not taken now: commit failed: the disk failed/ })
  world.publish({ body: 'not persistent' })
  world.run(1_000)
  t.is(storedIn(world), 1, 'it is tried again')
  world.publish({ ...kept, body: 'kept' })
  world.broker.store.whenDurable(note)
  world.run(100)
  t.is(errors[3], undefined)
  t.is(errors.length, 4)
  t.is(storedIn(world), 2)
})

test('a message whose commit failed is still delivered, and settled without a trace', (t) => {
  const world = new BrokerWorld()
  world.store.failNextCommit()
  world.publish({ ...kept, body: '1' })
  world.run(50)
  const consumer = world.subscribe()
  t.deepEqual(consumer.bodies(), ['1'])
  consumer.ack()
  world.run(50)
  t.deepEqual(world.store.queues(), [])
})

test('facts are written with the batch of their turn', (t) => {
  const world = new BrokerWorld()
  world.broker.store.setFact('key', 'value')
  t.is(world.store.fact('key'), undefined)
  world.run(50)
  t.is(world.store.fact('key'), 'value')
  world.broker.store.setFact('key', undefined)
  world.run(50)
  t.is(world.store.fact('key'), undefined)
})

test('what the store holds from an earlier life keeps its places', (t) => {
  const world = new BrokerWorld()
  const takeBack = (body: string): void => {
    const restored = world.aMessage({ ...kept, body })
    world.broker.takeBack(restored.destination, [restored])
    world.run(20)
  }
  const sequences = (): number[] => {
    const limits = { countMax: 10, bytesMax: 1e9 }
    const read = world.store.read('orders', Number.NEGATIVE_INFINITY, limits)
    return read.map(({ sequence }) => sequence)
  }
  world.publishAll(numbers(2), kept)
  takeBack('0')
  world.crash()
  world.publish({ ...kept, body: '3' })
  takeBack('-1')
  t.deepEqual(sequences(), [-2, -1, 1, 2, 3])
  for (let sweep = 0; sweep < 30; sweep += 1) world.broker.sweep()
  world.run(20)
  const consumer = world.subscribe({ settles: true })
  world.run(20)
  t.deepEqual(consumer.bodies(), ['-1', 'r0', 'r1', 'r2', '3'])
  t.deepEqual(world.store.queues(), [])
})

test('a message that its consumer acknowledges in a moment is confirmed without the disk', (t) => {
  const world = new BrokerWorld()
  let commits = 0
  const { commit } = world.store
  world.store.commit = (done) => {
    commits += 1
    commit.call(world.store, done)
  }
  const consumer = world.subscribe()
  // The mark of what may have been delivered is written with the first of thousands.
  world.publish(kept)
  world.run(50)
  consumer.ack()
  world.run(50)
  commits = 0
  let confirmed = 0
  for (let round = 0; round < 20; round += 1) {
    world.publish(kept)
    world.broker.store.whenDurable((error) => {
      if (error === undefined) confirmed += 1
    })
    world.run(0.5)
    t.is(confirmed, round)
    consumer.ack()
    world.endTurn()
    t.is(confirmed, round + 1)
  }
  world.run(50)
  t.is(commits, 0)
  t.deepEqual(world.store.queues(), [])
})

test('one that its consumer keeps is on disk before it is confirmed', (t) => {
  const world = new BrokerWorld()
  world.subscribe()
  world.publish(kept)
  let stored = -1
  world.broker.store.whenDurable(() => {
    stored = storedIn(world)
  })
  world.run(1)
  t.is(stored, -1)
  world.run(20)
  t.is(stored, 1)
})

test('while a store fails it is tried again, and persistent messages are refused', (t) => {
  const world = new BrokerWorld()
  world.store.setFault('the disk is full')
  const told: (string | undefined)[] = []
  for (const body of numbers(3)) world.publish({ ...kept, body })
  world.broker.store.whenDurable((error) => told.push(error?.message))
  world.run(20)
  t.deepEqual(told, ['commit failed: the disk is full'])
  t.throws(() => world.publish(kept), { message: /not taken now/ })
  world.publish({ body: 'not persistent' })
  world.run(5_000)
  t.is(storedIn(world), 0)
  world.store.setFault(undefined)
  world.run(1_100)
  t.is(storedIn(world), 3)
  world.publish({ ...kept, body: '4' })
  world.run(20)
  world.crash()
  const consumer = world.subscribe({ settles: true })
  world.run(50)
  t.deepEqual(consumer.bodies(), ['r1', 'r2', 'r3', 'r4'])
})

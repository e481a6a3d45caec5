// What clients of the simulation can do, one thing at a time: it happens, and no judge complains.

import test from 'ava'
import { chain } from '../../../sim/topologies.ts'
import type { MessageRecord } from '../../../sim/workload/ledger.ts'
import type { SimWorld } from '../../../sim/world.ts'
import {
  aConsumer,
  aProducer,
  assertGood,
  plainSettings,
  runSmall,
  startSmall
} from '../small-world.ts'

const destination = '/queue/q'
const topology = chain(2)

function recordsOf(world: SimWorld): MessageRecord[] {
  return [...world.ledger.all()]
}

test('a producer sends bursts at a steady pace, and stops by itself', (t) => {
  const result = runSmall({
    topology,
    producers: [aProducer({ at: 'a', destination, burst: 5, isSteady: true, messagesMax: 12 })],
    consumers: [aConsumer({ at: 'b', destination })]
  })
  assertGood(t, result)
  const times = recordsOf(result.world).map(({ acceptedAtMs }) => acceptedAtMs)
  t.is(times.length, 12)
  t.true(times[4]! - times[0]! < 5, 'five at once')
  t.true(Math.abs(times[10]! - times[0]! - 40) < 5, 'two ticks of 20 ms later')
})

test('messages are selected by their headers, at other brokers too', (t) => {
  const headers = { colour: ['red', 'green', 'blue'] }
  const result = runSmall({
    topology,
    producers: [
      aProducer({ at: 'a', headers }),
      aProducer({ name: 'q', at: 'a', destination, headers })
    ],
    consumers: [
      aConsumer({ at: 'b', selector: "colour = 'red'" }),
      aConsumer({ name: 'd', at: 'a', destination, selector: "colour <> 'red'" }),
      aConsumer({ name: 'e', at: 'b', destination, selector: "colour = 'red'" })
    ]
  })
  assertGood(t, result)
  for (const { kind, headers: own, expected, consumed } of recordsOf(result.world)) {
    if (kind === 'queue') t.is(consumed, 1)
    else t.is(expected.size, own.get('colour') === 'red' ? 1 : 0)
  }
})

test('every third transaction is aborted, and nothing of it is ever taken', (t) => {
  const result = runSmall({
    topology,
    producers: [aProducer({ at: 'a', destination, transactionSize: 4, messagesMax: 38 })],
    consumers: [aConsumer({ at: 'b', destination })]
  })
  assertGood(t, result)
  const numbers = recordsOf(result.world).map(({ number }) => number)
  // Transactions 2, 5 and 8 are aborted; the last one has two messages.
  const aborted = (number: number): boolean => Math.floor((number - 1) / 4) % 3 === 2
  const all = Array.from({ length: 38 }, (_, at) => at + 1)
  t.deepEqual(
    numbers,
    all.filter((number) => !aborted(number))
  )
})

test('a transaction that breaks off with its connection is forgotten, its numbers too', (t) => {
  const result = runSmall({
    topology,
    producers: [aProducer({ at: 'a', destination, transactionSize: 10 })],
    consumers: [aConsumer({ at: 'b', destination })],
    play(world, plan) {
      startSmall(world, plan)
      world.runFor(300)
      world.dropClient('p')
      world.runFor(1_500)
      world.finish()
    }
  })
  assertGood(t, result)
  const numbers = new Set(recordsOf(result.world).map(({ number }) => number))
  const taken = [...numbers].map((number) => Math.floor((number - 1) / 10))
  for (const index of new Set(taken)) t.is(taken.filter((one) => one === index).length, 10)
  t.true(numbers.size > 20)
})

test('messages expire while nobody takes them, and are not missed', (t) => {
  const result = runSmall({
    topology,
    producers: [aProducer({ at: 'a', destination, ttlMs: 300, messagesMax: 50 })],
    consumers: [aConsumer({ at: 'b', destination, prefetch: 1, workMs: 100 })],
    play(world, plan) {
      startSmall(world, plan)
      world.runFor(10_000)
      world.finish()
    }
  })
  assertGood(t, result)
  const expired = recordsOf(result.world).filter(({ excuse }) => excuse?.kind === 'expired')
  t.true(expired.length > 10 && expired.length < 50)
})

test('what is refused too often becomes a dead letter, for whoever takes those', (t) => {
  const world = {
    topology,
    producers: [aProducer({ at: 'a', destination, messagesMax: 40 })],
    consumers: [aConsumer({ at: 'b', destination, nackEvery: 4 })]
  }
  const dead = aConsumer({ name: 'd', at: 'a', destination: '/queue/DLQ' })
  const { refusalsMax } = plainSettings.limits
  for (const consumers of [world.consumers, [...world.consumers, dead]]) {
    const result = runSmall({ ...world, consumers })
    assertGood(t, result)
    for (const { number, refusals, deliveries, deadDeliveries } of recordsOf(result.world)) {
      const isRefused = number % 4 === 0
      t.is(refusals, isRefused ? refusalsMax : 0)
      t.is(deliveries, isRefused ? refusalsMax : 1)
      t.is(deadDeliveries, isRefused && consumers.length > 1 ? 1 : 0)
    }
  }
})

const durableWorld = {
  topology,
  producers: [aProducer({ at: 'a' })],
  consumers: [aConsumer({ at: 'b', durableName: 'kept' })]
}

test('a durable subscription keeps what comes while its consumer is away', (t) => {
  const result = runSmall({
    ...durableWorld,
    play(world, plan) {
      startSmall(world, plan)
      world.runFor(500)
      world.clients.leave('c', 'abrupt')
      world.settle()
      world.runFor(1_000)
      t.true(world.broker('b').running.broker.topics.all()[0]!.queue.held > 40)
      world.clients.arrive('c')
      world.runFor(500)
      world.finish()
    }
  })
  assertGood(t, result)
  const records = recordsOf(result.world)
  t.true(records.length > 90)
  for (const { key, expected } of records) {
    t.is(expected.size, 1, key)
    t.true(expected.get('c@b')!.copies >= 1, key)
  }
})

test('a durable subscription dies with its broker, and what it was owed is excused', (t) => {
  const result = runSmall({
    ...durableWorld,
    play(world, plan) {
      startSmall(world, plan)
      world.clients.leave('c', 'abrupt')
      world.runFor(1_000)
      world.faults.crash('b')
      world.runFor(1_000)
      world.faults.start('b')
      world.clients.arrive('c')
      world.runFor(1_000)
      world.finish()
    }
  })
  assertGood(t, result)
  const excuses = recordsOf(result.world).flatMap(({ expected }) =>
    [...expected.values()].map(({ excuse }) => excuse?.kind)
  )
  t.true(excuses.includes('died-with-broker'))
  t.true(excuses.includes(undefined), 'the next one of that name gets all')
})

test('an orderly leave ends a durable subscription', (t) => {
  const result = runSmall({
    ...durableWorld,
    play(world, plan) {
      startSmall(world, plan)
      world.runFor(300)
      world.move('c', 'a', 'orderly')
      world.runFor(1_000)
      t.is(world.broker('b').running.broker.topics.all().length, 0)
      t.is(world.broker('a').running.broker.topics.all().length, 1)
      world.clients.leave('c', 'orderly')
      world.runFor(1_000)
      t.is(world.broker('a').running.broker.topics.all().length, 0)
      world.finish()
    }
  })
  assertGood(t, result)
})

test('a producer goes to another broker and sends on', (t) => {
  const result = runSmall({
    topology,
    producers: [aProducer({ at: 'a', destination })],
    consumers: [aConsumer({ at: 'b', destination })],
    play(world, plan) {
      startSmall(world, plan)
      for (const [broker, leaving] of [
        ['b', 'orderly'],
        ['a', 'abrupt']
      ] as const) {
        world.runFor(300)
        world.move('p', broker, leaving)
      }
      world.runFor(300)
      world.finish()
    }
  })
  assertGood(t, result)
  const origins = recordsOf(result.world).map(({ origin }) => origin)
  t.deepEqual(
    origins.filter((origin, at) => origin !== origins[at - 1]),
    ['a', 'b', 'a']
  )
})

test('a consumer whose connection is reset comes back by itself', (t) => {
  const result = runSmall({
    topology,
    producers: [aProducer({ at: 'a', destination })],
    consumers: [aConsumer({ at: 'b', destination, workMs: 50 })],
    play(world, plan) {
      startSmall(world, plan)
      world.runFor(300)
      world.dropClient('c')
      world.runFor(10)
      t.false(world.consumers.get('c')!.isSubscribed)
      world.runFor(1_000)
      t.true(world.consumers.get('c')!.isSubscribed)
      world.finish()
    }
  })
  assertGood(t, result)
  t.true(recordsOf(result.world).some(({ marked }) => marked > 0))
})

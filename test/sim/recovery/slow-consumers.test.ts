// Consumers that take little or nothing: who waits for them, who does not, and what they lose.

import test from 'ava'
import { chain } from '../../../sim/topologies.ts'
import { aPolicy } from '../../support/broker-world.ts'
import { aConsumer, aProducer, startSmall } from '../small-world.ts'
import { givenUp, runMarked, withLimits } from './marked-world.ts'

const patient = { topicPendingMessagesMax: 20, slowConsumerPatienceMs: 2_000 }

test.serial('a stuck subscriber loses its oldest messages and holds nobody else back', (t) => {
  const [result] = runMarked(
    t,
    {
      topology: chain(2),
      settings: withLimits(patient),
      producers: [aProducer({ at: 'a', everyMs: 10 })],
      consumers: [
        aConsumer({ at: 'a', prefetch: 1, workMs: 5_000 }),
        aConsumer({ name: 'other', at: 'b' })
      ],
      play(world, plan) {
        startSmall(world, plan)
        world.runFor(15_000)
        world.stopConsumer('c', 'abrupt')
        world.finish()
      }
    },
    [
      'topic-consumer-stuck',
      'topic-slow-consumer-loses',
      'topic-stuck-consumer-goes-on',
      'topic-subscriber-gone'
    ]
  )
  t.true(givenUp(result!, 'slow-consumer') > 500)
  t.true(result!.deliveries >= result!.messages)
})

test.serial(
  'a subscriber that takes some in each patience is waited for and loses nothing',
  (t) => {
    const [result] = runMarked(
      t,
      {
        topology: chain(2),
        settings: withLimits(patient),
        producers: [aProducer({ at: 'a', everyMs: 10, bodyBytes: 4_000 })],
        consumers: [aConsumer({ at: 'a', prefetch: 1, workMs: 200 })],
        play(world, plan) {
          startSmall(world, plan)
          world.runFor(9_000)
          world.finish()
        }
      },
      ['topic-slow-consumer-is-waited-for', 'client-producer-paused', 'client-producer-resumed']
    )
    t.is(result!.deliveries, result!.messages)
  }
)

test.serial('a broker whose memory is full holds producers back, and nothing is lost', (t) => {
  const [result] = runMarked(
    t,
    {
      topology: chain(2),
      settings: withLimits({ memoryBytesMax: 100_000 }),
      // With a disk most of it would wait there.
      plan: { overrides: { a: { isMemoryOnly: true }, b: { isMemoryOnly: true } } },
      producers: [aProducer({ at: 'a', destination: '/queue/q', everyMs: 5, bodyBytes: 4_000 })],
      consumers: [aConsumer({ at: 'b', destination: '/queue/q', prefetch: 1, workMs: 30 })],
      play(world, plan) {
        startSmall(world, plan)
        world.runFor(5_000)
        world.finish()
      }
    },
    ['memory-full', 'memory-room-again', 'client-producer-paused', 'client-producer-resumed']
  )
  t.is(result!.deliveries, result!.messages)
})

test.serial('memory that runs short sends what waits to the disk, and holds nobody back', (t) => {
  const [result] = runMarked(
    t,
    {
      topology: chain(2),
      settings: withLimits({ memoryBytesMax: 250_000 }),
      producers: [aProducer({ at: 'a', destination: '/queue/q', everyMs: 5, bodyBytes: 4_000 })],
      consumers: [aConsumer({ at: 'b', destination: '/queue/q', prefetch: 1, workMs: 30 })],
      play(world, plan) {
        startSmall(world, plan)
        world.runFor(5_000)
        for (const broker of world.upBrokers()) {
          t.is(broker.running.stomp.registry.pausedProducers, 0)
        }
        world.finish()
      }
    },
    ['queue-waits-in-store']
  )
  t.is(result!.deliveries, result!.messages)
})

test.serial('a full spool holds producers back, and nothing is lost', (t) => {
  const [result] = runMarked(
    t,
    {
      topology: chain(2),
      settings: withLimits({ queueWindowMessages: 2, spoolBytesMax: 20_000 }),
      producers: [
        aProducer({
          ...{ at: 'a', destination: '/queue/q', everyMs: 5, bodyBytes: 1_000 },
          isPersistent: false
        })
      ],
      consumers: [aConsumer({ at: 'b', destination: '/queue/q', prefetch: 1, workMs: 30 })],
      play(world, plan) {
        startSmall(world, plan)
        world.runFor(5_000)
        world.finish()
      }
    },
    ['queue-waits-for-spool', 'store-spool-full', 'client-producer-resumed'],
    [1, 2, 3]
  )
  t.is(result!.deliveries, result!.messages)
})

test.serial('a queue that refuses loses nothing that it took', (t) => {
  const limits = { messagesMax: 10, whenFull: 'refuse' } as const
  const policies = [aPolicy({ pattern: 'q', limits })]
  const [result] = runMarked(
    t,
    {
      topology: chain(2),
      producers: [
        aProducer({ at: 'a', destination: '/queue/q', everyMs: 5, isPersistent: true }),
        aProducer({ name: 'other', at: 'a', destination: '/queue/r', everyMs: 20 })
      ],
      consumers: [
        aConsumer({ at: 'b', destination: '/queue/q', prefetch: 1, workMs: 30 }),
        aConsumer({ name: 'fast', at: 'b', destination: '/queue/r' })
      ],
      plan: { overrides: { a: { policies }, b: { policies } } },
      play(world, plan) {
        startSmall(world, plan)
        world.runFor(5_000)
        world.finish()
      }
    },
    ['queue-refuses', 'client-frame-refused'],
    [1, 2, 3]
  )
  t.is(result!.deliveries, result!.messages)
})

test.serial('a full queue that only a wildcard wants is told as full by its own name', (t) => {
  const [result] = runMarked(
    t,
    {
      topology: chain(2),
      settings: withLimits({ demandBacklogMessagesMax: 5 }),
      producers: [
        aProducer({ at: 'a', destination: '/queue/q.1', everyMs: 10 }),
        // What is published where the consumer is waits there.
        aProducer({ name: 'p2', at: 'b', destination: '/queue/q.1', everyMs: 10 })
      ],
      consumers: [aConsumer({ at: 'b', destination: '/queue/q.>', prefetch: 1, workMs: 20 })]
    },
    ['demand-full', 'demand-full-by-wildcard', 'demand-room-again', 'proxy-far-end-full']
  )
  t.is(result!.deliveries, result!.messages)
})

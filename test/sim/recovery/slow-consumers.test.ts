// Consumers that take little or nothing: who waits for them, who does not, and what they lose.

import test from 'ava'
import { chain } from '../../../sim/topologies.ts'
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

test.serial('a full queue that only a wildcard wants is told as full by its own name', (t) => {
  const [result] = runMarked(
    t,
    {
      topology: chain(2),
      settings: withLimits({ demandBacklogMessagesMax: 5 }),
      producers: [aProducer({ at: 'a', destination: '/queue/q.1', everyMs: 10 })],
      consumers: [aConsumer({ at: 'b', destination: '/queue/q.>', prefetch: 1, workMs: 100 })]
    },
    ['demand-full', 'demand-full-by-wildcard', 'demand-room-again', 'proxy-far-end-full']
  )
  t.is(result!.deliveries, result!.messages)
})

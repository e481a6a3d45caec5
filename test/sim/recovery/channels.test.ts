// Messages on their way over a bridge when it breaks, is congested, or takes nothing so large.

import test from 'ava'
import { chain, pairDialledByBoth } from '../../../sim/topologies.ts'
import { aConsumer, aProducer, narrowSettings, plainSettings, startSmall } from '../small-world.ts'
import { givenUp, runMarked, withNetwork } from './marked-world.ts'

const queue = '/queue/q'

test.serial('what comes again over a very long way is dropped, and all of it arrives once', (t) => {
  const results = runMarked(
    t,
    {
      topology: pairDialledByBoth(),
      producers: [
        aProducer({ at: 'a', everyMs: 60 }),
        aProducer({ name: 'p2', at: 'b', destination: queue, everyMs: 60 })
      ],
      // A window with room for all that is sent in the time a word takes back.
      consumers: [
        aConsumer({ at: 'b' }),
        aConsumer({ name: 'c2', at: 'a', destination: queue, prefetch: 1_000 })
      ],
      qualities: [{ latencyMs: 200, jitterMs: 1_600 }],
      play(world, plan) {
        startSmall(world, plan)
        for (let round = 0; round < 12; round += 1) {
          world.runFor(8_000 + round * 500)
          world.faults.reset('a', 'b')
        }
        world.runFor(4_000)
        world.finish()
      }
    },
    ['channel-duplicate-dropped', 'channel-ack-outdated', 'channel-message-sent-again'],
    [10, 13, 15, 24]
  )
  for (const { world } of results) {
    const lost = [...world.ledger.all()].filter(
      ({ deliveries, destination }) => deliveries === 0 && destination.startsWith('/queue/')
    )
    t.is(lost.length, 0)
  }
})

test.serial('a broker that cannot send on holds its acknowledgements back, and goes on', (t) => {
  const parking = { ...plainSettings.network.parking, bytesMax: 200_000 }
  const [result] = runMarked(
    t,
    {
      topology: chain(3),
      settings: { ...narrowSettings, network: { ...narrowSettings.network, parking } },
      producers: ['t', 'u'].map((name) =>
        aProducer({ name, at: 'a', destination: `/topic/${name}`, everyMs: 2, bodyBytes: 4_000 })
      ),
      consumers: ['t', 'u'].map((name) =>
        aConsumer({ name: `c${name}`, at: 'c', destination: `/topic/${name}`, ack: 'auto' })
      ),
      qualities: [{ latencyMs: 1 }, { latencyMs: 60 }]
    },
    ['channel-ack-held-back', 'channel-full', 'channel-room-again', 'parked-for-room']
  )
  t.is(givenUp(result!, 'parking-full'), 0)
})

test.serial('a message too large for a bridge is a dead letter, and others pass', (t) => {
  const [result] = runMarked(
    t,
    {
      topology: chain(3),
      settings: withNetwork({
        bridges: { ...plainSettings.network.bridges, frameBytesMax: 70_000 }
      }),
      producers: [
        aProducer({ at: 'a', destination: queue, everyMs: 100, bodyBytes: 80_000 }),
        aProducer({ name: 'p2', at: 'a', destination: '/queue/r' })
      ],
      consumers: [
        aConsumer({ at: 'c', destination: queue }),
        aConsumer({ name: 'c2', at: 'c', destination: '/queue/r' }),
        aConsumer({ name: 'dead', at: 'a', destination: '/queue/DLQ' })
      ]
    },
    ['channel-message-too-large', 'message-dead-lettered']
  )
  const { deadLettered } = result!.world.broker('a').running.broker.counters
  t.true(deadLettered > 10)
  t.is(givenUp(result!, 'too-large'), deadLettered)
})

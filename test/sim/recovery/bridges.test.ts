// Bridges that are made twice, lost halfway or left: what becomes of them and of their messages.

import test from 'ava'
import { chain, pairDialledByBoth } from '../../../sim/topologies.ts'
import { marksHit } from '../../../src/base/index.ts'
import { aConsumer, aProducer, narrowSettings, startSmall } from '../small-world.ts'
import { runMarked } from './marked-world.ts'

const queue = '/queue/q'

/** Two brokers that dial each other, with traffic both ways. */
const pair = {
  topology: pairDialledByBoth(),
  producers: [
    aProducer({ at: 'a', everyMs: 10 }),
    aProducer({ name: 'p2', at: 'b', destination: queue, everyMs: 10 })
  ],
  consumers: [aConsumer({ at: 'b' }), aConsumer({ name: 'c2', at: 'a', destination: queue })]
} as const

test.serial('two brokers that dial each other over a long way end with one bridge', (t) => {
  runMarked(
    t,
    {
      ...pair,
      qualities: [{ latencyMs: 300, jitterMs: 250 }],
      play(world, plan) {
        startSmall(world, plan)
        for (let round = 0; round < 10; round += 1) {
          world.runFor(100 + round * 133)
          const [a, b] = round % 2 === 0 ? ['b', 'a'] : ['a', 'b']
          if (round % 3 === 0) world.faults.reset('a', 'b')
          else world.faults.halfOpen(a!, b!)
          world.runFor(900)
          if (round % 4 === 0) world.faults.cut('a', 'b')
          world.runFor(600)
          world.faults.healAll()
        }
        world.finish()
      }
    },
    [
      'bridge-double-dial-refused',
      'bridge-pending-superseded',
      'channel-nothing-had-arrived',
      'dial-resumed-after-standby',
      'dial-stands-by'
    ],
    [1, 2, 3, 4, 5, 6]
  )
})

/** How often one broker was dialled by another that it took to be bridged. */
function secondDials(): number {
  const marks: readonly string[] = ['bridge-dialled-twice', 'bridge-double-dial-refused']
  const counts = marksHit().map(([name, count]) => (marks.includes(name) ? count : 0))
  return counts.reduce((sum, count) => sum + count, 0)
}

test.serial('a bridge that is half-open and silent is found out by a probe', (t) => {
  runMarked(
    t,
    {
      ...pair,
      qualities: [{ latencyMs: 200, jitterMs: 190 }],
      play(world, plan) {
        startSmall(world, plan)
        for (let round = 0; round < 10; round += 1) {
          world.runFor(300)
          if (round % 2 === 0) world.faults.halfOpen('b', 'a')
          else world.faults.halfOpen('a', 'b')
          const before = secondDials()
          for (let ms = 0; ms < 2_000 && secondDials() === before; ms += 10) world.runFor(10)
          // The probe is under way.
          if (round % 4 < 2) world.faults.cut('a', 'b')
          world.runFor(1_500 + round * 100)
          world.faults.healAll()
          world.runFor(2_000)
        }
        world.finish()
      }
    },
    ['bridge-probe-answered', 'bridge-probe-unanswered'],
    [1, 2, 3, 4]
  )
})

test.serial('a broker that has lost its end of a bridge gets another, and nothing is lost', (t) => {
  const [result] = runMarked(
    t,
    {
      topology: chain(2),
      producers: [aProducer({ at: 'a', destination: queue, everyMs: 150 })],
      consumers: [aConsumer({ at: 'b', destination: queue })],
      latencyMs: 5,
      play(world, plan) {
        startSmall(world, plan)
        for (let round = 0; round < 4; round += 1) {
          world.runFor(1_700)
          // The other end has little to say, and so does not hear of it before the next dial.
          world.faults.halfOpen('a', 'b')
        }
        world.runFor(500)
        world.finish()
      }
    },
    ['bridge-half-open-given-up', 'bridge-fenced-by-newer', 'channel-kept-for-replacement']
  )
  t.is(result!.deliveries, result!.messages)
})

test.serial('a bridge that breaks while its broker says goodbye loses nothing', (t) => {
  runMarked(
    t,
    {
      topology: chain(2),
      producers: [aProducer({ at: 'a', destination: queue, everyMs: 4 })],
      consumers: [aConsumer({ at: 'b', destination: queue, prefetch: 1, workMs: 5 })],
      settings: narrowSettings,
      latencyMs: 20,
      play(world, plan) {
        startSmall(world, plan)
        world.runFor(500)
        world.faults.stop('a')
        world.runFor(5)
        world.faults.reset('a', 'b')
        world.runFor(6_000)
        t.false(world.broker('a').isUp)
        world.finish()
      }
    },
    ['bridge-connection-lost-on-leaving']
  )
})

// Persistent messages for a broker that is cut off, whose neighbour is killed: while it parks them,
// while they wait, and while they leave.

import test, { type ExecutionContext } from 'ava'
import { chain } from '../../../sim/topologies.ts'
import { aConsumer, aProducer, narrowSettings, startSmall } from '../small-world.ts'
import { givenUp, runMarked } from './marked-world.ts'

const limits = { ...narrowSettings.limits, queueWindowMessages: 3 }

/** Cuts c off, kills b so long after that, and once more so long after all is healed. */
function killTwice(t: ExecutionContext, cutMs: number, healedMs: number): void {
  const [result] = runMarked(
    t,
    {
      topology: chain(3),
      settings: { ...narrowSettings, limits },
      producers: [
        aProducer({ at: 'a', isPersistent: true }),
        aProducer({ name: 'q', at: 'b', isPersistent: true, destination: '/topic/u' })
      ],
      consumers: ['t', 'u'].map((name) =>
        aConsumer({ name, at: 'c', destination: `/topic/${name}`, durableName: name })
      ),
      play(world, plan) {
        startSmall(world, plan)
        world.runFor(300)
        world.faults.cut('b', 'c')
        world.runFor(cutMs)
        world.faults.crash('b')
        world.runFor(200)
        world.faults.start('b')
        world.runFor(6_000)
        world.faults.heal('b', 'c')
        world.runFor(healedMs)
        world.faults.crash('b')
        world.runFor(200)
        world.faults.start('b')
        world.runFor(2_000)
        world.finish()
      }
    },
    ['parked-in-place', 'parked-place-recovered', 'parked-tried-again']
  )
  for (const reason of ['parking-full', 'no-route', 'no-demand', 'bridge-full']) {
    t.is(givenUp(result!, reason), 0)
  }
}

test.serial('a broker killed with parked messages goes on with them, at whatever moment', (t) => {
  for (const cutMs of [5_100, 5_300, 9_000]) killTwice(t, cutMs, 3_000)
  for (let healedMs = 0; healedMs < 1_600; healedMs += 190) killTwice(t, 6_000, healedMs)
})

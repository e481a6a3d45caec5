// A broker loses its memory under load and comes back: on a ring the others go round by the other
// side, behind a hub they wait.

import type { Prng } from '../prng.ts'
import { hubSpoke, ring, type SimTopology } from '../topologies.ts'
import { planFor, type Scenario, startAll, underLoad } from './scenario.ts'

function crashAndReturn(
  name: string,
  about: string,
  draw: (random: Prng) => { readonly topology: SimTopology; readonly victim: string }
): Scenario {
  return {
    name,
    about,
    plan: (random) => planFor(random, draw(random.fork('topology')).topology),
    play(world, plan, random) {
      const victim = plan.topology.brokers[0]!
      startAll(world, plan)
      const isPower = random.chance(0.5)
      underLoad(world, () => (isPower ? world.losePower(victim) : world.crash(victim)), 500)
      underLoad(world, () => world.start(victim), 500)
      world.runFor(1_000)
      world.finish()
    }
  }
}

export const ringCrashScenario = crashAndReturn(
  'ring-crash',
  'a broker of a ring crashes and returns',
  (random) => ({ topology: ring(random.integer(3, 6)), victim: 'a' })
)

export const hubCrashScenario = crashAndReturn(
  'hub-crash',
  'the hub crashes and returns',
  (random) => ({ topology: hubSpoke(random.integer(2, 5)), victim: 'hub' })
)

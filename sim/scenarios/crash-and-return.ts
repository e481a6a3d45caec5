// A broker loses its memory under load and comes back: on a ring the others go round by the other
// side, behind a hub they wait.

import type { Prng } from '../prng.ts'
import { hubSpoke, ring, type SimTopology } from '../topologies.ts'
import { planOf, type Scenario, underLoad, worldFor } from './scenario.ts'

function crashAndReturn(
  name: string,
  about: string,
  draw: (random: Prng) => { readonly topology: SimTopology; readonly victim: string }
): Scenario {
  return {
    name,
    about,
    plan(random) {
      const { topology, victim: broker } = draw(random.fork('topology'))
      const world = worldFor(random, topology)
      const kind = random.fork('faults').pick(['power-off', 'kill'] as const)
      return planOf({ name, about }, world, [
        ...underLoad({ kind, broker }, 500),
        ...underLoad({ kind: 'start', broker }, 500)
      ])
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

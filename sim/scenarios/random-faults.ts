// Each seed draws its own world and its own misfortune: topology, distances, bounds, what clients
// do, which kinds of fault there are and when. Faults stay within what brokers promise to survive.

import { drawFeatures, drawTopology } from '../plan/index.ts'
import { knownEvents } from '../play-timeline.ts'
import type { SimTopology } from '../topologies.ts'
import { drawFaults } from './draw-faults.ts'
import { planOf, type Scenario, worldFor } from './scenario.ts'

/** Whether drawn links may be filtered or one-way: brokers of the simulation must heed it. */
const hasFilters = false

/** A random scenario; on a topology of its own for each seed, or on a given one. */
export function randomFaults(name: string, given?: SimTopology): Scenario {
  const about =
    given === undefined ? 'everything drawn from the seed' : `random faults on ${given.name}`
  return {
    name,
    about,
    plan(random) {
      const topology = given ?? drawTopology(random.fork('topology'), { hasFilters })
      const world = worldFor(random, topology, drawFeatures(random.fork('features')))
      const timeline = drawFaults(random.fork('faults'), world, knownEvents)
      return { ...planOf({ name, about }, world, timeline), isFifo: random.chance(0.1) }
    }
  }
}

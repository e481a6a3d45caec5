// Each seed draws its own world and its own misfortune: topology, distances, bounds, what clients
// do, which kinds of fault there are and when. Faults stay within what brokers promise to survive.

import {
  type BrokerOverrides,
  drawFeatures,
  drawTopology,
  hasChoosyQueues,
  type WorldPlan
} from '../plan/index.ts'
import { knownEvents } from '../play-timeline.ts'
import type { Prng } from '../prng.ts'
import type { SimTopology } from '../topologies.ts'
import { drawFaults } from './draw-faults.ts'
import { planOf, type Scenario, worldFor } from './scenario.ts'

/** A random scenario; on a topology of its own for each seed, or on a given one. */
export function randomFaults(name: string, given?: SimTopology): Scenario {
  const about =
    given === undefined ? 'everything drawn from the seed' : `random faults on ${given.name}`
  return {
    name,
    about,
    plan(random) {
      const topology = given ?? drawTopology(random.fork('topology'), { hasFilters: true })
      const world = worldFor(random, topology, drawFeatures(random.fork('features')))
      const overrides = drawLateBrokers(random.fork('late'), world)
      const drawn = drawFaults(random.fork('faults'), { ...world, overrides }, knownEvents)
      const plan = planOf({ name, about }, world, drawn)
      return { ...plan, overrides, isFifo: random.chance(0.1) }
    }
  }
}

/** Brokers that are not there from the start; none in most runs, and never more than one. */
function drawLateBrokers(random: Prng, world: WorldPlan): Record<string, BrokerOverrides> {
  const { topology } = world
  if (hasChoosyQueues(world)) return {}
  return random.chance(0.15) ? { [random.pick(topology.brokers)]: { isLate: true } } : {}
}

// A link of a topology is cut under load and healed later: what was on the way finds another one,
// or waits, and nothing is lost or doubled.

import type { Prng } from '../prng.ts'
import { chain, hubSpoke, mesh, ring, type SimTopology, twoHubs } from '../topologies.ts'
import { planOf, type Scenario, underLoad, worldFor } from './scenario.ts'

function cutAndHeal(name: string, about: string, draw: (random: Prng) => SimTopology): Scenario {
  return {
    name,
    about,
    plan(random) {
      const world = worldFor(random, draw(random.fork('topology')))
      const { a, b } = random.fork('faults').pick(world.topology.links)
      return planOf({ name, about }, world, [
        ...underLoad({ kind: 'cut', a, b }, 500),
        ...underLoad({ kind: 'heal', a, b }, 500)
      ])
    }
  }
}

export const ringScenario = cutAndHeal('ring', 'a ring loses a link under load', (random) =>
  ring(random.integer(3, 6))
)

export const chainScenario = cutAndHeal('chain', 'a row of brokers falls in two', (random) =>
  chain(random.integer(2, 5))
)

export const meshScenario = cutAndHeal('mesh', 'a full mesh loses a link under load', (random) =>
  mesh(random.integer(3, 5))
)

export const hubSpokeScenario = cutAndHeal('hub-spoke', 'a spoke loses its hub', (random) =>
  hubSpoke(random.integer(2, 5))
)

export const twoHubsScenario = cutAndHeal('two-hubs', 'a spoke loses one of two hubs', (random) =>
  twoHubs(random.integer(2, 4))
)

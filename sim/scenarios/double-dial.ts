// Two brokers dial each other at once, again and again: one bridge remains each time.

import { pairDialledByBoth } from '../topologies.ts'
import { planFor, type Scenario, startAll } from './scenario.ts'

const rounds = 4

export const doubleDialScenario: Scenario = {
  name: 'double-dial',
  about: 'two brokers dial each other at once',
  plan: (random) => planFor(random, pairDialledByBoth()),
  play(world, plan, random) {
    startAll(world, plan)
    for (let round = 0; round < rounds; round += 1) {
      world.runFor(500 * random.float())
      const side = random.pick(['reset', 'half-open-a', 'half-open-b'] as const)
      if (side === 'reset') world.reset('a', 'b')
      else if (side === 'half-open-a') world.halfOpen('a', 'b')
      else world.halfOpen('b', 'a')
      world.settle()
    }
    world.runFor(500)
    world.finish()
  }
}

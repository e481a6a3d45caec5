// Nothing goes wrong: any network with clients that do all they can. What is delivered must be what
// one naive broker would deliver, message by message.

import { drawFeatures, drawTopology } from '../plan/index.ts'
import { planOf, type Scenario, worldFor } from './scenario.ts'

export const calmScenario: Scenario = {
  name: 'calm',
  about: 'nothing fails, and every delivery is as one naive broker makes it',
  plan(random) {
    const topology = drawTopology(random.fork('topology'), { hasFilters: true })
    const world = worldFor(random, topology, drawFeatures(random.fork('features')))
    return planOf(this, world, [])
  }
}

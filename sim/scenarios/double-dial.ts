// Two brokers dial each other at once, again and again: one bridge remains each time.

import type { SimEvent, TimelineStep } from '../plan/index.ts'
import { pairDialledByBoth } from '../topologies.ts'
import { planOf, type Scenario, step, worldFor } from './scenario.ts'

const rounds = 4
const accidents: readonly SimEvent[] = [
  { kind: 'reset', a: 'a', b: 'b' },
  { kind: 'half-open', a: 'a', b: 'b' },
  { kind: 'half-open', a: 'b', b: 'a' }
]

export const doubleDialScenario: Scenario = {
  name: 'double-dial',
  about: 'two brokers dial each other at once',
  plan(random) {
    const world = worldFor(random, pairDialledByBoth())
    const chance = random.fork('faults')
    const timeline: TimelineStep[] = []
    for (let round = 0; round < rounds; round += 1) {
      timeline.push(step(Math.ceil(500 * chance.float()), chance.pick(accidents)))
      timeline.push(step(0, { kind: 'settle' }))
    }
    return planOf(this, world, timeline)
  }
}

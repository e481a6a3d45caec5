// Random networks under random faults: no judge may complain.

import test from 'ava'
import { drawPlan, runPlan } from '../../sim/run-scenario.ts'
import { randomFaults } from '../../sim/scenarios/index.ts'
import { ring } from '../../sim/topologies.ts'
import { assertGood } from './small-world.ts'

test('random faults on random graphs of 3 to 12 brokers lose and double nothing', (t) => {
  for (let seed = 1; seed <= 8; seed += 1) {
    assertGood(t, runPlan({ plan: drawPlan(randomFaults('random'), seed), seed }))
  }
})

test('random faults on a given topology lose and double nothing', (t) => {
  const scenario = randomFaults('given', ring(4))
  for (let seed = 1; seed <= 3; seed += 1)
    assertGood(t, runPlan({ plan: drawPlan(scenario, seed), seed }))
})

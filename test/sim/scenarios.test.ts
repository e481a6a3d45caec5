// Every scenario over a few seeds: no judge may complain.

import test from 'ava'
import { drawPlan, runPlan } from '../../sim/run-scenario.ts'
import { scenarios } from '../../sim/scenarios/index.ts'
import { assertGood } from './small-world.ts'

const seeds = ['t1', 't2']

for (const scenario of scenarios) {
  if (scenario.name === 'random') continue
  test(`${scenario.name}: ${scenario.about}, and nobody complains`, (t) => {
    for (const seed of seeds) {
      const result = runPlan({ plan: drawPlan(scenario, seed), seed })
      assertGood(t, result)
      t.true(result.messages > 0, `${scenario.name} ${seed} has work to do`)
      t.true(result.deliveries > 0, `${scenario.name} ${seed} delivers`)
    }
  })
}

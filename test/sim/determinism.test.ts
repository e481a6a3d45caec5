// A run follows from its scenario and seed, and from nothing else.

import test from 'ava'
import { drawPlan, runPlan } from '../../sim/run-scenario.ts'
import { scenarios } from '../../sim/scenarios/index.ts'

test('the same seed gives the same plan, events and trace hash', (t) => {
  const names = ['two-hubs', 'ring-crash', 'moving-consumer', 'random']
  for (const scenario of scenarios.filter(({ name }) => names.includes(name))) {
    const plans = [drawPlan(scenario, 7), drawPlan(scenario, 7)]
    const one = runPlan({ plan: plans[0]!, seed: 7 })
    const other = runPlan({ plan: plans[1]!, seed: 7 })
    t.is(one.hash, other.hash, scenario.name)
    t.is(one.events, other.events, scenario.name)
    t.deepEqual(plans[0], plans[1], scenario.name)
  }
})

test('another seed gives another trace hash', (t) => {
  const hashes = new Set<string>()
  for (const scenario of scenarios.slice(0, 2)) {
    for (const seed of [1, 2]) hashes.add(runPlan({ plan: drawPlan(scenario, seed), seed }).hash)
  }
  t.is(hashes.size, 4)
})

test('the trace hash tells of one event more', (t) => {
  const plan = drawPlan(scenarios[0]!, 1)
  const plain = runPlan({ plan, seed: 1 })
  let isNoted = false
  const noted = runPlan({
    plan,
    seed: 1,
    sabotage: (_station, _name, { scheduler }) => {
      if (!isNoted) scheduler.trace('one-more', 0, 0)
      isNoted = true
    }
  })
  t.is(noted.events, plain.events)
  t.not(noted.hash, plain.hash)
})

test('a run that ends in a complaint replays to the same complaint', (t) => {
  const plan = drawPlan(scenarios[0]!, 3)
  const run = (): readonly string[] =>
    runPlan({
      plan,
      seed: 3,
      sabotage: ({ network }) => {
        let count = 0
        const receive = network.router.receive.bind(network.router)
        network.router.receive = (message, targets) => {
          count += 1
          if (count % 20 !== 0) receive(message, targets)
        }
      }
    }).complaints
  const complaints = run()
  t.true(complaints.length > 0)
  t.deepEqual(run(), complaints)
})

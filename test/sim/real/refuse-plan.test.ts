import test from 'ava'
import type { ScenarioPlan } from '../../../sim/plan/index.ts'
import { findRefusals } from '../../../sim/real/refuse-plan.ts'
import { shortScenarios } from '../../real/short-scenarios.ts'

const plan = shortScenarios[0]!

test('what shipped brokers and their topology files can do is not refused', (t) => {
  for (const one of shortScenarios) t.deepEqual(findRefusals(one), [])
})

test('each step that takes a machine of its own is named with its time', (t) => {
  const timeline: ScenarioPlan['timeline'] = [
    { afterMs: 1_000, event: { kind: 'kill', broker: 'a' } },
    { afterMs: 500, event: { kind: 'disk-full', broker: 'b' } },
    { afterMs: 500, event: { kind: 'clock-step', broker: 'b', byMs: 60_000 } },
    { afterMs: 500, event: { kind: 'kill-at', broker: 'b', step: 'sent', times: 1 } },
    { afterMs: 500, event: { kind: 'disk-restore', broker: 'b' } },
    { afterMs: 500, event: { kind: 'clone', broker: 'b' } }
  ]
  const refusals = findRefusals({ ...plan, timeline })
  t.is(refusals.length, 5)
  t.regex(refusals[2]!, /^step 4 of the timeline, kill-at at 2500 ms, .*: from outside nobody can/)
  t.regex(refusals[0]!, /^step 2 of the timeline, disk-full at 1500 ms, cannot be made/)
  t.regex(refusals[1]!, /^step 3 of the timeline, clock-step at 2000 ms, cannot be made/)
})

test('a bound that no topology file can say is named with its value', (t) => {
  const overrides = {
    a: { limits: { demandBacklogMessagesMax: 7 }, bridges: { inDoubtHoldMs: 200 } }
  }
  t.deepEqual(findRefusals({ ...plan, overrides }), [
    'demandBacklogMessagesMax is 7, which no topology file can say; leave it out, or run it ' +
      'simulated',
    'bridge.inDoubtHoldMs is 200, which no topology file can say; leave it out, or run it simulated'
  ])
})

test('a bound that a topology file does say is taken', (t) => {
  const overrides = {
    a: { limits: { queueMessagesMax: 7 }, bridges: { pingIntervalMs: 200 }, hopsMax: 3 }
  }
  t.deepEqual(findRefusals({ ...plan, overrides }), [])
})

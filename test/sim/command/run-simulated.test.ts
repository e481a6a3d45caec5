// Runs that are called off, at whatever time: each ends there, and reports what was until then.

import test from 'ava'
import type { Progress } from '../../../sim/command/progress.ts'
import { loadTools } from '../../../sim/command/report-tools.ts'
import { runSimulated } from '../../../sim/command/run-simulated.ts'
import type { ScenarioPlan } from '../../../sim/plan/index.ts'
import type { Report } from '../../../sim/report/report.ts'
import { chain } from '../../../sim/topologies.ts'
import { aPlan } from '../report/observed.ts'
import { aConsumer, aProducer } from '../small-world.ts'

const queue = '/queue/slow'

/** Sends for five seconds what takes its consumer more than an hour. */
const longDrain: ScenarioPlan = aPlan({
  topology: chain(3),
  producers: [aProducer({ at: 'a', destination: queue, everyMs: 2 })],
  consumers: [aConsumer({ at: 'c', destination: queue, prefetch: 1, workMs: 2_000 })],
  drainMsMax: 10_000_000,
  ending: 'as-is',
  faults: [
    { text: 'kill b', fromMs: 4_000, toMs: 9_000_000, brokers: ['b'] },
    { text: 'kill a', fromMs: 9_000_000, toMs: 9_000_001, brokers: ['a'] }
  ]
})

/** Calls a run off as soon as virtual time gets to a point. */
async function calledOffAt(atMs: number): Promise<Report> {
  let nowMs = 0
  const progress = {
    showWorld: (world: { readonly nowMs: number }) => {
      nowMs = world.nowMs
    },
    end: () => {}
  }
  const { report } = await runSimulated(longDrain, '1', {
    tools: await loadTools(),
    progress: progress as unknown as Progress,
    isStopped: () => nowMs >= atMs
  })
  return report
}

test('a run can be called off while it drains, and nothing of it counts as lost', async (t) => {
  const report = await calledOffAt(20_000)
  t.true(report.wasCalledOff)
  t.true(report.runMs >= 19_000 && report.runMs < 10_000_000)
  t.true(report.endedMs >= 4_900 && report.endedMs <= 5_100, 'producers had stopped')
  const [{ accepted, fates }] = report.destinations as [Report['destinations'][number]]
  t.is(fates.lost, 0)
  t.true(fates.delivered > 0 && fates.waiting > 0)
  t.is(fates.delivered + fates.waiting, accepted)
})

test('of faults that are not over when a run is called off nothing has recovered', async (t) => {
  const { faults } = await calledOffAt(20_000)
  t.deepEqual(
    faults.map(({ recoverMs }) => recoverMs),
    [undefined, undefined]
  )
})

test('a run that is called off at once has a report, too', async (t) => {
  const report = await calledOffAt(0)
  t.true(report.wasCalledOff)
  t.deepEqual(report.complaints, [])
})

// Weighs idle connections: resident memory of one broker before and after. It forces no garbage
// collection, because nobody does that to a broker in service. Invariant: everything started is
// ended.

import { delay } from '../load-client/load-group.ts'
import { LoadWorker } from '../load-client/load-worker.ts'
import { residentMiB } from '../process-usage.ts'
import { median } from '../statistics.ts'
import type { RunningTarget, Target } from '../targets/target.ts'
import type { FigureName } from './figure.ts'
import type { IdleScenario, RunOutcome } from './scenario.ts'

const settleMs = 500
const samples = 5
const sampleIntervalMs = 100

/** Runs the scenario once. Rejects when it could not be run, or memory cannot be read here. */
export async function runIdle(scenario: IdleScenario, target: Target): Promise<RunOutcome> {
  const running = await target.start(1)
  const worker = new LoadWorker('idle connections')
  try {
    return await weigh(running, worker, scenario.connections)
  } finally {
    await worker.stop()
    await running.stop()
  }
}

async function weigh(
  running: RunningTarget,
  worker: LoadWorker,
  connections: number
): Promise<RunOutcome> {
  const pid = running.brokers[0]?.pid
  if (pid === undefined) throw new Error('the broker pid is unknown: give --pid')
  const before = await residentMedian(pid)
  const opened = await worker.ask('open', { role: 'idle', connections, endpoint: running.first })
  const after = await residentMedian(pid)
  const figures = new Map<FigureName, number>([
    ['rssBeforeMiB', before],
    ['rssAfterMiB', after],
    ['rssGrowthMiB', after - before]
  ])
  return { figures, fault: undefined, notes: [], server: opened.server }
}

async function residentMedian(pid: number): Promise<number> {
  await delay(settleMs)
  const values: number[] = []
  for (let i = 0; i < samples; i++) {
    const value = residentMiB(pid)
    if (value === undefined) throw new Error(`memory of process ${pid} cannot be read (no /proc)`)
    values.push(value)
    await delay(sampleIntervalMs)
  }
  return median(values)
}

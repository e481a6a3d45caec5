// Runs a plan on virtual time, in slices, so that a signal is heard and progress is seen between
// them. A run that is called off ends where it is: its report says what was until then.

import type { ScenarioPlan } from '../plan/index.ts'
import { playInSlices } from '../play-timeline.ts'
import type { Report } from '../report/report.ts'
import type { RunRecorder } from '../report/run-recorder.ts'
import { SimFailure } from '../sim-failure.ts'
import { SimWorld } from '../world.ts'
import type { Progress } from './progress.ts'
import type { ReportTools } from './report-tools.ts'

/** What surrounds a run. */
export interface RunContext {
  readonly tools: ReportTools
  readonly progress: Progress
  /** True once somebody asked to stop. */
  readonly isStopped: () => boolean
}

/** What a run came to. */
export interface RunOutcome {
  readonly report: Report
  /** Log lines of all brokers, in the order of virtual time. */
  readonly logLines: () => string[]
}

/** Real time between two looks at what else there is to do. */
const turnMs = 20

/** Runs a plan with a seed. */
export async function runSimulated(
  plan: ScenarioPlan,
  seed: string,
  { tools, progress, isStopped }: RunContext
): Promise<RunOutcome> {
  const startedAtMs = performance.now()
  let recorder: RunRecorder | undefined
  const world = new SimWorld({
    seed: `${seed}/${plan.name}/world`,
    plan,
    watch: (made) => {
      recorder = tools.record(made, plan)
      return [recorder]
    }
  })
  let complaints: readonly string[] = []
  let wasCalledOff = false
  try {
    wasCalledOff = await playSlices(world, plan, isStopped, () => progress.showWorld(world))
  } catch (error) {
    complaints = complaintsOf(error)
  }
  progress.end()
  const report = recorder!.finish({
    mode: 'simulated',
    seed,
    traceHash: world.scheduler.traceHash,
    realMs: performance.now() - startedAtMs,
    events: world.scheduler.steps,
    complaints,
    ...(wasCalledOff ? { wasCalledOff } : {})
  })
  return { report, logLines: () => logLines(world) }
}

/** Plays to the end; true if it was stopped before. */
async function playSlices(
  world: SimWorld,
  plan: ScenarioPlan,
  isStopped: () => boolean,
  onTurn: () => void
): Promise<boolean> {
  let turnEndsAtMs = performance.now() + turnMs
  const slices = playInSlices(world, plan)
  while (slices.next().done !== true) {
    if (performance.now() < turnEndsAtMs) continue
    onTurn()
    await new Promise<void>((resolve) => setImmediate(resolve))
    if (isStopped()) return true
    turnEndsAtMs = performance.now() + turnMs
  }
  return false
}

function complaintsOf(error: unknown): readonly string[] {
  if (error instanceof SimFailure) return error.complaints
  // An assertion of a broker failed: that is a finding like any other.
  return [`crash: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`]
}

function logLines(world: SimWorld): string[] {
  const lines: { readonly timeMs: number; readonly text: string }[] = []
  for (const { name, logger } of world.brokers.values()) {
    for (const { timeMs, level, event, fields } of logger.lines) {
      const facts = Object.entries(fields).map(([key, value]) => `${key}=${value}`)
      const text = [timeMs.toFixed(3).padStart(11), level.padEnd(5), name, event, ...facts]
      lines.push({ timeMs, text: text.join(' ') })
    }
  }
  return lines.toSorted((a, b) => a.timeMs - b.timeMs).map(({ text }) => text)
}

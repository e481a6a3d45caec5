// Runs a plan on real broker processes: the counterpart of run-scenario.ts. What it started is gone
// when it is done, however it ends.

import { setTimeout as sleep } from 'node:timers/promises'
import type { ScenarioPlan } from '../plan/index.ts'
import { Prng } from '../prng.ts'
import type { Report } from '../report/report.ts'
import { RunRecorder } from '../report/run-recorder.ts'
import type { Watcher } from '../watcher.ts'
import { RealPlayer } from './play-real.ts'
import { RealGround } from './real-ground.ts'
import { RealWorld } from './real-world.ts'
import { findRefusals } from './refuse-plan.ts'
import { RunCalledOff } from './run-called-off.ts'

/** How far a run is. */
export interface RealProgress {
  /** Since the network was at work; negative before. */
  readonly atMs: number
  /** How long the timeline takes in all; what follows it is not part of it. */
  readonly timelineMs: number
  readonly accepted: number
}

/** How to run. */
export interface RunRealOptions {
  /** For what is drawn: when clients send, jitter, resets. */
  readonly seed: string | number
  /** Told a few times a second. */
  readonly onProgress?: (progress: RealProgress) => void
  /** Calls the run off. */
  readonly signal?: AbortSignal
  /** Folder that keeps the topology file and the brokers' logs. */
  readonly keepLogs?: string
  /** Who watches besides the judges, such as those who measure. */
  readonly watch?: (world: RealWorld) => readonly Watcher[]
}

const progressMs = 250
/** How long brokers have to say what they hold once a run is called off. */
const lastWordMsMax = 300

/**
 * Runs a plan on real brokers of this machine; takes as long as the plan says, and more. One that
 * is called off is reported as far as it went.
 * @throws Error if the plan holds what real brokers cannot do, or if a broker cannot be started
 */
export async function runReal(plan: ScenarioPlan, options: RunRealOptions): Promise<Report> {
  const refusals = findRefusals(plan)
  if (refusals.length > 0) throw new Error(refusals.join('\n'))
  const { seed, onProgress, watch, keepLogs } = options
  const signal = options.signal ?? new AbortController().signal
  const beganMs = performance.now()
  const world = new RealWorld(plan, String(seed))
  const ground = await RealGround.open({
    ...{ plan, keepLogs, listener: world },
    random: new Prng(`${seed}/${plan.name}/links`)
  })
  const timelineMs = plan.timeline.reduce((sum, { afterMs }) => sum + afterMs, plan.thenMs)
  const progress = setInterval(() => {
    const atMs = world.atWorkMs === 0 ? -1 : world.nowMs - world.atWorkMs
    onProgress?.({ atMs, timelineMs, accepted: world.ledger.size })
  }, progressMs)
  try {
    world.standOn(ground)
    const recorder = new RunRecorder(world, plan)
    world.addWatchers([recorder, ...(watch?.(world) ?? [])])
    const wasCalledOff = await play(world, signal)
    return recorder.finish({
      ...{ seed: String(seed), traceHash: '', mode: 'real', complaints: world.complaints },
      ...{ realMs: performance.now() - beganMs, events: world.events },
      ...(wasCalledOff ? { wasCalledOff } : {})
    })
  } finally {
    clearInterval(progress)
    world.end()
    await ground.close()
  }
}

/** Plays to the end; true if it was called off before. */
async function play(world: RealWorld, signal: AbortSignal): Promise<boolean> {
  try {
    await new RealPlayer(world, signal).play()
    return false
  } catch (error) {
    if (!(error instanceof RunCalledOff)) throw error
    // What brokers hold just now, as far as they say so at once.
    await Promise.race([world.askAll(), sleep(lastWordMsMax)])
    world.excuseAtEnd()
    return true
  }
}

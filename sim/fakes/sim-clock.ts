// One broker's view of virtual time. Clocks of a world share the scheduler and nothing else: each
// has its own monotonic start and its own idea of the wall time. A stopped clock (a crashed
// broker's) runs nothing any more, whatever was given to it before or after.

import type { Cancel, Clock } from '../../src/ports/index.ts'
import type { SimScheduler } from '../scheduler.ts'
import { SimLoop } from './sim-loop.ts'

/** How one broker's clock differs from the others'. */
export interface SimClockOptions {
  /** For the trace. */
  readonly name: string
  /** Added to the world's wall time; 0 by default. */
  readonly wallOffsetMs?: number
  /** What monotonic time starts at; 1,000 by default, as a process takes time to start. */
  readonly monotonicStartMs?: number
  /** Longest turn of the event loop, drawn each time; 0 by default. Longer turns batch more. */
  readonly turnUsMax?: number
  /** What the process runs in; by default one of its own, which nothing ever holds up. */
  readonly loop?: SimLoop
}

/** The world begins on 2026-01-01T00:00:00Z. */
const worldStartMs = 1_767_225_600_000

/** A {@link Clock} on virtual time. */
export class SimClock implements Clock {
  readonly name: string
  private readonly scheduler: SimScheduler
  private readonly random
  private readonly loop: SimLoop
  private readonly startMs: number
  private readonly turnUsMax: number
  private wallOffsetMs: number
  /** What is to be done at the end of the turn: the first `turnCount`; the others are done. */
  private turnTasks: (() => void)[] = []
  private turnCount = 0
  /** The list of the turn before, to be used again. */
  private spareTasks: (() => void)[] = []
  private isStopped = false

  constructor(scheduler: SimScheduler, options: SimClockOptions) {
    this.scheduler = scheduler
    this.name = options.name
    this.random = scheduler.random.fork(`clock/${options.name}/${scheduler.steps}`)
    this.loop = options.loop ?? new SimLoop(scheduler)
    this.startMs = (options.monotonicStartMs ?? 1_000) - scheduler.nowMs
    this.wallOffsetMs = options.wallOffsetMs ?? 0
    this.turnUsMax = options.turnUsMax ?? 0
  }

  monotonicMs(): number {
    return this.startMs + this.scheduler.nowMs
  }

  wallMs(): number {
    return Math.floor(worldStartMs + this.scheduler.nowMs + this.wallOffsetMs)
  }

  schedule(delayMs: number, task: () => void): Cancel {
    if (this.isStopped) return ignore
    const { scheduler } = this
    let isCancelled = false
    let isEntered = false
    const run = (): void => {
      if (!isEntered) {
        isEntered = true
        this.loop.enter('timer', run)
        return
      }
      // It may have been cancelled while the loop was held up.
      if (this.isStopped || isCancelled) return
      scheduler.trace('timer', this.name, delayMs)
      task()
    }
    const slot = scheduler.place(delayMs, run)
    const { placed } = scheduler
    return () => {
      isCancelled = true
      scheduler.displace(slot, placed)
    }
  }

  endOfTurn(task: () => void): void {
    if (this.isStopped) return
    if (this.turnCount === 0) {
      const turnUs = this.turnUsMax === 0 ? 0 : this.random.integer(0, this.turnUsMax)
      this.scheduler.afterInput(turnUs, this.runTurn)
    }
    this.turnTasks[this.turnCount] = task
    this.turnCount += 1
  }

  /** Steps the wall clock, forwards or back, as an operator or a time service does. */
  stepWall(byMs: number): void {
    this.scheduler.trace('wall-step', this.name, byMs)
    this.wallOffsetMs += byMs
  }

  /** Crashes this view of time: no task given to it runs any more. */
  stop(): void {
    this.scheduler.trace('clock-stop', this.name, 0)
    this.isStopped = true
    this.turnTasks = []
    this.spareTasks = []
    this.turnCount = 0
  }

  private readonly runTurn = (): void => this.loop.enterTurnEnd(this.endTurn)

  private readonly endTurn = (): void => {
    const tasks = this.turnTasks
    const count = this.turnCount
    this.turnTasks = this.spareTasks
    this.turnCount = 0
    if (count > 0) this.scheduler.trace('turn', this.name, count)
    for (let at = 0; at < count; at += 1) {
      // A task may crash the broker it belongs to.
      if (this.isStopped) return
      tasks[at]!()
    }
    this.spareTasks = tasks
  }
}

function ignore(): void {}

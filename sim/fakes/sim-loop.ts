// The event loop of one simulated process: whatever runs in it (timers, input, ends of turns)
// enters here. As a rule everything runs at once and takes no time. A paused loop runs nothing
// until it is resumed; a slow one runs one thing at a time and is busy for a while after each.
// Invariant: what entered runs in the order it entered, except that ends of turns come first, and
// that after a pause overdue timers come before input.

import type { SimScheduler } from '../scheduler.ts'

/** Input that stays with the kernel until the loop reads it. */
export interface SimLoopReader {
  /** True if there is something to read now. */
  readonly isDue: boolean
  /** The loop has time: reads at once, or asks again later. */
  onLoopFree(): void
}

/** What enters: overdue timers and input are told apart after a pause. */
export type SimEntry = 'timer' | 'input'

/** What a turn without data takes a loop of factor 1, in microseconds, once it takes any time. */
const turnUs = 100
/** And each byte it reads: some 20 MB a second. */
const byteUs = 0.05

interface Queued {
  readonly entry: SimEntry
  readonly task: () => void
}

/** See the top of this file. */
export class SimLoop {
  private readonly scheduler: SimScheduler
  /** True while everything runs at once: the common case. */
  private isOpen = true
  private isPausedNow = false
  private isOver = false
  private factor = 1
  private busyUntilUs = 0
  private turnEnds: (() => void)[] = []
  private queue: Queued[] = []
  private readonly readers = new Set<SimLoopReader>()
  /** The reader whose turn it is, before others that have entered. */
  private granted: SimLoopReader | undefined = undefined
  private isReadersTurn = false
  private isWaking = false

  constructor(scheduler: SimScheduler) {
    this.scheduler = scheduler
  }

  /** True between {@link pause} and {@link resume}. */
  get isPaused(): boolean {
    return this.isPausedNow
  }

  /** Runs a task of the process, now or when the loop has time for it. */
  enter(entry: SimEntry, task: () => void): void {
    if (this.isOpen) task()
    else if (!this.isOver) {
      this.queue.push({ entry, task })
      this.wakeLater()
    }
  }

  /** Runs what ends a turn: before anything else that waits, and in no time. */
  enterTurnEnd(task: () => void): void {
    if (this.isOpen) task()
    else if (!this.isOver) {
      this.turnEnds.push(task)
      this.wakeLater()
    }
  }

  /** True if that reader may read now; else it is told when it may. */
  mayRead(reader: SimLoopReader): boolean {
    if (this.isOpen || this.granted === reader) return true
    if (this.isOver) return false
    const isIdle = this.turnEnds.length === 0 && this.queue.length === 0 && !this.isBusy
    if (isIdle && this.granted === undefined) return true
    this.readers.add(reader)
    this.wakeLater()
    return false
  }

  /** Notes that bytes were read: the loop is busy with them. */
  spend(bytes: number): void {
    this.granted = undefined
    if (this.factor === 1) return
    const { nowUs } = this.scheduler
    const costUs = Math.ceil((turnUs + byteUs * bytes) * this.factor)
    this.busyUntilUs = Math.max(nowUs, this.busyUntilUs) + costUs
  }

  /** Freezes the process. */
  pause(): void {
    this.isPausedNow = true
    this.isOpen = false
  }

  /** Goes on: overdue timers run first, then what came meanwhile is read. */
  resume(): void {
    if (!this.isPausedNow) return
    this.isPausedNow = false
    const timers = this.queue.filter(({ entry }) => entry === 'timer')
    this.queue = [...timers, ...this.queue.filter(({ entry }) => entry !== 'timer')]
    this.isReadersTurn = false
    this.wakeLater()
  }

  /** Each turn takes `factor` times as long from now on; 1 takes no time at all. */
  slowDown(factor: number): void {
    this.factor = factor
    if (factor === 1) this.busyUntilUs = 0
    this.isOpen = false
    this.wakeLater()
  }

  /** The process is gone: nothing that entered runs any more. */
  stop(): void {
    this.isOver = true
    this.isOpen = false
    this.turnEnds = []
    this.queue = []
    this.readers.clear()
  }

  private get isBusy(): boolean {
    return this.isPausedNow || this.scheduler.nowUs < this.busyUntilUs
  }

  private wakeLater(): void {
    if (this.isWaking || this.isPausedNow || this.isOver) return
    this.isWaking = true
    const { scheduler } = this
    // After all input of the instant: what the turn before wrote is on its way by then.
    scheduler.afterInput(Math.max(0, this.busyUntilUs - scheduler.nowUs), this.onWake)
  }

  private readonly onWake = (): void => {
    this.isWaking = false
    if (this.isPausedNow || this.isOver) return
    this.granted = undefined
    while (!this.isBusy && !this.isOver) {
      const turnEnd = this.turnEnds.shift()
      if (turnEnd !== undefined) turnEnd()
      else if (this.factor !== 1 && this.isReadersTurn && this.grant()) return
      else if (!this.runNext()) break
    }
    if (this.isOver || this.isPausedNow) return
    if (this.isBusy) {
      if (this.turnEnds.length + this.queue.length + this.readers.size > 0) this.wakeLater()
      return
    }
    this.becomeIdle()
  }

  /** Nothing waits but, maybe, readers. */
  private becomeIdle(): void {
    if (this.factor === 1) {
      this.isOpen = true
      const readers = [...this.readers]
      this.readers.clear()
      for (const reader of readers) reader.onLoopFree()
    } else if (!this.grant()) {
      // What is on its way to them comes when it comes.
      const readers = [...this.readers]
      this.readers.clear()
      for (const reader of readers) reader.onLoopFree()
    }
  }

  private runNext(): boolean {
    const next = this.queue.shift()
    if (next === undefined) return false
    this.isReadersTurn = true
    this.spend(0)
    next.task()
    return true
  }

  /** Gives the turn to a reader with something to read, if there is one. */
  private grant(): boolean {
    this.isReadersTurn = false
    for (const reader of this.readers) {
      if (!reader.isDue) continue
      this.readers.delete(reader)
      this.granted = reader
      reader.onLoopFree()
      // It reads within this instant, if it still can.
      this.wakeLater()
      return true
    }
    return false
  }
}

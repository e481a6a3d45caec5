// One direction of a link between two real brokers: how long bytes take, how many fit through,
// whether anything gets through at all. All streams of the link share it.

import type { SimPathQuality } from '../fakes/index.ts'

/** Loopback as it is: what the machine itself takes is neither known nor added to. */
const bareQuality: SimPathQuality = { latencyMs: 0, jitterMs: 0, bytesPerSecond: Infinity }

/** Timers may be so late. */
const timerLagMs = 20

/** See the top of this file. */
export class FaultPath {
  private current: SimPathQuality = bareQuality
  private readonly random: () => number
  private waiters = new Set<() => void>()
  private isCutNow = false
  private offEnds = 0
  /** When the line has sent what it was given, on the clock of `performance.now()`. */
  private lineFree = 0

  /** @param random uniform in [0, 1), for jitter */
  constructor(random: () => number) {
    this.random = random
  }

  get quality(): SimPathQuality {
    return this.current
  }

  /** True if bytes get through now. */
  get isOpen(): boolean {
    return !this.isCutNow && this.offEnds === 0
  }

  /** When the line can take more. */
  get lineFreeMs(): number {
    return this.lineFree
  }

  /** Changes what is given; bytes that are on their way already keep their time. */
  setQuality(quality: Partial<SimPathQuality>): void {
    this.current = { ...this.current, ...quality }
    this.wake()
  }

  setCut(isCut: boolean): void {
    this.isCutNow = isCut
    this.wake()
  }

  /** Counts the ends of the path whose machine is off. */
  addOffEnds(change: 1 | -1): void {
    this.offEnds += change
    this.wake()
  }

  /** Calls `task` once, when the path is better than now; it looks for itself whether it may go. */
  wait(task: () => void): void {
    this.waiters.add(task)
  }

  /** Gives the line so many bytes; answers when the last of them arrives. */
  send(bytes: number, nowMs: number): number {
    const { latencyMs, jitterMs, bytesPerSecond } = this.current
    // A timer that comes late must not cost the line what it can carry.
    const readyMs = Math.max(nowMs - timerLagMs, this.lineFree)
    this.lineFree = readyMs + (bytes / bytesPerSecond) * 1_000
    return this.lineFree + latencyMs + jitterMs * this.random()
  }

  private wake(): void {
    const { waiters } = this
    this.waiters = new Set()
    for (const task of waiters) task()
  }
}

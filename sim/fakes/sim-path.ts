// One direction between two hosts: how long bytes take, how many fit through, whether it is cut. A
// cut path loses nothing of a stream for good: like TCP under it, it holds what was sent and brings
// it some time after it is healed. Only resets and dials are lost.

import type { Prng } from '../prng.ts'
import type { SimScheduler } from '../scheduler.ts'

/** How good a path is. */
export interface SimPathQuality {
  /** Time of flight. */
  readonly latencyMs: number
  /** Most that is added to it, drawn for each send. */
  readonly jitterMs: number
  /** Shared by all streams of the path; Infinity for no limit. */
  readonly bytesPerSecond: number
}

/** A local network: a fifth of a millisecond, some jitter, no limit worth the name. */
export const localQuality: SimPathQuality = {
  latencyMs: 0.2,
  jitterMs: 0.1,
  bytesPerSecond: Infinity
}

/** What waits for a path to open. */
export interface PathWaiter {
  onPathOpen(): void
}

/** Longest wait between a heal and the retransmission that finds the path open. */
const retransmitMsMax = 400

/** A directed path. */
export class SimPath {
  quality: SimPathQuality = localQuality
  private readonly scheduler: SimScheduler
  private readonly random: Prng
  private readonly waiters = new Set<PathWaiter>()
  private isCutNow = false
  private offEnds = 0
  private lineFreeUs = 0

  constructor(scheduler: SimScheduler, random: Prng) {
    this.scheduler = scheduler
    this.random = random
  }

  /** True if packets get through now. */
  get isOpen(): boolean {
    return !this.isCutNow && this.offEnds === 0
  }

  /** Time of flight of a small packet sent now, in milliseconds. */
  flightMs(): number {
    const { latencyMs, jitterMs } = this.quality
    return latencyMs + (jitterMs === 0 ? 0 : jitterMs * this.random.float())
  }

  /** When the last of `bytes` sent now arrives, in microseconds of virtual time. */
  arrivalUs(bytes: number): number {
    const startUs = Math.max(this.scheduler.nowUs, this.lineFreeUs)
    this.lineFreeUs = startUs + Math.ceil((bytes / this.quality.bytesPerSecond) * 1_000_000)
    return this.lineFreeUs + Math.ceil(this.flightMs() * 1_000)
  }

  /** Asks to be told once when the path is open again. */
  wait(waiter: PathWaiter): void {
    this.waiters.add(waiter)
  }

  /** Cuts or heals the path. */
  setCut(isCut: boolean): void {
    this.isCutNow = isCut
    this.wakeIfOpen()
  }

  /** Counts the ends of the path whose machine is off. */
  addOffEnds(change: 1 | -1): void {
    this.offEnds += change
    this.wakeIfOpen()
  }

  private wakeIfOpen(): void {
    if (!this.isOpen) return
    const woken = [...this.waiters]
    this.waiters.clear()
    for (const waiter of woken) {
      this.scheduler.after(retransmitMsMax * this.random.float(), () => {
        if (this.isOpen) waiter.onPathOpen()
        else this.waiters.add(waiter)
      })
    }
  }
}

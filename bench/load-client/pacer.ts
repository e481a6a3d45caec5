// The arithmetic of sending at a steady rate. It owns no timer and reads no clock. Invariant:
// message i is due at start + i / rate, so a late wake-up is made up for and the rate never drifts.

/** When each message of a steady stream is due. Times are milliseconds of any one clock. */
export class Pacer {
  private readonly startMs: number
  private readonly intervalMs: number

  /** @throws RangeError unless the rate is a positive number */
  constructor(ratePerSecond: number, startMs: number) {
    if (!(ratePerSecond > 0) || !Number.isFinite(ratePerSecond)) {
      throw new RangeError(`ratePerSecond is ${ratePerSecond}: give a positive number`)
    }
    this.startMs = startMs
    this.intervalMs = 1000 / ratePerSecond
  }

  /** How many messages should have been sent by `nowMs`, one due at this moment included. */
  dueBy(nowMs: number): number {
    if (nowMs < this.startMs) return 0
    return Math.floor((nowMs - this.startMs) / this.intervalMs) + 1
  }

  /** When message `index` (from 0) is due. */
  dueAtMs(index: number): number {
    return this.startMs + index * this.intervalMs
  }

  /** How long to wait from `nowMs` until message `index` is due; never negative. */
  waitMs(index: number, nowMs: number): number {
    return Math.max(0, this.dueAtMs(index) - nowMs)
  }
}

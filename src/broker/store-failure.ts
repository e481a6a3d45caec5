// That a store takes nothing just now: since when, and why; and the lines in the log that say so
// when it begins, every minute while it lasts, and when it is over.

import type { PostroadError } from '../base/index.ts'
import type { Clock, Logger } from '../ports/index.ts'

/** A failure that lasts is logged again after this. */
const remindMs = 60_000

/** See the top of this file. */
export class StoreFailure {
  /** The latest reason; undefined while the store works. */
  error: PostroadError | undefined = undefined
  /** When it began, in monotonic time. */
  sinceMs: number | undefined = undefined
  private readonly clock: Clock
  private readonly logger: Logger
  private toldMs = 0

  constructor(clock: Clock, logger: Logger) {
    this.clock = clock
    this.logger = logger
  }

  /** A commit failed. */
  begin(error: PostroadError): void {
    const nowMs = this.clock.monotonicMs()
    const isOther = this.error?.code !== error.code
    this.sinceMs ??= nowMs
    this.error = error
    if (!isOther && nowMs - this.toldMs < remindMs) return
    this.toldMs = nowMs
    this.logger.error('store-failing', {
      code: error.code,
      reason: error.message,
      forMs: Math.round(nowMs - this.sinceMs),
      consequence: 'persistent messages are not taken until it works again; all else goes on'
    })
  }

  /** The store works again. */
  end(): void {
    const forMs = Math.round(this.clock.monotonicMs() - this.sinceMs!)
    this.logger.warn('store-works-again', { code: this.error!.code, forMs })
    this.error = undefined
    this.sinceMs = undefined
  }
}

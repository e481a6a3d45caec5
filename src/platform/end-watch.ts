// Watches an orderly end: as long as the other end takes bytes it may take its time, but when
// nothing has moved for a whole period the connection is given up.

/** What an {@link EndWatch} looks at and calls. */
export interface EndWatchOptions {
  readonly periodMs: number
  /** Bytes still to be sent. */
  bytesQueued(): number
  /** Called at most once, when a period passed without progress. */
  giveUp(): void
}

/** Looks per period. A busy turn of ours delays one look, and is not taken for a still peer. */
const looksPerPeriod = 5

/** One connection's watch; it costs nothing until it is started. */
export class EndWatch {
  private readonly options: EndWatchOptions
  private timer: NodeJS.Timeout | undefined
  private lastQueued = 0
  private looksLeft = looksPerPeriod

  constructor(options: EndWatchOptions) {
    this.options = options
  }

  /** Starts the watch, unless it runs. */
  start(): void {
    if (this.timer !== undefined) return
    this.lastQueued = this.options.bytesQueued()
    this.timer = setInterval(this.look, this.options.periodMs / looksPerPeriod)
  }

  /** Ends the watch for good. */
  stop(): void {
    clearInterval(this.timer)
  }

  private readonly look = (): void => {
    const queued = this.options.bytesQueued()
    this.looksLeft = queued < this.lastQueued ? looksPerPeriod : this.looksLeft - 1
    this.lastQueued = queued
    if (this.looksLeft > 0) return
    this.stop()
    this.options.giveUp()
  }
}

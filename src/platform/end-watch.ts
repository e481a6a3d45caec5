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

/** One connection's watch; it costs nothing until it is started. */
export class EndWatch {
  private readonly options: EndWatchOptions
  private timer: NodeJS.Timeout | undefined
  private lastQueued = 0

  constructor(options: EndWatchOptions) {
    this.options = options
  }

  /** Starts the watch, unless it runs. */
  start(): void {
    if (this.timer === undefined) this.arm()
  }

  /** Ends the watch for good. */
  stop(): void {
    clearTimeout(this.timer)
  }

  private arm(): void {
    this.lastQueued = this.options.bytesQueued()
    this.timer = setTimeout(() => {
      if (this.options.bytesQueued() < this.lastQueued) this.arm()
      else this.options.giveUp()
    }, this.options.periodMs)
  }
}

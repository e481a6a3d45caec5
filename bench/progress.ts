// Says on a terminal what is running and how far the whole is. On anything else it is silent, so
// that a captured report stays clean. Invariant: it writes to stderr only and leaves no line
// behind.

/** Where progress is shown. */
export interface ProgressScreen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** One line, rewritten in place. */
export class Progress {
  private readonly screen: ProgressScreen
  private readonly total: number
  private done = 0

  constructor(screen: ProgressScreen, total: number) {
    this.screen = screen
    this.total = total
  }

  /** Names what runs now. */
  show(text: string): void {
    if (this.screen.isTTY !== true) return
    const line = `[${this.done}/${this.total}] ${text}`
    this.screen.write(`\r\x1b[K${line.slice(0, (this.screen.columns ?? 80) - 1)}`)
  }

  /** Counts one as done. */
  step(): void {
    this.done++
  }

  /** Takes the line away. */
  clear(): void {
    if (this.screen.isTTY === true) this.screen.write('\r\x1b[K')
  }
}

// A terminal with a live view at its bottom: lines scroll above it, the view is drawn anew below
// them. Where output is no terminal there is no view, and its owner prints plain lines instead.

/** The streams of a process. */
export interface TerminalStreams {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/** Writes lines and the view. */
export class LiveTerminal {
  /** True if a view can be shown. */
  readonly isLive: boolean
  private readonly streams: TerminalStreams
  private view: readonly string[] = []

  constructor(streams: TerminalStreams) {
    this.streams = streams
    this.isLive = streams.stdout.isTTY === true && streams.stderr.isTTY === true
  }

  /** Writes a line to one of the streams, above the view. */
  line(stream: 'stdout' | 'stderr', text: string): void {
    this.erase()
    this.streams[stream].write(`${text}\n`)
    this.draw()
  }

  /** Replaces the view; no lines for none. */
  show(view: readonly string[]): void {
    if (!this.isLive) return
    this.erase()
    const { columns = 80, rows = 24 } = this.streams.stdout
    // A view that wraps or scrolls could not be erased again.
    this.view = view.slice(0, rows - 1).map((line) => line.slice(0, columns - 1))
    this.draw()
  }

  private erase(): void {
    if (this.view.length > 0) this.streams.stdout.write(`\u001b[${this.view.length}A\r\u001b[J`)
  }

  private draw(): void {
    if (this.view.length > 0) this.streams.stdout.write(`${this.view.join('\n')}\n`)
  }
}

// A log kept in memory: the latest lines of one broker, for checkers and for the report of a failed
// run. Lines past the bound push out the oldest, and the count tells how many went.

import type { LogFields, Logger } from '../../src/ports/index.ts'

/** One line. */
export interface SimLogLine {
  readonly timeMs: number
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly event: string
  readonly fields: LogFields
}

/** What a {@link SimLogger} needs. */
export interface SimLoggerOptions {
  /** Time of a line, in milliseconds; a clock's or the scheduler's. */
  readonly nowMs: () => number
  /** Lines kept; 1,000 by default. */
  readonly linesMax?: number
}

interface Ring {
  readonly nowMs: () => number
  readonly linesMax: number
  readonly lines: SimLogLine[]
  count: number
}

/** Writes to a ring, adding its own fields to every line. */
class RingLogger implements Logger {
  protected readonly ring: Ring
  private readonly own: LogFields

  constructor(ring: Ring, own: LogFields) {
    this.ring = ring
    this.own = own
  }

  debug(event: string, fields: LogFields = {}): void {
    this.add('debug', event, fields)
  }

  info(event: string, fields: LogFields = {}): void {
    this.add('info', event, fields)
  }

  warn(event: string, fields: LogFields = {}): void {
    this.add('warn', event, fields)
  }

  error(event: string, fields: LogFields = {}): void {
    this.add('error', event, fields)
  }

  child(fields: LogFields): Logger {
    return new RingLogger(this.ring, { ...this.own, ...fields })
  }

  private add(level: SimLogLine['level'], event: string, fields: LogFields): void {
    const { ring } = this
    const line = { timeMs: ring.nowMs(), level, event, fields: { ...this.own, ...fields } }
    ring.lines[ring.count % ring.linesMax] = line
    ring.count += 1
  }
}

/** A {@link Logger} that remembers. Its children write to the same ring. */
export class SimLogger extends RingLogger {
  constructor(options: SimLoggerOptions) {
    const { nowMs, linesMax = 1_000 } = options
    super({ nowMs, linesMax, lines: [], count: 0 }, {})
  }

  /** Lines kept, oldest first. */
  get lines(): SimLogLine[] {
    const { lines, count, linesMax } = this.ring
    if (count <= linesMax) return [...lines]
    const oldest = count % linesMax
    return [...lines.slice(oldest), ...lines.slice(0, oldest)]
  }

  /** Lines logged and not kept any more. */
  get droppedCount(): number {
    return Math.max(0, this.ring.count - this.ring.linesMax)
  }

  /** Lines kept of one event, oldest first. */
  find(event: string): SimLogLine[] {
    return this.lines.filter((line) => line.event === event)
  }
}

// How far a run is, on standard error: one line that is drawn anew on a terminal, and plain lines
// elsewhere if they were asked for. It looks at real time, so it is told often and writes seldom.

import type { SimWorld } from '../world.ts'

/** Where progress is written to. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const terminalEveryMs = 100
const plainEveryMs = 2_000

/** What a progress display is made for. */
export interface ProgressOptions {
  readonly label: string
  /** How long the run is expected to take, but for what still has to arrive. */
  readonly totalMs: number
  /** True to write lines where there is no terminal, too. */
  readonly isAsked: boolean
  /** Real time in milliseconds; the system's if left out. */
  readonly nowMs?: () => number
}

/** The progress of one run. */
export class Progress {
  private readonly stream: ProgressStream | undefined
  private readonly isLive: boolean
  private readonly totalMs: number
  private readonly label: string
  private readonly nowMs: () => number
  private readonly startedAtMs: number
  private lastAtMs = Number.NEGATIVE_INFINITY
  private width = 0

  constructor(stream: ProgressStream, options: ProgressOptions) {
    const { label, totalMs, isAsked, nowMs = () => performance.now() } = options
    this.nowMs = nowMs
    this.startedAtMs = nowMs()
    this.isLive = stream.isTTY === true
    this.stream = this.isLive || isAsked ? stream : undefined
    this.totalMs = totalMs
    this.label = label
  }

  /** Shows where a simulated world is, if it is time to. */
  showWorld(world: SimWorld): void {
    this.show({
      virtualMs: world.nowMs,
      events: world.scheduler.steps,
      messages: world.ledger.size
    })
  }

  /** Shows where a run is, if it is time to. */
  show(facts: Omit<ProgressFacts, 'totalMs' | 'realMs'>): void {
    const nowMs = this.nowMs()
    const everyMs = this.isLive ? terminalEveryMs : plainEveryMs
    if (this.stream === undefined || nowMs - this.lastAtMs < everyMs) return
    this.lastAtMs = nowMs
    const line = progressLine(this.label, {
      ...facts,
      totalMs: this.totalMs,
      realMs: nowMs - this.startedAtMs
    })
    if (!this.isLive) this.stream.write(`${line}\n`)
    else {
      const text = line.slice(0, (this.stream.columns ?? 80) - 1)
      this.stream.write(`\r${text.padEnd(this.width)}`)
      this.width = text.length
    }
  }

  /** Takes the line away. */
  end(): void {
    if (this.isLive && this.width > 0) this.stream?.write(`\r${' '.repeat(this.width)}\r`)
    this.width = 0
  }
}

/** Where a run is. */
export interface ProgressFacts {
  readonly virtualMs: number
  /** How long it is expected to take; the rest of it is for what still has to arrive. */
  readonly totalMs: number
  readonly realMs: number
  /** Of real processes there are none. */
  readonly events?: number
  readonly messages: number
}

/** One line about a run. */
export function progressLine(label: string, facts: ProgressFacts): string {
  const { virtualMs, totalMs, realMs, events, messages } = facts
  const percent = Math.min(100, Math.floor((virtualMs / totalMs) * 100))
  const seconds = (virtualMs / 1_000).toFixed(1)
  const parts = [`${label} ${percent} %`, `${seconds} s`]
  if (events !== undefined && realMs > 0) {
    parts.push(`${Math.round(virtualMs / realMs)} times real time`)
    parts.push(`${Math.round((events / realMs) * 1_000)} events/s`)
  }
  return [...parts, `${messages} messages`].join('  ')
}

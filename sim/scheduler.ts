// Virtual time. Everything that happens in a simulated world is an event in one heap; the next one
// runs when the one before has returned. Events of the same microsecond run in an order drawn from
// the seed, so that many seeds explore many interleavings, or first come first served when asked.
// Invariant: time never steps back, and nothing but this heap wakes anything up.

import { assert, Heap } from '../src/base/index.ts'
import type { Cancel } from '../src/ports/index.ts'
import { Prng } from './prng.ts'
import { Trace, type TraceEvent } from './trace.ts'

/** All of a scheduler's choices. */
export interface SimSchedulerOptions {
  readonly seed: string | number
  /** Ties in the order they were scheduled, for debugging; drawn from the seed by default. */
  readonly isFifo?: boolean
  /** Most events waiting at once; 1,000,000 by default. More is a runaway. */
  readonly eventsMax?: number
}

interface Entry {
  readonly timeUs: number
  /** 0 for input and timers, 1 for ends of turns: these come after all input of their instant. */
  readonly phase: 0 | 1
  readonly tieBreak: number
  readonly sequence: number
  task: (() => void) | undefined
}

/** The event loop of a simulated world. */
export class SimScheduler {
  /** The root of all chance in the world; fork it, do not draw from it. */
  readonly random: Prng
  private readonly ties: Prng
  private readonly isFifo: boolean
  private readonly eventsMax: number
  private readonly heap = new Heap<Entry>(isBefore)
  private readonly history = new Trace()
  private timeUs = 0
  private sequence = 0
  private stepCount = 0

  constructor(options: SimSchedulerOptions) {
    this.random = new Prng(options.seed)
    this.ties = this.random.fork('schedule')
    this.isFifo = options.isFifo ?? false
    this.eventsMax = options.eventsMax ?? 1_000_000
  }

  /** Virtual time since the world began, in milliseconds; whole microseconds. */
  get nowMs(): number {
    return this.timeUs / 1_000
  }

  /** Virtual time in microseconds, an integer. */
  get nowUs(): number {
    return this.timeUs
  }

  /** Events run so far. */
  get steps(): number {
    return this.stepCount
  }

  /** Events waiting, cancelled ones too until their time comes. */
  get pending(): number {
    return this.heap.size
  }

  /** Runs `task` once, `delayMs` from now, rounded up to whole microseconds; never at once. */
  after(delayMs: number, task: () => void): Cancel {
    return this.atUs(this.timeUs + Math.max(0, Math.ceil(delayMs * 1_000)), task)
  }

  /** Runs `task` once at a time in microseconds, which is not in the past. */
  atUs(timeUs: number, task: () => void): Cancel {
    const entry = this.add(timeUs, 0, task)
    return () => {
      entry.task = undefined
    }
  }

  /** Runs `task` after all input and timers of the instant `delayUs` from now. */
  afterInput(delayUs: number, task: () => void): void {
    this.add(this.timeUs + delayUs, 1, task)
  }

  /** Runs the next event; false if there is none. */
  step(): boolean {
    for (;;) {
      const entry = this.heap.pop()
      if (entry === undefined) return false
      const { task } = entry
      if (task === undefined) continue
      this.timeUs = entry.timeUs
      this.stepCount += 1
      entry.task = undefined
      task()
      return true
    }
  }

  /** Runs all events up to and including a time; the time is then that one. */
  runUntil(timeMs: number): void {
    const untilUs = Math.floor(timeMs * 1_000)
    for (let next = this.next(); next !== undefined && next.timeUs <= untilUs; next = this.next()) {
      this.step()
    }
    this.timeUs = Math.max(this.timeUs, untilUs)
  }

  /** Runs for a span of virtual time from now. */
  runFor(spanMs: number): void {
    this.runUntil(this.nowMs + spanMs)
  }

  /** Runs until nothing is waiting, or the next event is later than `msMax`; true if idle. */
  runUntilIdle(options: { readonly msMax: number }): boolean {
    const { msMax } = options
    for (let next = this.next(); next !== undefined; next = this.next()) {
      if (next.timeUs > msMax * 1_000) return false
      this.step()
    }
    return true
  }

  /** Runs until a condition holds, tested after each event; false if it does not by `msMax`. */
  runWhileNot(isDone: () => boolean, options: { readonly msMax: number }): boolean {
    while (!isDone()) {
      const next = this.next()
      if (next === undefined || next.timeUs > options.msMax * 1_000) return false
      this.step()
    }
    return true
  }

  /** Notes that something happened; every fake calls it for all it does. */
  trace(label: string, a: string | number, b: string | number): void {
    this.history.add({ timeMs: this.nowMs, label, a, b })
  }

  /** Hash over all that was traced, 16 hexadecimal digits. */
  get traceHash(): string {
    return this.history.hash
  }

  /** The latest traced events, oldest first; at most 4,096 are kept. */
  latest(count: number): TraceEvent[] {
    return this.history.latest(count)
  }

  private add(timeUs: number, phase: 0 | 1, task: () => void): Entry {
    assert(timeUs >= this.timeUs, 'nothing is scheduled in the past')
    assert(this.heap.size < this.eventsMax, 'the world has a bounded number of events waiting')
    this.sequence += 1
    const tieBreak = this.isFifo ? 0 : this.ties.u32()
    const entry = { timeUs, phase, tieBreak, sequence: this.sequence, task }
    this.heap.push(entry)
    return entry
  }

  /** The next event that was not cancelled. */
  private next(): Entry | undefined {
    for (;;) {
      const entry = this.heap.peek()
      if (entry === undefined || entry.task !== undefined) return entry
      this.heap.pop()
    }
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  if (a.timeUs !== b.timeUs) return a.timeUs < b.timeUs
  if (a.phase !== b.phase) return a.phase < b.phase
  if (a.tieBreak !== b.tieBreak) return a.tieBreak < b.tieBreak
  return a.sequence < b.sequence
}

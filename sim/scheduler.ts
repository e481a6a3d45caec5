// Virtual time. Everything that happens in a simulated world is an event in one heap; the next one
// runs when the one before has returned. Events of the same microsecond run in an order drawn from
// the seed, so that many seeds explore many interleavings, or first come first served when asked.
// Invariant: time never steps back, and nothing but this heap wakes anything up.

import { assert } from '../src/base/index.ts'
import type { Cancel } from '../src/ports/index.ts'
import { EventHeap } from './event-heap.ts'
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

/** The event loop of a simulated world. */
export class SimScheduler {
  /** The root of all chance in the world; fork it, do not draw from it. */
  readonly random: Prng
  private readonly ties: Prng
  private readonly isFifo: boolean
  private readonly eventsMax: number
  /** Its times are twice those of the world, and one more for ends of turns: these come last. */
  private readonly heap = new EventHeap()
  private readonly history = new Trace()
  private timeUs = 0
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
    const { heap } = this
    const slot = this.add(timeUs, 0, task)
    const { sequence } = heap
    return () => heap.cancel(slot, sequence)
  }

  /** Events ever placed; the number of the latest one. */
  get placed(): number {
    return this.heap.sequence
  }

  /**
   * As {@link after}, without a function that takes it back.
   * @returns its slot, which with {@link placed} just after it is what {@link displace} needs
   */
  place(delayMs: number, task: () => void): number {
    return this.add(this.timeUs + Math.max(0, Math.ceil(delayMs * 1_000)), 0, task)
  }

  /** Takes back what was placed, if it has not run. */
  displace(slot: number, placed: number): void {
    this.heap.cancel(slot, placed)
  }

  /** As {@link atUs}, for what is never cancelled. */
  postUs(timeUs: number, task: () => void): void {
    this.add(timeUs, 0, task)
  }

  /** Runs `task` after all input and timers of the instant `delayUs` from now. */
  afterInput(delayUs: number, task: () => void): void {
    this.add(this.timeUs + delayUs, 1, task)
  }

  /** Runs the next event; false if there is none. */
  step(): boolean {
    if (!this.hasNext()) return false
    this.runNext()
    return true
  }

  /** Runs all events up to and including a time; the time is then that one. */
  runUntil(timeMs: number): void {
    const untilUs = Math.floor(timeMs * 1_000)
    const { heap } = this
    const lastTime = untilUs * 2 + 1
    while (heap.size > 0 && heap.nextTime <= lastTime) {
      const timeUs = Math.floor(heap.nextTime / 2)
      const task = heap.pop()
      // It was taken back.
      if (task === undefined) continue
      this.timeUs = timeUs
      this.stepCount += 1
      task()
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
    while (this.hasNext()) {
      if (this.nextUs > msMax * 1_000) return false
      this.runNext()
    }
    return true
  }

  /** Runs until a condition holds, tested after each event; false if it does not by `msMax`. */
  runWhileNot(isDone: () => boolean, options: { readonly msMax: number }): boolean {
    while (!isDone()) {
      if (!this.hasNext() || this.nextUs > options.msMax * 1_000) return false
      this.runNext()
    }
    return true
  }

  /** Notes that something happened; every fake calls it for all it does. */
  trace(label: string, a: string | number, b: string | number): void {
    this.history.add(this.timeUs, label, a, b)
  }

  /** Hash over all that was traced, 16 hexadecimal digits. */
  get traceHash(): string {
    return this.history.hash
  }

  /** The latest traced events, oldest first; at most 4,096 are kept. */
  latest(count: number): TraceEvent[] {
    return this.history.latest(count)
  }

  private add(timeUs: number, phase: 0 | 1, task: () => void): number {
    const { heap } = this
    assert(timeUs >= this.timeUs, 'nothing is scheduled in the past')
    assert(heap.size < this.eventsMax, 'the world has a bounded number of events waiting')
    return heap.push(timeUs * 2 + phase, this.isFifo ? 0 : this.ties.u32(), task)
  }

  /** True if an event waits that was not cancelled; it is then the next one of the heap. */
  private hasNext(): boolean {
    const { heap } = this
    while (heap.size > 0) {
      if (heap.nextTask !== undefined) return true
      heap.pop()
    }
    return false
  }

  /** Time of the next event, in microseconds; only if there is one. */
  private get nextUs(): number {
    return Math.floor(this.heap.nextTime / 2)
  }

  private runNext(): void {
    this.timeUs = this.nextUs
    this.stepCount += 1
    this.heap.pop()!()
  }
}

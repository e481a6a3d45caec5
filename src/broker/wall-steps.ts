// How far a broker's wall clock was from its monotonic one while it put messages into the store.
// There the end of a message's time is told by the wall clock, for a later life; this one must not
// end it sooner or later because that clock was set meanwhile.

import { mark } from '../base/index.ts'
import type { Clock } from '../ports/index.ts'

/** Less than this is drift. */
const stepMsMin = 500
/** Steps that are remembered; what was put before them is read with the oldest of these. */
const stepsMax = 64

interface Step {
  /** What was put from this sequence on was put with this offset. */
  readonly fromSequence: number
  /** Wall time less monotonic time, in milliseconds. */
  readonly offsetMs: number
}

/** See the top of this file. One for each backlog. */
export class WallSteps {
  private readonly clock: Clock
  private readonly steps: Step[] = []

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** A message with an end to its time is put into the store; sequences rise. */
  note(sequence: number): void {
    const offsetMs = this.offsetMs()
    const last = this.steps.at(-1)
    if (last !== undefined && Math.abs(offsetMs - last.offsetMs) < stepMsMin) return
    if (last !== undefined) mark('store-clock-was-set')
    if (this.steps.length === stepsMax) this.steps.shift()
    this.steps.push({ fromSequence: sequence, offsetMs })
  }

  /** By how much the wall clock was set since a message was put that was put in this life. */
  setSince(sequence: number): number {
    const { steps } = this
    const step = steps.findLast(({ fromSequence }) => fromSequence <= sequence) ?? steps[0]
    const setByMs = step === undefined ? 0 : this.offsetMs() - step.offsetMs
    return Math.abs(setByMs) < stepMsMin ? 0 : setByMs
  }

  private offsetMs(): number {
    return this.clock.wallMs() - this.clock.monotonicMs()
  }
}

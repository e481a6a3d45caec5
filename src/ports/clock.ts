// Time as a port. Nothing outside src/platform/ and sim/ knows any other clock.

/** Undoes a scheduled task; harmless after the task ran. */
export type Cancel = () => void

/** Monotonic and wall time, and work to be done later. */
export interface Clock {
  /** Milliseconds since some fixed point of this process; never steps back; may have fractions. */
  monotonicMs(): number
  /** Milliseconds since the Unix epoch as the machine believes; may step either way. */
  wallMs(): number
  /** Runs `task` once, not before `delayMs` have passed; never before this call returns. */
  schedule(delayMs: number, task: () => void): Cancel
  /**
   * Runs `task` once all input that is ready now has been handled, and never before this call
   * returns. Tasks run in the order given. What a turn gathered (socket writes, store commits) is
   * sent off here.
   */
  endOfTurn(task: () => void): void
}

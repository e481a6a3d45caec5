// The real clock: Node's monotonic and wall time, its timers, and the end of the event loop's turn.
// Invariant: an end-of-turn task runs exactly once, in the check phase that follows the input it
// was made for, and a task given while the list runs waits for the next turn.

import type { Cancel, Clock } from '../ports/index.ts'

/** Node's timers take a signed 32-bit delay; a longer one would fire at once. */
const timerDelayMsMax = 2_147_483_647

/** Makes the clock of this process. Its timers keep the process alive until they are cancelled. */
export function createSystemClock(): Clock {
  return new SystemClock()
}

class SystemClock implements Clock {
  // Two lists take turns, so that a turn allocates nothing: one fills while the other runs.
  private tasks: (() => void)[] = []
  private spare: (() => void)[] = []

  monotonicMs(): number {
    return performance.now()
  }

  wallMs(): number {
    return Date.now()
  }

  schedule(delayMs: number, task: () => void): Cancel {
    if (delayMs > timerDelayMsMax) return this.scheduleFarAhead(delayMs, task)
    // Timers count whole milliseconds from a start they cut down to one, so they may fire almost a
    // millisecond early. The port says never early.
    const timer = setTimeout(task, delayMs > 0 ? Math.ceil(delayMs) + 1 : 0)
    return () => clearTimeout(timer)
  }

  endOfTurn(task: () => void): void {
    if (this.tasks.length === 0) setImmediate(this.runTasks)
    this.tasks.push(task)
  }

  private readonly runTasks = (): void => {
    const running = this.tasks
    this.tasks = this.spare
    this.spare = running
    for (let i = 0; i < running.length; i += 1) running[i]!()
    running.length = 0
  }

  private scheduleFarAhead(delayMs: number, task: () => void): Cancel {
    let cancel: Cancel
    const wait = () => {
      cancel = this.schedule(delayMs - timerDelayMsMax, task)
    }
    const timer = setTimeout(wait, timerDelayMsMax)
    cancel = () => clearTimeout(timer)
    return () => cancel()
  }
}

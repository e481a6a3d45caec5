// Brokers that are to be killed at a step of their own: which step, and how often they have to come
// to it first. It only counts; whoever asks does the killing.

import type { CrashStep } from './plan/index.ts'

interface Trap {
  readonly step: CrashStep
  left: number
}

/** See the top of this file. A broker has one trap at most: a new one takes the place of it. */
export class CrashTraps {
  private readonly traps = new Map<string, Trap>()

  set(broker: string, step: CrashStep, times: number): void {
    this.traps.set(broker, { step, left: times })
  }

  clear(broker: string): void {
    this.traps.delete(broker)
  }

  clearAll(): void {
    this.traps.clear()
  }

  /** A broker has come to a step; true if it is to be killed now. */
  springs(broker: string, step: CrashStep): boolean {
    // Asked for every piece of data that moves: there is hardly ever a trap.
    if (this.traps.size === 0) return false
    const trap = this.traps.get(broker)
    if (trap === undefined || trap.step !== step) return false
    trap.left -= 1
    if (trap.left > 0) return false
    this.traps.delete(broker)
    return true
  }
}

// Virtual time for conformance suites: nothing here waits.

import { SimScheduler } from '../../sim/scheduler.ts'
import type { World } from './world.ts'

/** A world of its own, from a seed. */
export interface SimWorld extends World {
  readonly scheduler: SimScheduler
}

/** Makes a simulated world. */
export function simWorld(seed: string): SimWorld {
  const scheduler = new SimScheduler({ seed })
  return {
    scheduler,
    async run(what, until) {
      const msMax = scheduler.nowMs + 60_000
      if (!scheduler.runWhileNot(until, { msMax })) throw new Error(`it never happened: ${what}`)
    },
    async idle() {
      scheduler.runFor(100)
    },
    async dispose() {}
  }
}

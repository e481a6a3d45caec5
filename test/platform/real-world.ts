// Real time for conformance suites: looks again every millisecond, and gives up after ten seconds.

import { setTimeout as sleep } from 'node:timers/promises'
import type { World } from '../conformance/world.ts'

const giveUpMs = 10_000

/** Makes the real world; `dispose` runs when the test is over. */
export function realWorld(dispose: () => void = () => {}): World {
  return {
    async run(what, until) {
      const endMs = performance.now() + giveUpMs
      while (!until()) {
        if (performance.now() > endMs) throw new Error(`it never happened: ${what}`)
        await sleep(1)
      }
    },
    async idle() {
      await sleep(50)
    },
    async dispose() {
      dispose()
    }
  }
}

// Links whose connections are reset at random times at some mean rate, as bad lines do. Each link
// has a stream of chance of its own, so that one link more does not shift the others.

import type { Cancel } from '../src/ports/index.ts'
import type { Prng } from './prng.ts'
import type { SimLink } from './topologies.ts'

/** What resets need of a world. */
export interface ResetsPort {
  after(delayMs: number, task: () => void): Cancel
  random(label: string): Prng
  /** Resets the connections of a link, if there are any. */
  onReset(link: SimLink): void
}

interface Running {
  readonly random: Prng
  meanMs: number
  cancel: Cancel
}

const minuteMs = 60_000

/** See the top of this file. */
export class RandomResets {
  private readonly port: ResetsPort
  private readonly running = new Map<SimLink, Running>()

  constructor(port: ResetsPort) {
    this.port = port
  }

  /** Links that are reset now and then. */
  get count(): number {
    return this.running.size
  }

  /** Sets how often a link is reset from now on; 0 ends it. */
  setRate(link: SimLink, perMinute: number): void {
    const known = this.running.get(link)
    known?.cancel()
    if (perMinute <= 0) {
      this.running.delete(link)
      return
    }
    const random = known?.random ?? this.port.random(`resets/${link.a}-${link.b}`)
    const running = { random, meanMs: minuteMs / perMinute, cancel: () => {} }
    this.running.set(link, running)
    this.wait(link, running)
  }

  /** Ends it everywhere. */
  stop(): void {
    for (const link of [...this.running.keys()]) this.setRate(link, 0)
  }

  private wait(link: SimLink, running: Running): void {
    running.cancel = this.port.after(running.random.exponentialMs(running.meanMs), () => {
      this.port.onReset(link)
      if (this.running.get(link) === running) this.wait(link, running)
    })
  }
}

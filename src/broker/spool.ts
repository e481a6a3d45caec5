// The room on disk of messages that are not persistent: those that wait behind the windows of their
// queues. It has a bound of its own, all queues together, so that they never take the room of
// persistent messages. Queues whose producers wait for it watch its gate.
// Invariant: what is counted is what was put aside in this life and not taken out again.

import { assert, mark } from '../base/index.ts'
import type { Clock, Logger } from '../ports/index.ts'
import { FlowGate } from './flow-gate.ts'
import { reopenShare } from './memory-account.ts'
import type { StoreWriter } from './store-writer.ts'

/** Consumers in step with producers keep it between 80 and 100 %: that is told of once. */
const toldOverShare = 0.5

/** What a spool stands on. */
export interface SpoolDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly store: StoreWriter
}

/** See the top of this file. */
export class Spool {
  readonly bytesMax: number
  /** Opens when there is room again, or the store works again. */
  readonly gate = new FlowGate('spool')
  private readonly deps: SpoolDependencies
  private used = 0
  /** When it became full; undefined when that is over, and told. */
  private fullSinceMs: number | undefined = undefined

  constructor(deps: SpoolDependencies, bytesMax: number) {
    this.deps = deps
    this.bytesMax = bytesMax
  }

  get bytesUsed(): number {
    return this.used
  }

  /** True while no more should be put aside: what a failing store does not take fills memory. */
  get isFull(): boolean {
    return this.used >= this.bytesMax || this.deps.store.failure !== undefined
  }

  /** True when those held back may go on. */
  get hasRoomAgain(): boolean {
    return this.used <= this.bytesMax * reopenShare && this.deps.store.failure === undefined
  }

  add(bytes: number): void {
    this.used += bytes
    if (this.used < this.bytesMax || this.fullSinceMs !== undefined) return
    mark('store-spool-full')
    this.fullSinceMs = this.deps.clock.monotonicMs()
    this.deps.logger.warn('spool-full', {
      bytesUsed: this.used,
      bytesMax: this.bytesMax,
      consequence: 'producers of messages that go there wait or are refused'
    })
  }

  release(bytes: number): void {
    if (bytes === 0) return
    this.used -= bytes
    assert(this.used >= 0, 'no more leaves the spool than was put there')
    if (this.fullSinceMs !== undefined && this.used <= this.bytesMax * toldOverShare) {
      const forMs = Math.round(this.deps.clock.monotonicMs() - this.fullSinceMs)
      this.fullSinceMs = undefined
      this.deps.logger.info('spool-room-again', { bytesUsed: this.used, forMs })
    }
    this.openIfRoom()
  }

  /** To be called when the store works again, too. */
  openIfRoom(): void {
    if (this.hasRoomAgain) this.gate.open()
  }
}

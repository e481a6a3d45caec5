// What of a queue may have been delivered, as its store knows: everything up to a sequence. A later
// life of the broker marks what it finds there redelivered. The mark runs ahead of deliveries, so
// that it is written once for thousands of them.
// Invariant: nothing is delivered that a later life might find in the store and not take for seen.

import type { QueueOptions } from './queue-options.ts'
import type { StoreWriter } from './store-writer.ts'

/** How far the mark runs ahead, in sequences. */
const aheadMax = 4_096

/** See the top of this file. */
export class DeliveredMark {
  private readonly store: StoreWriter
  private readonly key: string
  private coveredUpTo = 0
  private earlierUpTo = 0

  constructor(store: StoreWriter, { kind, name }: Pick<QueueOptions, 'kind' | 'name'>) {
    this.store = store
    this.key = `delivered ${name}`
    // No consumer sees what is parked: it leaves for another broker, with custody, or stays.
    if (kind === 'parked') this.coveredUpTo = Number.POSITIVE_INFINITY
  }

  /** Goes on from what an earlier life noted of messages up to `lastSequence`. */
  recover(lastSequence: number): void {
    if (this.coveredUpTo === Number.POSITIVE_INFINITY) return
    this.coveredUpTo = Number(this.store.fact(this.key) ?? 0)
    this.earlierUpTo = Math.min(this.coveredUpTo, lastSequence)
  }

  /** True if an earlier life may have delivered the message of that sequence. */
  isSeen(sequence: number): boolean {
    return sequence <= this.earlierUpTo
  }

  /**
   * Notes that what has a sequence up to this one may be delivered.
   * @returns true if that was noted before; else it is so once what is written now is on disk
   */
  cover(upTo: number): boolean {
    if (upTo <= this.coveredUpTo) return true
    this.coveredUpTo = upTo + aheadMax
    this.store.setFact(this.key, String(this.coveredUpTo))
    return false
  }

  /** The queue has ended. */
  clear(): void {
    const isNoted = this.coveredUpTo > 0 && this.coveredUpTo < Number.POSITIVE_INFINITY
    if (isNoted) this.store.setFact(this.key, undefined)
    this.coveredUpTo = 0
  }
}

// How many of a queue's waiting messages the filters of all its consumers leave out. Each message
// is asked about once, when somebody wants to know; the answer stands until consumers come or go.
// Invariant: what was not asked about stands behind all that was, or went back to where it was.

import type { ConsumerSet } from './consumer-set.ts'
import type { EntryList, QueueEntry } from './queue-entry.ts'

/** See the top of this file. */
export class UnwantedCount {
  private readonly ready: EntryList
  private readonly consumers: ConsumerSet
  /** Waiting entries of which it is known whether they are unwanted, and those that are. */
  private judged = 0
  private unwanted = 0

  constructor(ready: EntryList, consumers: ConsumerSet) {
    this.ready = ready
    this.consumers = consumers
  }

  /** Waiting entries that the filters of all consumers here leave out. */
  count(): number {
    const { consumers, ready } = this
    if (!consumers.isChoosy) return 0
    for (let entry = ready.tail; this.judged < ready.length; entry = entry!.previous) {
      if (entry!.isUnwanted !== undefined) continue
      entry!.isUnwanted = !consumers.isWantedHere(entry!.message)
      this.judged += 1
      if (entry!.isUnwanted) this.unwanted += 1
    }
    return this.unwanted
  }

  /** An entry no longer waits. */
  forget(entry: QueueEntry): void {
    if (entry.isUnwanted === undefined) return
    this.judged -= 1
    if (entry.isUnwanted) this.unwanted -= 1
    entry.isUnwanted = undefined
  }

  /** Other consumers want other messages. */
  forgetAll(): void {
    for (let entry = this.ready.head; this.judged > 0; entry = entry!.next) this.forget(entry!)
  }
}

// Order and copies, as subscriptions get them: whether a producer's messages come in the order they
// were sent, and which copies are beyond the first.

import type { Delivery } from '../watcher.ts'
import type { DestinationTally } from './destination-tally.ts'

/** The last a consumer got of a producer. */
interface Last {
  session: string
  number: number
}

/** See the top of this file. */
export class OrderMeter {
  /** By consumer and producer; a producer has one destination. */
  private readonly last = new Map<string, Map<string, Last>>()
  /** Copies for subscriptions that need not have got any. */
  private readonly unexpected = new WeakMap<object, Set<string>>()

  /**
   * True for one that was sent before another that this session has got already. To be asked of
   * first deliveries; those marked redelivered are left out, they had their turn.
   */
  isOutOfOrder({ record, consumer, session, isRedelivered }: Delivery): boolean {
    if (isRedelivered) return false
    const { producer, number } = record
    let streams = this.last.get(consumer)
    if (streams === undefined) {
      streams = new Map()
      this.last.set(consumer, streams)
    }
    const last = streams.get(producer)
    if (last === undefined || last.session !== session) {
      streams.set(producer, { session, number })
      return false
    }
    if (number < last.number) return true
    last.number = number
    return false
  }

  /** Counts a delivery that was not the first of its message, if it is one too many. */
  countRepeated({ record, session, isRedelivered }: Delivery, tally: DestinationTally): void {
    const { kind, expected, deliveries, marked } = record
    if (kind === 'topic' && !expected.has(session)) {
      let sessions = this.unexpected.get(record)
      if (sessions === undefined) {
        sessions = new Set()
        this.unexpected.set(record, sessions)
      }
      if (!sessions.has(session)) {
        // It came with the first news of a new subscription: a gift, no copy.
        sessions.add(session)
        return
      }
    }
    tally.duplicates += 1
    // Of all copies of a queue's message one may be without the mark, whichever comes first.
    const isFirstUnmarked = kind === 'queue' && deliveries - marked <= 1
    if (!isRedelivered && !isFirstUnmarked) tally.unmarkedDuplicates += 1
  }
}

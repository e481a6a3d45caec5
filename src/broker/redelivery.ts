// Deliveries that failed: counts them by message, and decides by the policy of the destination
// whether a message is offered again, at once or later, or ends as a dead letter.
// Invariant: each entry given here is afterwards back in its queue, delayed, or settled. Counts
// live as long as the broker: a message found in the store starts over.

import { mark } from '../base/index.ts'
import type { Clock } from '../ports/index.ts'
import { type DeadLetterCause, isDeadLetterQueue } from './dead-letters.ts'
import { DelayedEntries } from './delayed-entries.ts'
import type { Queue } from './queue.ts'
import type { QueueEntry } from './queue-entry.ts'
import { type DeliveryPolicies, redeliveryDelayMs } from './redelivery-policy.ts'

/** What is done with an entry that has failed too often; it is settled afterwards. */
export type GiveUpEntry = (entry: QueueEntry, cause: DeadLetterCause) => void

/** See the top of this file. */
export class Redelivery {
  readonly delayed: DelayedEntries
  private readonly policies: DeliveryPolicies
  private readonly giveUp: GiveUpEntry

  constructor(clock: Clock, policies: DeliveryPolicies, giveUp: GiveUpEntry) {
    this.delayed = new DelayedEntries(clock)
    this.policies = policies
    this.giveUp = giveUp
  }

  /** Consumers refused these. What is offered again goes back together, which keeps the order. */
  refuse(entries: readonly QueueEntry[]): void {
    const byQueue = new Map<Queue, QueueEntry[]>()
    for (const entry of entries) {
      entry.refusals += 1
      const rules = this.policies.of(entry.message.destination).redelivery
      if (entry.refusals > rules.redeliveriesMax) {
        this.end(entry, { code: 'refused', text: `refused ${entry.refusals} times` })
        continue
      }
      mark('message-refused-by-consumer')
      const delayMs = redeliveryDelayMs(rules, entry.refusals)
      if (delayMs > 0) {
        mark('message-redelivered-later')
        this.delayed.add(entry, delayMs)
        continue
      }
      const ofQueue = byQueue.get(entry.queue)
      if (ofQueue === undefined) byQueue.set(entry.queue, [entry])
      else ofQueue.push(entry)
    }
    for (const [queue, ofQueue] of byQueue) queue.giveBack(ofQueue, true)
  }

  /**
   * The connection died that had these.
   * @returns those to be given back to their queues now
   */
  lose(entries: readonly QueueEntry[]): readonly QueueEntry[] {
    const staying: QueueEntry[] = []
    for (const entry of entries) {
      entry.losses += 1
      const { lostConnectionsMax } = this.policies.of(entry.message.destination).redelivery
      const isTooOften = lostConnectionsMax > 0 && entry.losses >= lostConnectionsMax
      if (!isTooOften || isDeadLetterQueue(entry.message.destination)) {
        staying.push(entry)
        continue
      }
      mark('message-lost-with-connections')
      const text = `${entry.losses} connections died with it unacknowledged`
      this.end(entry, { code: 'connection-lost', text })
    }
    return staying
  }

  private end(entry: QueueEntry, cause: Pick<DeadLetterCause, 'code' | 'text'>): void {
    this.giveUp(entry, { ...cause, redeliveries: entry.refusals + entry.losses - 1 })
    entry.queue.settle(entry)
  }
}

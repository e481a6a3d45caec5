// A consumer's standing interest at this broker: which queues its credit may be spent at. Made by
// the broker, ended by its owner. A queue pattern with wildcards attaches to every queue that
// matches.

import type { Consumer } from './consumer.ts'
import type { Queue } from './queue.ts'
import type { QueueEntry } from './queue-entry.ts'

/** A live subscription. */
export class Subscription {
  readonly consumer: Consumer
  private readonly queues: Queue[] = []
  private readonly onClose: (subscription: Subscription) => void
  private turn = 0
  private isClosed = false

  constructor(consumer: Consumer, onClose: (subscription: Subscription) => void) {
    this.consumer = consumer
    this.onClose = onClose
  }

  /** For the broker: spends this consumer's credit at `queue` too. */
  attach(queue: Queue): void {
    if (this.isClosed || this.queues.includes(queue)) return
    this.queues.push(queue)
    queue.addConsumer(this.consumer)
  }

  /** For the broker: `queue` is gone. */
  detach(queue: Queue): void {
    const at = this.queues.indexOf(queue)
    if (at >= 0) this.queues.splice(at, 1)
    queue.removeConsumer(this.consumer)
  }

  /** To be called when the consumer's credit rose from zero. Queues take turns at being first. */
  onCredit(): void {
    const { queues } = this
    if (queues.length === 1) {
      queues[0]!.onCredit(this.consumer)
      return
    }
    this.turn += 1
    for (let i = 0; i < queues.length && this.consumer.credit > 0; i += 1) {
      queues[(this.turn + i) % queues.length]!.onCredit(this.consumer)
    }
  }

  /**
   * Ends the subscription. `unsettled` are the deliveries its consumer still owes; they go back to
   * their queues, for others.
   * @param maySeen true if the consumer may have seen them
   */
  close(unsettled: readonly QueueEntry[], maySeen: boolean): void {
    if (this.isClosed) return
    this.isClosed = true
    for (const queue of this.queues) queue.removeConsumer(this.consumer)
    const byQueue = new Map<Queue, QueueEntry[]>()
    for (const entry of unsettled) {
      const entries = byQueue.get(entry.queue)
      if (entries === undefined) byQueue.set(entry.queue, [entry])
      else entries.push(entry)
    }
    for (const [queue, entries] of byQueue) queue.giveBack(entries, maySeen)
    this.onClose(this)
  }
}

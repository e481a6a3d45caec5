// A consumer's standing interest at this broker: which queues its credit may be spent at. Made by
// the broker, ended by its owner. A queue pattern with wildcards attaches to every queue that
// matches. Invariant: while it is open, its consumer is at exactly the queues attached.

import type { Consumer } from './consumer.ts'
import type { Queue } from './queue.ts'
import type { QueueEntry } from './queue-entry.ts'

/** A live subscription. */
export class Subscription {
  readonly consumer: Consumer
  private readonly queues: Queue[] = []
  /** Where each queue stands among `queues`: there may be as many as the broker has. */
  private readonly places = new Map<Queue, number>()
  private readonly onClose: (subscription: Subscription) => void
  private turn = 0
  private isClosed = false

  constructor(consumer: Consumer, onClose: (subscription: Subscription) => void) {
    this.consumer = consumer
    this.onClose = onClose
  }

  /** For the broker: spends this consumer's credit at `queue` too. */
  attach(queue: Queue): void {
    if (this.isClosed || this.places.has(queue)) return
    this.places.set(queue, this.queues.length)
    this.queues.push(queue)
    queue.addConsumer(this.consumer)
  }

  /** For the broker: `queue` is gone. */
  detach(queue: Queue): void {
    const at = this.places.get(queue)
    if (at === undefined) return
    this.places.delete(queue)
    const last = this.queues.pop()!
    if (last !== queue) {
      this.queues[at] = last
      this.places.set(last, at)
    }
    queue.removeConsumer(this.consumer)
  }

  /** To be called when the consumer's credit rose from zero. Queues take turns at being first. */
  onCredit(): void {
    const { consumer, queues } = this
    const { length } = queues
    if (length > 1) this.turn = (this.turn + 1) % length
    for (let i = 0; i < length && consumer.credit > 0; i += 1) {
      const at = this.turn + i
      queues[at < length ? at : at - length]!.onCredit(consumer)
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
    const byQueue = new Map<Queue, QueueEntry[]>()
    for (const entry of unsettled) {
      const entries = byQueue.get(entry.queue)
      if (entries === undefined) byQueue.set(entry.queue, [entry])
      else entries.push(entry)
    }
    for (const queue of this.queues) {
      queue.removeConsumer(this.consumer, byQueue.get(queue), maySeen)
      byQueue.delete(queue)
    }
    // What is left came from queues that are gone.
    for (const [queue, entries] of byQueue) queue.giveBack(entries, maySeen)
    this.onClose(this)
  }
}

// A consumer's standing interest at this broker: which queues its credit may be spent at. Made by
// the broker, ended by its owner. A queue pattern with wildcards attaches to every queue that
// matches. Invariant: while it is open, its consumer is at exactly the queues attached.

import type { Consumer } from './consumer.ts'
import type { Queue } from './queue.ts'
import type { QueueEntry } from './queue-entry.ts'

/** What its broker does for a subscription. */
export interface SubscriptionOwner {
  /** Counts what a connection died with; answers what goes back to the queues. */
  lose(unsettled: readonly QueueEntry[]): readonly QueueEntry[]
  /** It has ended. */
  onClose(): void
}

/** A live subscription. */
export class Subscription {
  readonly consumer: Consumer
  private readonly queues = new Set<Queue>()
  /** Of many queues those where something waits, the one asked last at the end. */
  private readonly waiting = new Set<Queue>()
  /** The queue of that name, for a subscription without wildcards. */
  private only: Queue | undefined = undefined
  private readonly owner: SubscriptionOwner
  private isClosed = false

  constructor(consumer: Consumer, owner: SubscriptionOwner) {
    this.consumer = consumer
    this.owner = owner
  }

  /** For the broker: spends this consumer's credit at `queue`, and at no other. */
  attach(queue: Queue): void {
    if (this.isClosed || this.queues.has(queue)) return
    this.queues.add(queue)
    this.only = queue
    queue.addConsumer(this.consumer)
  }

  /** For the broker: spends this consumer's credit at `queue` too. */
  attachOneOfMany(queue: Queue): void {
    if (this.isClosed || this.queues.has(queue)) return
    this.queues.add(queue)
    queue.addConsumer(this.consumer, () => this.waiting.add(queue))
  }

  /** For the broker: `queue` is gone. */
  detach(queue: Queue): void {
    if (!this.queues.delete(queue)) return
    this.waiting.delete(queue)
    queue.removeConsumer(this.consumer)
  }

  /** To be called when the consumer's credit rose from zero. Queues take turns at being first. */
  onCredit(): void {
    const { consumer, waiting } = this
    this.only?.onCredit(consumer)
    let left = waiting.size
    for (const queue of waiting) {
      if (left === 0 || consumer.credit <= 0) return
      left -= 1
      queue.onCredit(consumer)
      waiting.delete(queue)
      if (queue.waiting > 0) waiting.add(queue)
    }
  }

  /**
   * Ends the subscription because the connection of its consumer died, which counts against the
   * deliveries it still owed: those that were lost so too often do not go back.
   */
  lose(unsettled: readonly QueueEntry[]): void {
    if (!this.isClosed) this.close(this.owner.lose(unsettled), true)
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
    this.owner.onClose()
  }
}

// What the core knows of a receiver of messages: a client's subscription, a proxy for the consumers
// of another broker, or an internal service. Credit is the core's only word for flow to a consumer.

import type { Message } from './message.ts'
import type { QueueEntry } from './queue-entry.ts'

/** Decides which messages a consumer takes. */
export interface MessageFilter {
  /** The filter as its user wrote it. */
  readonly text: string
  matches(message: Message): boolean
}

/** An attached receiver. */
export interface Consumer {
  /**
   * Deliveries it will still take. The queue takes one off at each dispatch; the owner adds, and
   * when it rises from zero calls `Queue.onCredit`.
   */
  credit: number
  /** Undefined takes everything. */
  readonly filter: MessageFilter | undefined
  /** 0 for a consumer of this broker; the path's cost for a proxy of another broker's consumers. */
  readonly cost: number
  /**
   * Deliveries it takes at once when it holds none, or for a proxy the sum of those of the
   * consumers it stands for: what shares are measured by. 1 if it does not say.
   */
  readonly capacity?: number
  /** True if the queue may forget a message as soon as `deliver` returned. */
  readonly settlesOnDispatch: boolean
  /**
   * Takes a message. With an `entry` the consumer owes the queue a `settle` or `giveBack`; without,
   * the message is the consumer's alone. Must not call back into the queue before it returns.
   */
  deliver(message: Message, entry: QueueEntry | undefined, isRedelivered: boolean): void
  /**
   * For a proxy, called in place of `deliver`: takes the message, or answers false, and then it
   * stays where it is in its queue and the proxy has no credit. A proxy keeps its own credit.
   */
  offer?(message: Message): boolean
  /**
   * For a proxy: true if its filter leaves out what may wait before all that it takes, so that it
   * has to look behind that.
   */
  readonly isChoosy?: boolean
}

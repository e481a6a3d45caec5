// What the core asks of the network, and what it tells it. The core never imports the network room:
// a broker that stands alone simply has no forwarder.

import type { FlowGate } from './flow-gate.ts'
import type { Message } from './message.ts'
import type { Queue } from './queue.ts'

/** Takes messages on to other brokers. */
export interface Forwarder {
  /**
   * Sends copies of a message published here to every other broker whose topic subscribers want it.
   * Answers the gate its producer must wait at before sending more, if any.
   */
  forwardTopic(message: Message): FlowGate | undefined
  /** Sends a message for a temporary queue of another broker there. */
  forwardTemporary(message: Message, broker: string): FlowGate | undefined
  /** A queue came to be here: other brokers' consumers may want to attach to it. */
  onQueueAdded(queue: Queue): void
  onQueueRemoved(queue: Queue): void
}

/** Which wishes there are among this broker's consumers. */
export type DemandKind = 'queue' | 'topic'

/** What one consumer wants of the messages for its pattern. */
export interface ConsumerWish {
  /** Deliveries it takes at once. */
  readonly weight: number
  /**
   * True for a durable subscription, which wants messages for as long as it is not deleted,
   * whatever becomes of connections and brokers.
   */
  readonly isDurable?: boolean
  /** Text of its selector; undefined if it takes them all. */
  readonly selector?: string | undefined
}

/** Hears of every change in what this broker's consumers want. */
export interface DemandListener {
  /** A consumer came. */
  onConsumerAdded(kind: DemandKind, pattern: string, wish: ConsumerWish): void
  /** One that was added with the same values has gone. */
  onConsumerRemoved(kind: DemandKind, pattern: string, wish: ConsumerWish): void
  /** A destination has, or no longer has, as much waiting here as it should. */
  onPressure(kind: DemandKind, pattern: string, isFull: boolean): void
}

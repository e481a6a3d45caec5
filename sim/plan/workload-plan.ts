// Who sends and who receives in a scenario, as plain data: the same clients in the simulator and
// against real brokers.

import type { StompVersion } from '../../src/protocols/stomp/codec/index.ts'

/** A producer. */
export interface ProducerPlan {
  /** Unique among the clients of a scenario; letters, digits, '-' and '_'. */
  readonly name: string
  /** Broker it connects to. */
  readonly at: string
  /** As a client writes it: '/queue/orders', '/topic/prices.gold'. */
  readonly destination: string
  /** Mean time between two ticks. */
  readonly everyMs: number
  /** Messages sent at each tick; 1 if left out. */
  readonly burst?: number
  /** True for a tick exactly every `everyMs`; by default ticks are drawn around it. */
  readonly isSteady?: boolean
  readonly bodyBytes: number
  readonly isPersistent: boolean
  /** Asks for a receipt with every so many messages. */
  readonly receiptEvery: number
  readonly version: StompVersion
  /** Expiry of each message, from its sending on; none if left out. */
  readonly ttlMs?: number
  /** Application headers for selectors: message n takes value n modulo the list's length. */
  readonly headers?: Readonly<Record<string, readonly string[]>>
  /** Sends in transactions of so many messages; every third one is aborted. */
  readonly transactionSize?: number
  /** Stops by itself after so many messages. */
  readonly messagesMax?: number
  /** Not there from the start: a timeline event brings it. */
  readonly isLate?: boolean
}

/** A consumer. */
export interface ConsumerPlan {
  /** Unique among the clients of a scenario; letters, digits, '-' and '_'. */
  readonly name: string
  /** Broker it connects to. */
  readonly at: string
  /** As a client writes it: '/queue/orders', '/topic/prices.>'. */
  readonly destination: string
  readonly ack: 'auto' | 'client' | 'client-individual'
  readonly prefetch: number
  /** How long it takes to acknowledge a message. */
  readonly workMs: number
  readonly version: StompVersion
  /** SQL-92 selector; none if left out. */
  readonly selector?: string
  /** Name of a durable topic subscription; it takes `name` as client id. */
  readonly durableName?: string
  /** Refuses every so many-th message (NACK); only with client-individual. */
  readonly nackEvery?: number
  /** Not there from the start: a timeline event brings it. */
  readonly isLate?: boolean
  /** Sends every ACK twice, as clients do that are not sure of themselves. */
  readonly repeatsAcks?: boolean
  /** Promises a heart-beat as often as this; none if left out. */
  readonly heartBeatMs?: number
}

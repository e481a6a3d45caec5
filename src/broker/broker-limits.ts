// The bounds of one broker's core. Every queue and buffer has one; these are the defaults.

/** Bounds, all in messages, bytes or milliseconds. */
export interface BrokerLimits {
  /** Messages one queue that is not kept on disk may hold, waiting and delivered. */
  readonly queueMessagesMax: number
  /** Bytes one such queue may hold. */
  readonly queueBytesMax: number
  /** Messages one queue that is kept on disk may hold, there and in memory. */
  readonly storedQueueMessagesMax: number
  /** Bytes one such queue may hold. */
  readonly storedQueueBytesMax: number
  /** Messages a queue that is kept on disk holds in memory while more wait. */
  readonly queueWindowMessages: number
  /** Bytes of them. */
  readonly queueWindowBytes: number
  /** Bytes all queues and subscriptions together may hold in memory. */
  readonly memoryBytesMax: number
  /** Bytes on disk of messages that are not persistent, of all queues together. */
  readonly spoolBytesMax: number
  /** Queues, temporary queues and topic subscriptions, each. */
  readonly destinationsMax: number
  /** Messages waiting for one topic subscription before its producers are held back. */
  readonly topicPendingMessagesMax: number
  readonly topicPendingBytesMax: number
  /** How long a full topic subscription that takes nothing may hold producers back. */
  readonly slowConsumerPatienceMs: number
  /** Messages waiting here for local consumers before other brokers are asked to send no more. */
  readonly demandBacklogMessagesMax: number
  /** NACKs of one message before it is dead-lettered. */
  readonly refusalsMax: number
}

/** Safe defaults. */
export const defaultBrokerLimits: BrokerLimits = {
  queueMessagesMax: 1_000_000,
  queueBytesMax: 128 * 1024 * 1024,
  storedQueueMessagesMax: 1_000_000_000,
  storedQueueBytesMax: 1024 ** 4,
  queueWindowMessages: 4_096,
  queueWindowBytes: 8 * 1024 * 1024,
  memoryBytesMax: 512 * 1024 * 1024,
  spoolBytesMax: 2_560 * 1024 * 1024,
  destinationsMax: 100_000,
  topicPendingMessagesMax: 10_000,
  topicPendingBytesMax: 32 * 1024 * 1024,
  slowConsumerPatienceMs: 5_000,
  demandBacklogMessagesMax: 2_000,
  refusalsMax: 6
}

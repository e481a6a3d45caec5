// The room's door. broker/ is the core: messages, destinations, queues, topics, dispatch.

export {
  Broker,
  type BrokerCounters,
  type BrokerDependencies,
  type BrokerIdentity,
  type BrokerRules,
  limitReached,
  type SubscribeOptions
} from './broker.ts'
export { type BrokerLimits, defaultBrokerLimits } from './broker-limits.ts'
export type { Consumer, MessageFilter } from './consumer.ts'
export { ConsumerSet } from './consumer-set.ts'
export type { DeadLetterDrain, DrainOutcome, DrainWish } from './dead-letter-drain.ts'
export { type DeadLetterView, deadLetterView, formerDestination } from './dead-letter-view.ts'
export {
  type DeadLetterCause,
  type DeadLetterCode,
  deadLetterCodes,
  deadLetterHeaders,
  deadLetterQueueName,
  isDeadLetterQueueName
} from './dead-letters.ts'
export {
  checkDestinationName,
  Destination,
  type DestinationKind,
  DestinationTable
} from './destination.ts'
export { hasWildcard, PatternIndex, patternMatches, reservedPrefix } from './destination-pattern.ts'
export { FlowGate } from './flow-gate.ts'
export type { ConsumerWish, DemandKind, DemandListener, Forwarder } from './forwarder.ts'
export { LetterBox } from './letter-box.ts'
export type { LimitRules, WhenFull } from './limit-rules.ts'
export {
  escapeHeader,
  Message,
  type MessageOrigin,
  messageOrigin,
  unescapeHeader
} from './message.ts'
export { type NonDeliveryReason, nonDeliveryReasons } from './non-delivery.ts'
export type { Queue } from './queue.ts'
export type { QueueEntry } from './queue-entry.ts'
export type { QueueKind } from './queue-options.ts'
export {
  type DeadLetterRules,
  type DeliveryPolicy,
  defaultDeadLetter,
  defaultRedelivery,
  type RedeliveryRules
} from './redelivery-policy.ts'
export { selectorFilter } from './selector-filter.ts'
export type { Spool } from './spool.ts'
export type { StoreWriter } from './store-writer.ts'
export { readStoredMessage, storableMessage } from './stored-message.ts'
export type { Subscription } from './subscription.ts'
export type { DurableName, TopicSubscription } from './topic-subscription.ts'
export type { StoredQueue, WritableMessage } from './write-batch.ts'

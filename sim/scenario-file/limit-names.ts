// What topology files and scenario files call the bounds of a broker, and what its parts call them.

import type { BrokerLimits } from '../../src/broker/index.ts'
import type { StompLimits } from '../../src/protocols/stomp/index.ts'

/** By the name in files: the name in the core. */
export const coreLimits: ReadonlyMap<string, keyof BrokerLimits> = new Map([
  ['queueMessagesMax', 'queueMessagesMax'],
  ['queueBytesMax', 'queueBytesMax'],
  ['storedQueueMessagesMax', 'storedQueueMessagesMax'],
  ['storedQueueBytesMax', 'storedQueueBytesMax'],
  ['queueWindowMessages', 'queueWindowMessages'],
  ['queueWindowBytes', 'queueWindowBytes'],
  ['memoryBytesMax', 'memoryBytesMax'],
  ['destinationsMax', 'destinationsMax'],
  ['topicPendingMessagesMax', 'topicPendingMessagesMax'],
  ['topicPendingBytesMax', 'topicPendingBytesMax'],
  ['slowConsumerPatience', 'slowConsumerPatienceMs']
] as const)

/** By the name in files: the name among the bounds of STOMP connections. */
export const stompLimits: ReadonlyMap<string, keyof StompLimits> = new Map([
  ['connectionsMax', 'connectionsMax'],
  ['connectTimeout', 'connectTimeoutMs'],
  ['frameBytesMax', 'frameBytesMax'],
  ['headerCountMax', 'headerCountMax'],
  ['headerBytesMax', 'headerBytesMax'],
  ['subscriptionsPerConnectionMax', 'subscriptionsPerConnectionMax'],
  ['transactionBytesMax', 'transactionBytesMax'],
  ['prefetchDefault', 'prefetchDefault'],
  ['heartBeatMin', 'heartBeatMsMin']
] as const)

/** A frame between brokers has room for the largest client frame and what a bridge adds to it. */
export const bridgeFrameExtraBytes = 65_536

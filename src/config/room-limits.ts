// What a topology file says of a broker's bounds, in the words of the rooms they belong to. The
// command line and the simulator both make stations of it, so that they make the same ones.

import type { BrokerLimits, BrokerRules } from '../broker/index.ts'
import type { BridgesLimits } from '../network/index.ts'
import type { StompLimits } from '../protocols/stomp/index.ts'
import type { BrokerConfig } from './topology.ts'

/** A frame between brokers has room for the largest client frame and what a bridge adds to it. */
const bridgeFrameExtraBytes = 65_536

/** The bounds of one broker; what a topology file does not say is left out. */
export function roomLimits(config: BrokerConfig) {
  const { limits, store, policies, pingIntervalMs, pingMisses } = config
  return {
    broker: {
      queueMessagesMax: limits.queueMessagesMax,
      queueBytesMax: limits.queueBytesMax,
      storedQueueMessagesMax: limits.storedQueueMessagesMax,
      storedQueueBytesMax: limits.storedQueueBytesMax,
      queueWindowMessages: limits.queueWindowMessages,
      queueWindowBytes: limits.queueWindowBytes,
      memoryBytesMax: limits.memoryBytesMax,
      spoolBytesMax: store.spoolBytesMax,
      destinationsMax: limits.destinationsMax,
      topicPendingMessagesMax: limits.topicPendingMessagesMax,
      topicPendingBytesMax: limits.topicPendingBytesMax,
      slowConsumerPatienceMs: limits.slowConsumerPatienceMs
    } satisfies Partial<BrokerLimits>,
    rules: {
      policies,
      whenFull: limits.whenFull,
      whenStoreFull: store.whenFull
    } satisfies BrokerRules,
    stomp: {
      connectionsMax: limits.connectionsMax,
      connectTimeoutMs: limits.connectTimeoutMs,
      frameBytesMax: limits.frameBytesMax,
      headerCountMax: limits.headerCountMax,
      headerBytesMax: limits.headerBytesMax,
      subscriptionsPerConnectionMax: limits.subscriptionsPerConnectionMax,
      transactionBytesMax: limits.transactionBytesMax,
      prefetchDefault: limits.prefetchDefault,
      heartBeatMsMin: limits.heartBeatMsMin
    } satisfies Partial<StompLimits>,
    bridges: {
      pingIntervalMs,
      pingMisses,
      greetingMsMax: limits.connectTimeoutMs,
      frameBytesMax: limits.frameBytesMax + bridgeFrameExtraBytes
    } satisfies Partial<BridgesLimits>
  }
}

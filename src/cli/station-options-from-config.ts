// From what a topology file says of a broker to what a station is made of. Nothing is decided here:
// every value is the file's, or a default of the room it belongs to.

import { defaultBrokerLimits } from '../broker/index.ts'
import type { BrokerConfig } from '../config/index.ts'
import { defaultStompLimits } from '../protocols/stomp/index.ts'
import type { StationOptions } from '../station/index.ts'
import type { BrokerIdentity } from './broker-identity.ts'

/** Brokers compare what they know this often, besides at each new bridge. */
const repairMs = 30_000
/** A frame between brokers has room for the largest client frame and what a bridge adds to it. */
const bridgeFrameExtraBytes = 65_536

/** What a topology file does not say. */
export interface StationContext {
  readonly network: string
  readonly identity: BrokerIdentity
  /** Version of the program. */
  readonly version: string
}

/** The options of the station that runs `config`. */
export function stationOptionsFromConfig(
  config: BrokerConfig,
  context: StationContext
): StationOptions {
  const { limits } = config
  const { brokerId, incarnation } = context.identity
  return {
    identity: {
      network: context.network,
      broker: config.name,
      brokerId,
      incarnation,
      isTransit: config.transit
    },
    listeners: config.transportConnectors.map(({ uri }) => ({ uri })),
    connectors: config.networkConnectors,
    users: config.users,
    brokerLimits: {
      ...defaultBrokerLimits,
      queueMessagesMax: limits.queueMessagesMax,
      queueBytesMax: limits.queueBytesMax,
      memoryBytesMax: limits.memoryBytesMax,
      destinationsMax: limits.destinationsMax,
      topicPendingMessagesMax: limits.topicPendingMessagesMax,
      topicPendingBytesMax: limits.topicPendingBytesMax,
      slowConsumerPatienceMs: limits.slowConsumerPatienceMs
    },
    stompLimits: {
      ...defaultStompLimits,
      connectionsMax: limits.connectionsMax,
      connectTimeoutMs: limits.connectTimeoutMs,
      frameBytesMax: limits.frameBytesMax,
      headerCountMax: limits.headerCountMax,
      headerBytesMax: limits.headerBytesMax,
      subscriptionsPerConnectionMax: limits.subscriptionsPerConnectionMax,
      transactionBytesMax: limits.transactionBytesMax,
      prefetchDefault: limits.prefetchDefault,
      heartBeatMsMin: limits.heartBeatMsMin
    },
    network: {
      bridges: {
        pingIntervalMs: config.pingIntervalMs,
        pingMisses: config.pingMisses,
        greetingMsMax: limits.connectTimeoutMs,
        frameBytesMax: limits.frameBytesMax + bridgeFrameExtraBytes
      },
      hopsMax: config.hopsMax,
      repairMs
    },
    serverName: `postroad/${context.version}`
  }
}

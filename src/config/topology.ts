// What a topology file says, as plain data: every default filled in, every size in bytes, every
// duration in milliseconds, templates expanded to network connectors. Other rooms see only this.

import type { TransportUri } from '../base/index.ts'
import type { DeliveryPolicy, WhenFull } from '../broker/index.ts'

/** A network of brokers, read and checked. */
export interface Topology {
  /** Brokers of another network are refused. */
  readonly network: string
  /** By name, in the order of the file. */
  readonly brokers: ReadonlyMap<string, BrokerConfig>
  /** The connectors that lead from one broker of the file to another; for drawings and checks. */
  readonly bridges: readonly TopologyBridge[]
}

/** A network connector between two brokers of the same file. */
export interface TopologyBridge {
  /** Name of the broker whose connector it is. */
  readonly from: string
  /** Name of the broker it dials. */
  readonly to: string
  readonly connector: NetworkConnectorConfig
}

/** One broker. */
export interface BrokerConfig {
  readonly name: string
  readonly transportConnectors: readonly TransportConnectorConfig[]
  readonly networkConnectors: readonly NetworkConnectorConfig[]
  /** False: never carries messages that neither start nor end here. */
  readonly transit: boolean
  /** Passcodes by login; undefined admits every client. */
  readonly users: ReadonlyMap<string, string> | undefined
  readonly limits: BrokerLimitsConfig
  readonly store: StoreConfig
  /** What is done by destination; the first that matches counts. */
  readonly policies: readonly DeliveryPolicy[]
  /** Time between two pings on a bridge. */
  readonly pingIntervalMs: number
  /** Pings in a row without an answer after which a bridge is down. */
  readonly pingMisses: number
  /** Bridges a message may cross. */
  readonly hopsMax: number
}

/** What a broker listens on. */
export interface TransportConnectorConfig {
  /** Unique among the broker's transport connectors. */
  readonly name: string
  /** Protocol stomp or postroad; no options. */
  readonly uri: TransportUri
}

/** Whom a broker joins. */
export interface NetworkConnectorConfig {
  /** Unique among the broker's network connectors. */
  readonly name: string
  /** Brokers to join, at least one; protocol postroad, ports above 0. */
  readonly uris: readonly TransportUri[]
  /** Cost of crossing the bridge, 1 to 65535; routes are chosen by the least sum. */
  readonly cost: number
  /** False: messages go only from this broker to that one. */
  readonly duplex: boolean
  /** Patterns such as `queue://orders.>`; only these may cross. Empty: all may. */
  readonly include: readonly string[]
  /** Patterns that may not cross, even if included. */
  readonly exclude: readonly string[]
  /** Wait before the first retry. */
  readonly reconnectDelayMsInitial: number
  /** Longest wait between tries; at least the initial one. */
  readonly reconnectDelayMsMax: number
  /** Factor between two waits; 1 keeps the wait constant. */
  readonly reconnectBackOffMultiplier: number
}

/** Where a broker keeps its persistent messages. */
export interface StoreConfig {
  /** Undefined: lmdb where there is a directory for it, else memory. */
  readonly kind: 'lmdb' | 'memory' | undefined
  /** Directory under which the broker has one of its name. */
  readonly path: string | undefined
  /** Bound of a store on disk, in bytes. */
  readonly sizeBytesMax: number
  /** Of it, for messages that are not persistent. */
  readonly spoolBytesMax: number
  /** What happens to producers of persistent messages when it is reached. */
  readonly whenFull: WhenFull
}

/** The bounds of one broker. */
export interface BrokerLimitsConfig {
  /** Client connections at a time. */
  readonly connectionsMax: number
  /** Time a connection has to introduce itself. */
  readonly connectTimeoutMs: number
  /** Bytes of one frame, headers and body. */
  readonly frameBytesMax: number
  /** Headers of one frame. */
  readonly headerCountMax: number
  /** Bytes of all headers of one frame. */
  readonly headerBytesMax: number
  /** Messages one queue holds. */
  readonly queueMessagesMax: number
  /** Bytes of messages one queue holds. */
  readonly queueBytesMax: number
  /** The same of a queue that is kept on disk. */
  readonly storedQueueMessagesMax: number
  readonly storedQueueBytesMax: number
  /** Messages of such a queue that memory holds as well, and their bytes. */
  readonly queueWindowMessages: number
  readonly queueWindowBytes: number
  /** Bytes of messages the broker holds in memory. */
  readonly memoryBytesMax: number
  /** What happens to producers when a queue, the memory or the spool is full. */
  readonly whenFull: WhenFull
  /** Queues and topics that exist at a time. */
  readonly destinationsMax: number
  readonly subscriptionsPerConnectionMax: number
  /** Bytes of messages one open transaction holds. */
  readonly transactionBytesMax: number
  /** Unacknowledged deliveries of a consumer that asks for no number. */
  readonly prefetchDefault: number
  /** Messages that wait for one slow topic consumer. */
  readonly topicPendingMessagesMax: number
  /** Bytes of messages that wait for one slow topic consumer. */
  readonly topicPendingBytesMax: number
  /** Time a topic consumer may stay full before it is cut off. */
  readonly slowConsumerPatienceMs: number
  /** Shortest heart-beat interval the broker agrees to. */
  readonly heartBeatMsMin: number
}

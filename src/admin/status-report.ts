// The report a broker gives of itself and of what it knows of the network: the read models put
// together. It only reads; asking for a report changes nothing.

import { type BridgeSource, type BridgeStatus, bridgeStatus } from './bridge-status.ts'
import { ListCap } from './capped-list.ts'
import {
  type ConnectionSource,
  type ConnectionStatus,
  connectionStatus
} from './connection-status.ts'
import { type ConnectorSource, type ConnectorStatus, connectorStatus } from './connector-status.ts'
import { type DemandSource, type DemandStatus, demandStatus } from './demand-status.ts'
import { type BrokerStatus, type MapSource, mapStatus } from './map-status.ts'
import {
  type NonDeliverySource,
  type NonDeliveryStatus,
  nonDeliveryStatus
} from './non-delivery-status.ts'
import { type QueueSource, type QueueStatus, queueStatus } from './queue-status.ts'
import {
  type TopicSubscriptionSource,
  type TopicSubscriptionStatus,
  topicStatus
} from './topic-status.ts'
import {
  type CountersStatus,
  type MemoryStatus,
  type ParkingStatus,
  type SpoolStatus,
  type StoreStatus,
  type UsageSource,
  usageStatus
} from './usage-status.ts'

/** The lists of a report that can be asked for by name. */
export const statusParts = [
  'brokers',
  'bridges',
  'connectors',
  'demand',
  'queues',
  'topics',
  'connections',
  'notDelivered'
] as const

/** One of {@link statusParts}. */
export type StatusPart = (typeof statusParts)[number]

/** What `{"command":"status"}` is answered with. A list that was not asked for is absent. */
export interface StatusReport {
  /** Rises when the shape of a report changes in a way its readers must know. */
  readonly format: 1
  readonly network: string
  /** The broker that reports. */
  readonly broker: string
  readonly brokerId: string
  readonly incarnation: number
  /** Wall time of the report, in milliseconds since the Unix epoch. */
  readonly atMs: number
  /** How long the broker has run. */
  readonly upMs: number
  readonly counters: CountersStatus
  readonly memory: MemoryStatus
  /** Null where messages are in memory only. */
  readonly store: StoreStatus | null
  readonly spool: SpoolStatus | null
  readonly parking: ParkingStatus
  /** Client connections whose sending is held back because what they send into is full. */
  readonly pausedProducers: number
  /** The map: every broker of the network, itself included. */
  readonly brokers?: readonly BrokerStatus[]
  /** The broker's own bridges. */
  readonly bridges?: readonly BridgeStatus[]
  readonly connectors?: readonly ConnectorStatus[]
  readonly demand?: readonly DemandStatus[]
  readonly queues?: readonly QueueStatus[]
  readonly topics?: readonly TopicSubscriptionStatus[]
  readonly connections?: readonly ConnectionStatus[]
  readonly notDelivered?: readonly NonDeliveryStatus[]
  /** Names of the lists that were cut to keep the report within its bound. */
  readonly truncated: readonly string[]
}

/** What a report is made from. Broker, Network and StompServer fit as they are. */
export interface StatusSources {
  readonly broker: UsageSource['broker'] & {
    readonly queues: { all(): QueueSource[] }
    readonly topics: { all(): TopicSubscriptionSource[] }
    readonly notDelivered: NonDeliverySource
  }
  readonly network: UsageSource['network'] &
    MapSource &
    DemandSource & {
      readonly identity: {
        readonly network: string
        readonly broker: string
        readonly brokerId: string
        readonly incarnation: number
      }
      readonly bridges: { all(): BridgeSource[]; connectorStates(): ConnectorSource[] }
    }
  readonly stomp: {
    readonly registry: { readonly pausedProducers: number; all(): Iterable<ConnectionSource> }
  }
  readonly clock: { monotonicMs(): number; wallMs(): number }
}

/** Which report is wanted. */
export interface StatusWish {
  readonly parts: ReadonlySet<StatusPart>
  /** Entries every list may have. */
  readonly entriesMax: number
  /** Monotonic time of the broker's start. */
  readonly startedAtMs: number
}

/** Makes a report. */
export function statusReport(sources: StatusSources, wish: StatusWish): StatusReport {
  const { broker, network, stomp, clock } = sources
  const { parts } = wish
  const cap = new ListCap(wish.entriesMax)
  const nowMs = clock.monotonicMs()
  const makers: Record<StatusPart, () => readonly unknown[]> = {
    brokers: () => mapStatus(network, cap),
    bridges: () => bridgeStatus(network.bridges.all(), nowMs, cap),
    connectors: () => connectorStatus(network.bridges.connectorStates(), nowMs, cap),
    demand: () => demandStatus(network, cap),
    queues: () => queueStatus(broker.queues.all(), cap),
    topics: () => topicStatus(broker.topics.all(), cap),
    connections: () => connectionStatus(stomp.registry.all(), cap),
    notDelivered: () => nonDeliveryStatus(broker.notDelivered)
  }
  const lists = new Map<StatusPart, readonly unknown[]>()
  for (const part of statusParts) if (parts.has(part)) lists.set(part, makers[part]())
  const { network: name, broker: brokerName, brokerId, incarnation } = network.identity
  return {
    format: 1,
    network: name,
    broker: brokerName,
    brokerId,
    incarnation,
    atMs: clock.wallMs(),
    upMs: Math.round(nowMs - wish.startedAtMs),
    ...usageStatus(sources, nowMs),
    pausedProducers: stomp.registry.pausedProducers,
    ...(Object.fromEntries(lists) as Pick<StatusReport, StatusPart>),
    truncated: cap.cut
  }
}

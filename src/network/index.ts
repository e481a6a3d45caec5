// The room's door. network/ joins brokers: bridges, the map, demand and the way of messages.

export {
  type Bridge,
  type BridgesLimits,
  bridgesLimitsDefault,
  type NetworkConnectorConfig
} from './bridge/index.ts'
export {
  isTransferLog,
  parkedQueueName,
  readTransfer,
  storableTransfer
} from './custody/index.ts'
export type { DemandEntry } from './demand/index.ts'
export {
  defaultParkingLimits,
  type ParkedEntry,
  type ParkedFor,
  type ParkedReason,
  type ParkingLimits
} from './forwarding/index.ts'
export {
  type Forgotten,
  Network,
  type NetworkDependencies,
  type NetworkIdentity,
  type NetworkOptions
} from './network.ts'

// The room's door. network/ joins brokers: bridges, the map, demand and the way of messages.

export type { NetworkConnectorConfig } from './bridge/index.ts'
export {
  Network,
  type NetworkDependencies,
  type NetworkIdentity,
  type NetworkOptions
} from './network.ts'

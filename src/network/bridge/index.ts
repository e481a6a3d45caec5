// The door of the bridges: everything the network's facade needs to run them.

export { Bridge, type BridgeCounters } from './bridge.ts'
export { Bridges, type BridgesDeps } from './bridges.ts'
export { type BridgesLimits, type BridgesOptions, bridgesLimitsDefault } from './bridges-options.ts'
export type { BridgesOwner, MessageRefusal } from './bridges-owner.ts'
export { type DialState, dialTransitions } from './dial-state.ts'
export type { BridgesIdentity } from './introduction.ts'
export type {
  ConnectorState,
  NetworkConnector,
  NetworkConnectorConfig
} from './network-connector.ts'
export type { Returned, ReturnedState } from './outgoing-channel.ts'

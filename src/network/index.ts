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
  type BrokerRoute,
  defaultParkingLimits,
  type ParkedEntry,
  type ParkedFor,
  type ParkedReason,
  type ParkingLimits,
  type RouteExplanation,
  type RouteReason,
  routeReasons
} from './forwarding/index.ts'
export {
  type BridgeRecord,
  type BrokerRecord,
  type ClassLoss,
  type ClassSurvey,
  type CutPair,
  type Obstacle,
  type PlannedLoss,
  type PlannedNetwork,
  recordsWithout,
  type SinglePoint,
  type SurveyedWay,
  surveyLoss,
  surveyNetwork
} from './map/index.ts'
export {
  type Forgotten,
  Network,
  type NetworkDependencies,
  type NetworkIdentity,
  type NetworkOptions
} from './network.ts'
export { explainMessage, type RouteQuestion } from './route-view.ts'

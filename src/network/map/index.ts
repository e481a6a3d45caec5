// The map's door: who is in the network, and the way to each of them.

export {
  type BridgeRecord,
  type BrokerRecord,
  bridgeCostMax,
  bridgesPerBrokerMax,
  type ForwardFilterSpec,
  filterPatternsMax,
  isBrokerName,
  validateFilter,
  validateRecord
} from './broker-record.ts'
export { type FilterFault, ForwardFilter, type RoutedDestination } from './forward-filter.ts'
export { admitsAcross, brokersMax, type Link, LinkGraph } from './link-graph.ts'
export { type AcceptOutcome, type MapSelf, NetworkMap, type RecordMark } from './network-map.ts'
export {
  type ClassLoss,
  type ClassSurvey,
  type CutPair,
  type PlannedLoss,
  type PlannedNetwork,
  recordsWithout,
  type SurveyedWay,
  surveyLoss,
  surveyNetwork
} from './network-survey.ts'
export { RouteTable } from './route-table.ts'
export { Routes } from './routes.ts'
export type { SinglePoint } from './single-points.ts'
export { type Obstacle, type Way, WayFinder, type WayStep } from './way-finder.ts'

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
export { ForwardFilter, type RoutedDestination } from './forward-filter.ts'
export { brokersMax } from './link-graph.ts'
export { type AcceptOutcome, type MapSelf, NetworkMap, type RecordMark } from './network-map.ts'
export type { RouteTable } from './route-table.ts'
export { Routes } from './routes.ts'

// The room's door. config/ reads topology files into plain data and says what is wrong with them;
// no other room sees its schemas.

export { formatByteSize, parseByteSize } from './byte-size.ts'
export { addressReaches } from './listener-address.ts'
export { withPortOffset } from './port-offset.ts'
export { readTopology, type TopologyReading } from './read-topology.ts'
export type {
  BrokerConfig,
  BrokerLimitsConfig,
  NetworkConnectorConfig,
  Topology,
  TopologyBridge,
  TransportConnectorConfig
} from './topology.ts'
export { formatProblem, type TopologyProblem } from './topology-problem.ts'
export { topologyJsonSchema } from './topology-schema.ts'

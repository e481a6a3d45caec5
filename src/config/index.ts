// The room's door. config/ reads topology files into plain data and says what is wrong with them.
// The pieces it does that with are for the scenario files of the simulator as well.

export { brokerSchema } from './broker-schema.ts'
export { correctedByteSize, formatByteSize, parseByteSize } from './byte-size.ts'
export { closestName, suggestName } from './closest-name.ts'
export { describeIssue, type FileFormat } from './describe-issue.ts'
export {
  byteSize,
  count,
  duration,
  flag,
  mapOf,
  type NumberBounds,
  name,
  namePattern,
  text
} from './field-schemas.ts'
export { addressReaches } from './listener-address.ts'
export { withPortOffset } from './port-offset.ts'
export { ProblemList, type ProblemText } from './problem-list.ts'
export { readTopology, readTopologySource, type TopologyReading } from './read-topology.ts'
export { roomLimits } from './room-limits.ts'
export type {
  BrokerConfig,
  BrokerLimitsConfig,
  NetworkConnectorConfig,
  StoreConfig,
  Topology,
  TopologyBridge,
  TransportConnectorConfig
} from './topology.ts'
export { formatProblem, type TopologyProblem } from './topology-problem.ts'
export { type JsonSchemaNode, schemaKeysAt, topologyJsonSchema } from './topology-schema.ts'
export { type YamlPath, YamlSource } from './yaml-source.ts'

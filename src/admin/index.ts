// The room's door. admin/ says how a broker and its network are doing: read models as functions,
// and the service that answers requests for them.

export {
  AdminService,
  type AdminServiceDependencies,
  adminQueueName,
  answerBytesMax
} from './admin-service.ts'
export type { BridgeStatus } from './bridge-status.ts'
export type { ConnectionStatus } from './connection-status.ts'
export type { ConnectorStatus } from './connector-status.ts'
export type {
  DeadLetterQueueStatus,
  DeadLetterQueues,
  LetterCount,
  ShownLetter,
  ShownLetters
} from './dead-letter-report.ts'
export type { DeadLetterAction, DeadLetterChoice } from './dead-letter-request.ts'
export type { LettersMoved } from './dead-letter-service.ts'
export type { DemandEntryStatus, DemandStatus } from './demand-status.ts'
export type { ExplainReport } from './explain-report.ts'
export type { BrokerForgotten } from './forget-broker.ts'
export type { BrokerStatus, MapBridgeStatus } from './map-status.ts'
export type { NonDeliveryStatus } from './non-delivery-status.ts'
export type {
  ParkedList,
  ParkedStatus,
  ShownParked,
  ShownParkedMessages,
  StuckQueueStatus,
  StuckReason
} from './parked-report.ts'
export type { QueueStatus } from './queue-status.ts'
export {
  type StatusPart,
  type StatusReport,
  type StatusSources,
  type StatusWish,
  statusParts,
  statusReport
} from './status-report.ts'
export type { TopicSubscriptionStatus } from './topic-status.ts'
export type {
  CountersStatus,
  MemoryStatus,
  ParkingStatus,
  SpoolStatus,
  StoreStatus
} from './usage-status.ts'
export type { DemandVersion, RecordVersion, VersionsReport } from './versions-report.ts'

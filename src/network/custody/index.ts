// The door of custody: what of messages between brokers is kept on disk.

export {
  CustodyStore,
  isTransferLog,
  parkedQueueName,
  parkedTargetOf
} from './custody-store.ts'
export { type LoggedTransfer, TransferLog, type TransferLogDeps } from './transfer-log.ts'
export { readTransfer, storableTransfer, type TransferRecord } from './transfer-record.ts'

// The door of custody: what of messages between brokers is kept on disk.

export { CustodyStore } from './custody-store.ts'
export { type LoggedTransfer, TransferLog, type TransferLogDeps } from './transfer-log.ts'
export type { TransferRecord } from './transfer-record.ts'

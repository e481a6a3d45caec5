// The room's door: message stores on LMDB. Nothing else in the project touches the lmdb library,
// which is loaded when the first such store is opened.

export { releaseDiskReserve } from './disk-reserve.ts'
export type { LmdbStore } from './lmdb-store.ts'
export {
  type OpenStoreOptions,
  openLmdbStore,
  storeBytesMaxLeast,
  storeFormat
} from './open-store.ts'
export { type QueueRecord, StoreReader } from './store-reader.ts'

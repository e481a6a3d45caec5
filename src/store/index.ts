// The room's door. store/ keeps messages behind the store port. The image and the batch are for
// other kinds of store that hold their content in memory, such as the simulator's.

export { createMemoryStore, type MemoryStoreOptions } from './memory-store.ts'
export { type QueueChange, StoreBatch } from './store-batch.ts'
export { StoreImage } from './store-image.ts'

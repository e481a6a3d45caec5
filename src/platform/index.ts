// The room's door. platform/ is the only room that touches the machine: sockets, timers, the clock,
// chance and the log. Everything else meets it through the ports.

export {
  type LmdbStore,
  type OpenStoreOptions,
  openLmdbStore,
  type QueueRecord,
  releaseDiskReserve,
  StoreReader,
  storeBytesMaxLeast,
  storeFormat
} from './lmdb-store/index.ts'
export type { LogLevel } from './log-line.ts'
export { createStreamTransport, type StreamTransportOptions } from './stream-transport.ts'
export { createSystemClock } from './system-clock.ts'
export { createSystemRandom } from './system-random.ts'
export { tuneRuntime } from './tune-runtime.ts'
export { createUdpMulticast, type UdpMulticastOptions } from './udp-multicast.ts'
export { createLogger, type LoggerOptions } from './winston-logger.ts'

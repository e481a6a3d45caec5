// The room's door. ports/ describes the outside world as interfaces: src/platform/ and src/store/
// implement them for real, sim/fakes/ implements them on virtual time.

export type { Cancel, Clock } from './clock.ts'
export { type LogFields, type Logger, silentLogger } from './logger.ts'
export type {
  ChannelMark,
  MessageStore,
  QueueSummary,
  ReadLimits,
  StorableMessage,
  StoredMessage,
  StoreUsage
} from './message-store.ts'
export type {
  Multicast,
  MulticastGroup,
  MulticastHandlers,
  MulticastMember
} from './multicast.ts'
export { jittered, type Random, randomHex } from './random.ts'
export type {
  StreamConnection,
  StreamEndpoint,
  StreamHandlers,
  StreamListener,
  StreamTransport
} from './stream-transport.ts'

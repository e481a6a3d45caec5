// The bounds of STOMP connections, with safe defaults.

/** Bounds of one listener's connections, in bytes, milliseconds and counts. */
export interface StompLimits {
  /** Open client connections of this broker, all STOMP listeners together. */
  readonly connectionsMax: number
  /** Time from the connection's start to a complete CONNECT. */
  readonly connectTimeoutMs: number
  readonly frameBytesMax: number
  readonly headerCountMax: number
  readonly headerBytesMax: number
  readonly subscriptionsPerConnectionMax: number
  readonly transactionBytesMax: number
  /** Unacknowledged deliveries a subscription may hold unless it says otherwise. */
  readonly prefetchDefault: number
  /** Shortest heart-beat interval agreed to. */
  readonly heartBeatMsMin: number
  /** Bytes waiting for a client's socket before its subscriptions get no more. */
  readonly outputQueuedBytesMax: number
}

/** Safe defaults. */
export const defaultStompLimits: StompLimits = {
  connectionsMax: 10_000,
  connectTimeoutMs: 10_000,
  frameBytesMax: 16 * 1024 * 1024,
  headerCountMax: 100,
  headerBytesMax: 64 * 1024,
  subscriptionsPerConnectionMax: 10_000,
  transactionBytesMax: 16 * 1024 * 1024,
  prefetchDefault: 1_000,
  heartBeatMsMin: 100,
  outputQueuedBytesMax: 256 * 1024
}

/** Largest prefetch a client may ask for. */
export const prefetchMax = 1_000_000

/**
 * Longest name a client gives itself, a subscription or a durable subscription, in bytes of UTF-8.
 */
export const clientNameBytesMax = 1024

// Bounds and times of a broker's bridges, with their defaults.

import type { LivenessOptions } from './liveness.ts'
import type { OutgoingOptions } from './outgoing-channel.ts'

/** See each field; all are per bridge unless said otherwise. */
export interface BridgesLimits extends LivenessOptions, OutgoingOptions {
  /** Longest frame taken from a peer, in bytes; at least 65,536. */
  readonly frameBytesMax: number
  /** How long a peer may take for each step of the handshake, in milliseconds. */
  readonly greetingMsMax: number
  /** Accepted connections in the handshake at the same time; more are closed at once. */
  readonly greetingsMax: number
  /** Brokers bridged or remembered; more are refused with 'limit-reached'. */
  readonly pairsMax: number
}

/** What of {@link BridgesLimits} differs from the defaults. */
export type BridgesOptions = Partial<BridgesLimits>

/** What applies unless configured otherwise. */
export const bridgesLimitsDefault: BridgesLimits = {
  pingIntervalMs: 1000,
  pingMisses: 3,
  frameBytesMax: 16 * 1024 * 1024 + 65_536,
  greetingMsMax: 5000,
  greetingsMax: 256,
  pairsMax: 4096,
  window: { messagesMax: 4096, bytesMax: 16 * 1024 * 1024 },
  outbox: { messagesMax: 16_384, bytesMax: 32 * 1024 * 1024 },
  inDoubtHoldMs: 2000
}

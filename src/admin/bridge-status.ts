// Read model of the bridges of the broker that is asked: who is at the other end, and what crossed.

import type { ListCap } from './capped-list.ts'

/** One bridge that stands. Counters are of this bridge, since it came up. */
export interface BridgeStatus {
  readonly peer: string
  readonly peerId: string
  readonly remoteAddress: string
  /** Name of the network connector, of this broker or the peer, that made the bridge. */
  readonly connector: string
  /** True when this broker dialled, false when the peer did. */
  readonly isDialler: boolean
  readonly cost: number
  /** Smoothed round trip; null before the first measurement. */
  readonly rttMs: number | null
  /** How long it has stood. */
  readonly upMs: number
  /** False when the bridge is one-way and this is the wrong end. */
  readonly maySend: boolean
  readonly mayReceive: boolean
  /** Messages given to the bridge that the peer has not acknowledged. */
  readonly messagesPending: number
  readonly messagesSent: number
  readonly messagesReceived: number
  /** Received again after a reconnect, and dropped. */
  readonly duplicatesDropped: number
  readonly bytesSent: number
  readonly bytesReceived: number
  /** Part of `bytesSent` that was not messages. */
  readonly controlBytesSent: number
}

/** The part of a bridge that is read here. */
export interface BridgeSource {
  readonly peer: string
  readonly peerId: string
  readonly remoteAddress: string
  readonly connectorName: string
  readonly isDialler: boolean
  readonly cost: number
  readonly rttMs: number | undefined
  /** Monotonic time. */
  readonly sinceMs: number
  readonly maySend: boolean
  readonly mayReceive: boolean
  readonly messagesPending: number
  readonly counters: Pick<
    BridgeStatus,
    | 'messagesSent'
    | 'messagesReceived'
    | 'duplicatesDropped'
    | 'bytesSent'
    | 'bytesReceived'
    | 'controlBytesSent'
  >
}

/** The bridges by peer. `nowMs` is monotonic. */
export function bridgeStatus(
  bridges: readonly BridgeSource[],
  nowMs: number,
  cap: ListCap
): BridgeStatus[] {
  const sorted = [...bridges].sort((a, b) => (a.peer < b.peer ? -1 : 1))
  return cap.take('bridges', sorted, (bridge) => ({
    peer: bridge.peer,
    peerId: bridge.peerId,
    remoteAddress: bridge.remoteAddress,
    connector: bridge.connectorName,
    isDialler: bridge.isDialler,
    cost: bridge.cost,
    rttMs: bridge.rttMs ?? null,
    upMs: Math.round(nowMs - bridge.sinceMs),
    maySend: bridge.maySend,
    mayReceive: bridge.mayReceive,
    messagesPending: bridge.messagesPending,
    ...bridge.counters
  }))
}

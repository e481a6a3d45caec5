// Read model of the network connectors: whether each URI is bridged, and if not, what happens next.

import type { ListCap } from './capped-list.ts'

/** One URI of a network connector. */
export interface ConnectorStatus {
  readonly connector: string
  readonly uri: string
  /**
   * 'waiting' for its next try, 'dialling', 'greeting', 'bridged', 'standby' (another connection is
   * the bridge), 'idle' or 'stopped'.
   */
  readonly state: string
  /** The broker there, once it is known. */
  readonly peer: string | null
  /** Tries in a row that failed. */
  readonly failures: number
  /** Time to the next try; null if none is scheduled. */
  readonly retryInMs: number | null
  /** What went wrong last; '' if nothing did. */
  readonly failure: string
}

/** One dialler as the network tells of it. */
export interface ConnectorSource {
  readonly connector: string
  readonly uri: string
  readonly state: {
    readonly name: string
    readonly attempt?: number
    readonly untilMs?: number
    readonly peer?: string
  }
  readonly failure: string
}

/** The connectors in the order of the configuration. `nowMs` is monotonic. */
export function connectorStatus(
  connectors: readonly ConnectorSource[],
  nowMs: number,
  cap: ListCap
): ConnectorStatus[] {
  return cap.take('connectors', connectors, ({ connector, uri, state, failure }) => ({
    connector,
    uri,
    state: state.name,
    peer: state.peer ?? null,
    failures: state.attempt ?? 0,
    retryInMs: state.untilMs === undefined ? null : Math.max(0, Math.round(state.untilMs - nowMs)),
    failure
  }))
}

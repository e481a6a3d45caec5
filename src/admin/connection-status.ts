// Read model of the client connections of the broker that is asked.

import type { ListCap } from './capped-list.ts'

/** One client's connection. */
export interface ConnectionStatus {
  /** Counts the connections of the broker's life. */
  readonly number: number
  readonly protocol: 'stomp'
  readonly remoteAddress: string
  /** 'connecting', 'authenticating', 'connected', 'closing' or 'closed'. */
  readonly state: string
  readonly login: string | null
  readonly clientId: string | null
  readonly subscriptions: number
  /** True while the client does not read what it is sent. */
  readonly isCongested: boolean
}

/** The part of a STOMP session that is read here. */
export interface ConnectionSource {
  readonly number: number
  readonly connection: { readonly remoteAddress: string }
  readonly stateName: string
  readonly login: string | undefined
  readonly clientId: string | undefined
  readonly frames: { readonly subscriptionCount: number } | undefined
  readonly isCongested: boolean
}

/** The connections, oldest first. */
export function connectionStatus(
  sessions: Iterable<ConnectionSource>,
  cap: ListCap
): ConnectionStatus[] {
  return cap.take('connections', [...sessions], (session) => ({
    number: session.number,
    protocol: 'stomp',
    remoteAddress: session.connection.remoteAddress,
    state: session.stateName,
    login: session.login ?? null,
    clientId: session.clientId ?? null,
    subscriptions: session.frames?.subscriptionCount ?? 0,
    isCongested: session.isCongested
  }))
}

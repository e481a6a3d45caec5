// A connected STOMP client for one command, on the real network.

import type { PostroadError, TransportUri } from '../base/index.ts'
import { StompClient, type StompClientPorts } from '../client/index.ts'
import { createStreamTransport, createSystemClock } from '../platform/index.ts'

/** How commands say where to connect. */
export interface ConnectionOptions {
  readonly url: TransportUri
  readonly login?: string
  readonly passcode?: string
  readonly clientId?: string
}

/** A client and its end. */
export interface ConnectedClient {
  readonly client: StompClient
  readonly ports: StompClientPorts
  /** Kept when the client is closed: with what ended it, or undefined after `disconnect`. */
  readonly closed: Promise<PostroadError | undefined>
  /** Kept when the client can take more, or is closed. */
  drained(): Promise<void>
}

/**
 * Connects.
 * @throws PostroadError saying why it could not
 */
export async function connectClient(options: ConnectionOptions): Promise<ConnectedClient> {
  const ports = { clock: createSystemClock(), transport: createStreamTransport() }
  const passcode = options.passcode ?? process.env.POSTROAD_PASSCODE
  let onDrained = (): void => {}
  let onClosed = (_error: PostroadError | undefined): void => {}
  const closed = new Promise<PostroadError | undefined>((resolve) => {
    onClosed = resolve
  })
  const client = await new Promise<StompClient>((resolve, reject) => {
    const connecting = new StompClient(
      ports,
      { uri: options.url, login: options.login, passcode, clientId: options.clientId },
      {
        onConnected: () => resolve(connecting),
        onDrain: () => onDrained(),
        onClosed: (error) => {
          onDrained()
          onClosed(error)
          // Ignored once the client is connected.
          reject(error)
        }
      }
    )
    connecting.connect()
  })
  const drained = (): Promise<void> => {
    if (!client.isCongested) return Promise.resolve()
    return new Promise((resolve) => {
      onDrained = resolve
    })
  }
  return { client, ports, closed, drained }
}

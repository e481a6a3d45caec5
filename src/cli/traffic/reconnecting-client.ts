// A STOMP client that comes back: whenever its broker is gone it tries again until it is stopped.

import { PostroadError, parseTransportUri, type TransportUri } from '../../base/index.ts'
import { StompClient, type StompClientPorts } from '../../client/index.ts'

/** Where a client finds its broker. */
export interface ClientPlace {
  /** The broker's STOMP listener; undefined while the broker is not ready. */
  uri(): string | undefined
  readonly login: string | undefined
  readonly passcode: string | undefined
}

/** What is told of the connection. */
export interface ReconnectingClientListener {
  onConnected(client: StompClient): void
  /** Follows `onConnected`, when the connection is over. */
  onLost(error: PostroadError): void
}

const retryMs = 250

/** See the top of this file. */
export class ReconnectingClient {
  private readonly ports: StompClientPorts
  private readonly place: ClientPlace
  private readonly listener: ReconnectingClientListener
  private current: StompClient | undefined = undefined
  private isStopped = false
  private cancelRetry = (): void => {}

  constructor(ports: StompClientPorts, place: ClientPlace, listener: ReconnectingClientListener) {
    this.ports = ports
    this.place = place
    this.listener = listener
  }

  /** The connected client, if there is one. */
  get client(): StompClient | undefined {
    return this.current?.isConnected ? this.current : undefined
  }

  start(): void {
    const text = this.place.uri()
    if (text === undefined) {
      this.retry()
      return
    }
    const { login, passcode } = this.place
    const options = { uri: reachable(parseTransportUri(text)), login, passcode }
    let wasConnected = false
    const client = new StompClient(this.ports, options, {
      onConnected: () => {
        wasConnected = true
        this.listener.onConnected(client)
      },
      onDrain: () => {},
      onClosed: (error) => {
        if (this.isStopped) return
        const cause = error ?? new PostroadError('REMOTE_CLOSED', 'the connection ended')
        if (wasConnected) this.listener.onLost(cause)
        this.retry()
      }
    })
    this.current = client
    client.connect()
  }

  stop(): void {
    this.isStopped = true
    this.cancelRetry()
    this.current?.disconnect()
  }

  private retry(): void {
    this.cancelRetry = this.ports.clock.schedule(retryMs, () => this.start())
  }
}

/** A listener on every address is reached on this machine's own. */
function reachable(uri: TransportUri): TransportUri {
  if (uri.host === '0.0.0.0') return { ...uri, host: '127.0.0.1' }
  return uri.host === '::' ? { ...uri, host: '::1' } : uri
}

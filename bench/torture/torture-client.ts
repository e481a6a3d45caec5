// A client connection that is made again whenever it is gone, after a short while.

import { type PostroadError, parseTransportUri } from '../../src/base/index.ts'
import { StompClient, type StompClientPorts } from '../../src/client/index.ts'

/** What a client is made of. */
export interface TortureClientOptions {
  readonly name: string
  readonly ports: StompClientPorts
  /** STOMP port of its broker on 127.0.0.1. */
  readonly port: number
  readonly clientId?: string
  /** How long until it connects again. */
  delayMs(): number
  onConnected(client: StompClient): void
  onDrain?(): void
  /** The connection has ended; `error` says how if it was not asked for. */
  onClosed(error: PostroadError | undefined): void
}

const connectTimeoutMs = 5_000

/** See the top of this file. */
export class TortureClient {
  /** Connections made so far. */
  sessions = 0
  private readonly options: TortureClientOptions
  private client: StompClient | undefined = undefined
  private timer: NodeJS.Timeout | undefined = undefined
  private isStopped = false

  constructor(options: TortureClientOptions) {
    this.options = options
  }

  /** The connection, if one stands. */
  get connected(): StompClient | undefined {
    return this.client?.isConnected === true ? this.client : undefined
  }

  start(): void {
    const { ports, port, clientId } = this.options
    const uri = parseTransportUri(`stomp://127.0.0.1:${port}`)
    const options = { uri, clientId, connectTimeoutMs, heartBeatMs: 0 }
    const client: StompClient = new StompClient(ports, options, {
      onConnected: () => {
        this.sessions += 1
        this.options.onConnected(client)
      },
      onDrain: () => this.options.onDrain?.(),
      onClosed: (error) => {
        this.client = undefined
        this.options.onClosed(error)
        if (!this.isStopped) this.timer = setTimeout(() => this.start(), this.options.delayMs())
      }
    })
    this.client = client
    client.connect()
  }

  /** Ends the connection without a word, as a client that dies. */
  drop(): void {
    this.client?.destroy()
  }

  stop(): void {
    this.isStopped = true
    clearTimeout(this.timer)
    this.client?.destroy()
  }
}

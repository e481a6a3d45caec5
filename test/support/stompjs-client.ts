// A client nobody here wrote: @stomp/stompjs over WebSocket, as a web page would use it.

import { Client, type IMessage, type StompHeaders } from '@stomp/stompjs'
import { WebSocket } from 'ws'
import { withinTime } from './wait-until.ts'

/** A message and when it came, in milliseconds of `performance.now()`. */
export interface Arrival {
  readonly body: string
  readonly atMs: number
  readonly isRedelivered: boolean
}

/** One stompjs connection with what it received. */
export class StompJsClient {
  /** The client itself, for what is not offered here. */
  readonly client: Client
  readonly received: IMessage[] = []
  readonly arrivals: Arrival[] = []
  isClosed = false
  private receipts = 0
  private closedBy: ((error: Error) => void) | undefined = undefined
  private readonly closed: Promise<never>

  private constructor(client: Client) {
    this.client = client
    this.closed = new Promise((_resolve, reject) => {
      this.closedBy = reject
    })
    // Whoever waits for a receipt is told; nobody need wait.
    this.closed.catch(() => {})
  }

  /** Connects to a WebSocket listener on 127.0.0.1; `connectHeaders` such as client-id. */
  static async connect(port: number, connectHeaders: StompHeaders = {}): Promise<StompJsClient> {
    const client = new Client({
      webSocketFactory: () =>
        new WebSocket(`ws://127.0.0.1:${port}/`, ['v12.stomp', 'v11.stomp', 'v10.stomp']),
      connectHeaders,
      reconnectDelay: 0,
      heartbeatIncoming: 10_000,
      heartbeatOutgoing: 10_000
    })
    const self = new StompJsClient(client)
    const connected = new Promise<void>((resolve, reject) => {
      client.onConnect = () => resolve()
      client.onStompError = (frame) => {
        const error = new Error(`ERROR: ${frame.headers.message} ${frame.body}`)
        reject(error)
        self.closedBy?.(error)
      }
      client.onWebSocketError = (event: unknown) => reject(event)
      client.onWebSocketClose = () => {
        self.isClosed = true
        const error = new Error('the broker closed the connection')
        reject(error)
        self.closedBy?.(error)
      }
      client.activate()
    })
    await withinTime(`stompjs connects to port ${port}`, connected)
    return self
  }

  get connectedVersion(): string {
    return this.client.connectedVersion ?? ''
  }

  get bodies(): string[] {
    return this.received.map((message) => message.body)
  }

  /** How many bodies begin with `prefix`. */
  count(prefix: string): number {
    let count = 0
    for (const { body } of this.received) if (body.startsWith(prefix)) count += 1
    return count
  }

  /** Subscribes and waits for the receipt. With an ack mode, it acknowledges each message. */
  async subscribe(destination: string, headers: StompHeaders = {}): Promise<void> {
    const onMessage = (message: IMessage): void => {
      this.received.push(message)
      this.arrivals.push({
        body: message.body,
        atMs: performance.now(),
        isRedelivered: message.headers.redelivered === 'true'
      })
      if (headers.ack !== undefined) message.ack()
    }
    const receipt = this.nextReceipt()
    const done = this.receiptOf(receipt, `subscribed to ${destination}`)
    this.client.subscribe(destination, onMessage, { ...headers, receipt })
    await done
  }

  /** Sends and waits for the receipt. */
  async send(destination: string, body: string, headers: StompHeaders = {}): Promise<void> {
    const receipt = this.nextReceipt()
    const done = this.receiptOf(receipt, `sent to ${destination}`)
    this.client.publish({ destination, body, headers: { ...headers, receipt } })
    await done
  }

  /** Sends many at once and waits for the receipt of the last. */
  async sendMany(destination: string, bodies: readonly string[]): Promise<void> {
    for (const body of bodies.slice(0, -1)) this.client.publish({ destination, body })
    const last = bodies.at(-1)
    if (last !== undefined) await this.send(destination, last)
  }

  /** Sends DISCONNECT and waits for the end. */
  async close(): Promise<void> {
    await this.client.deactivate()
  }

  private nextReceipt(): string {
    this.receipts += 1
    return `receipt-${this.receipts}`
  }

  private receiptOf(receipt: string, what: string): Promise<void> {
    const done = new Promise<void>((resolve) => {
      this.client.watchForReceipt(receipt, () => resolve())
    })
    return withinTime(what, Promise.race([done, this.closed]), 30_000)
  }
}

/** `count` bodies: 'prefix 0', 'prefix 1', … */
export function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix} ${i}`)
}

// A client nobody here wrote: @stomp/stompjs over WebSocket, as a web page would use it.

import { Client, type IMessage, type StompHeaders } from '@stomp/stompjs'
import { WebSocket } from 'ws'

/** One stompjs connection with what it received. */
export class StompJsClient {
  readonly received: IMessage[] = []
  private readonly client: Client

  private constructor(client: Client) {
    this.client = client
  }

  static async connect(port: number): Promise<StompJsClient> {
    const client = new Client({
      webSocketFactory: () =>
        new WebSocket(`ws://127.0.0.1:${port}/`, ['v12.stomp', 'v11.stomp', 'v10.stomp']),
      reconnectDelay: 0,
      heartbeatIncoming: 10_000,
      heartbeatOutgoing: 10_000
    })
    await new Promise<void>((resolve, reject) => {
      client.onConnect = () => resolve()
      client.onStompError = (frame) => reject(new Error(frame.headers.message))
      client.onWebSocketError = (event: unknown) => reject(event)
      client.activate()
    })
    return new StompJsClient(client)
  }

  get connectedVersion(): string {
    return this.client.connectedVersion ?? ''
  }

  get bodies(): string[] {
    return this.received.map((message) => message.body)
  }

  /** Subscribes and waits for the receipt. */
  async subscribe(destination: string, headers: StompHeaders = {}): Promise<void> {
    const receipt = `subscribed-${destination}`
    const done = new Promise<void>((resolve) => {
      this.client.watchForReceipt(receipt, () => resolve())
    })
    const onMessage = (message: IMessage): void => {
      this.received.push(message)
      if (headers.ack !== undefined) message.ack()
    }
    this.client.subscribe(destination, onMessage, { ...headers, receipt })
    await done
  }

  /** Sends and waits for the receipt. */
  async send(destination: string, body: string, headers: StompHeaders = {}): Promise<void> {
    const receipt = `sent-${Math.random()}`
    const done = new Promise<void>((resolve) => {
      this.client.watchForReceipt(receipt, () => resolve())
    })
    this.client.publish({ destination, body, headers: { ...headers, receipt } })
    await done
  }

  async close(): Promise<void> {
    await this.client.deactivate()
  }
}

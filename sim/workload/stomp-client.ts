// One STOMP client connection in the simulation, spoken with the product's own codec: dials,
// greets, sends frames, hands received ones on. It never reconnects by itself.

import type { Cancel, StreamConnection } from '../../src/ports/index.ts'
import {
  defaultStompCodecLimits,
  encodeFrame,
  type StompCommand,
  type StompFrameView,
  StompParser,
  type StompVersion
} from '../../src/protocols/stomp/codec/index.ts'
import type { WorkloadPort } from './workload-port.ts'

/** Who connects to which broker, and how it speaks. */
export interface StompClientTarget {
  readonly client: string
  readonly broker: string
  readonly version: StompVersion
  /** For durable subscriptions. */
  readonly clientId?: string
}

/** What the owner of a client is told. After `onLost` nothing more is told. */
export interface StompClientHandlers {
  onConnected(): void
  onMessage(frame: StompFrameView): void
  onReceipt(id: string): void
  /** The connection could not be made, or is gone; once. */
  onLost(reason: string): void
}

/** What a client does not read for now is at most this much. */
const backedUpBytes = 64 * 1024
const dialTimeoutMs = 3_000

/** One connection's worth of client. */
export class StompClient {
  readonly version: StompVersion
  readonly broker: string
  private readonly handlers: StompClientHandlers
  private readonly parser = new StompParser(defaultStompCodecLimits, '1.0')
  private connection: StreamConnection | undefined = undefined
  private state: 'dialling' | 'greeting' | 'connected' | 'closed' = 'dialling'
  private cancelDial: Cancel

  constructor(
    world: Pick<WorkloadPort, 'dial'>,
    target: StompClientTarget,
    handlers: StompClientHandlers
  ) {
    this.broker = target.broker
    this.version = target.version
    this.handlers = handlers
    this.cancelDial = world.dial(target, dialTimeoutMs, (result) => {
      if (result instanceof Error) {
        this.lose(result.message)
        return undefined
      }
      this.greet(result, target.clientId)
      return {
        onData: (bytes) => this.onData(bytes),
        onDrain: () => {},
        onClose: (cause) => this.lose(cause?.message ?? 'closed by the broker')
      }
    })
  }

  get isConnected(): boolean {
    return this.state === 'connected'
  }

  /** True while the broker does not take what was sent. */
  get isBackedUp(): boolean {
    return (this.connection?.bytesQueued ?? 0) > backedUpBytes
  }

  send(command: StompCommand, headers: Iterable<readonly [string, string]>, body?: Buffer): void {
    if (this.state !== 'connected') return
    const { version } = this
    const options = body === undefined ? { version } : { version, body }
    this.connection!.write(encodeFrame(command, headers, options))
  }

  /** Leaves orderly; `onLost` does not follow. */
  disconnect(): void {
    this.send('DISCONNECT', [])
    this.state = 'closed'
    this.cancelDial()
    this.connection?.end()
  }

  /** Leaves as a crashed client does; `onLost` does not follow. */
  drop(): void {
    this.state = 'closed'
    this.cancelDial()
    this.connection?.destroy()
  }

  private greet(connection: StreamConnection, clientId: string | undefined): void {
    this.connection = connection
    this.state = 'greeting'
    const headers: [string, string][] = [
      ['accept-version', this.version],
      ['host', this.broker]
    ]
    if (clientId !== undefined) headers.push(['client-id', clientId])
    connection.write(encodeFrame('CONNECT', headers))
  }

  private onData(bytes: Buffer): void {
    const { parser } = this
    parser.push(bytes)
    while (this.state !== 'closed') {
      const found = parser.next()
      if (found === 'need-more') return
      if (found === 'malformed') {
        this.connection?.destroy()
        this.lose(`the broker sent a malformed frame: ${parser.fault?.detail}`)
        return
      }
      this.onFrame(parser.frame)
    }
  }

  private onFrame(frame: StompFrameView): void {
    switch (frame.command) {
      case 'CONNECTED':
        this.parser.version = this.version
        this.state = 'connected'
        this.handlers.onConnected()
        return
      case 'MESSAGE':
        this.handlers.onMessage(frame)
        return
      case 'RECEIPT':
        this.handlers.onReceipt(frame.get('receipt-id') ?? '')
        return
      default:
        this.connection?.destroy()
        this.lose(`${frame.command}: ${frame.get('message') ?? ''}`)
    }
  }

  private lose(reason: string): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.handlers.onLost(reason)
  }
}

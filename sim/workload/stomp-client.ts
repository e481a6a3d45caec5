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
  /** Most time between two signs of life of the client; it promises none if left out. */
  readonly heartBeatMs?: number
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
const heartBeat = Buffer.from('\n')
/** No command of any version. */
const nonsense = Buffer.from('HOW ARE YOU\n\n\0')

/** One connection's worth of client. */
export class StompClient {
  readonly version: StompVersion
  readonly broker: string
  private readonly handlers: StompClientHandlers
  private readonly parser = new StompParser(defaultStompCodecLimits, '1.0')
  private connection: StreamConnection | undefined = undefined
  private state: 'dialling' | 'greeting' | 'connected' | 'closed' = 'dialling'
  private cancelDial: Cancel
  private readonly world: Pick<WorkloadPort, 'dial' | 'after'>
  private isStalled = false

  constructor(
    world: Pick<WorkloadPort, 'dial' | 'after'>,
    target: StompClientTarget,
    handlers: StompClientHandlers
  ) {
    this.world = world
    this.broker = target.broker
    this.version = target.version
    this.handlers = handlers
    this.cancelDial = world.dial(target, dialTimeoutMs, (result) => {
      if (result instanceof Error) {
        this.lose(result.message)
        return undefined
      }
      this.greet(result, target)
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

  /** Reads nothing more, and gives no sign of life. */
  stall(): void {
    this.isStalled = true
    this.connection?.pauseReading()
  }

  /** Goes on reading. */
  wake(): void {
    this.isStalled = false
    this.connection?.resumeReading()
  }

  /** Sends bytes that are no frame, or a frame that lacks what it needs. */
  misspeak(what: 'bytes' | 'frame'): void {
    if (what === 'frame') this.send('SEND', [])
    else if (this.state === 'connected') this.connection!.write(nonsense)
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

  private greet(connection: StreamConnection, { clientId, heartBeatMs }: StompClientTarget): void {
    this.connection = connection
    this.state = 'greeting'
    const headers: [string, string][] = [
      ['accept-version', this.version],
      ['host', this.broker]
    ]
    if (clientId !== undefined) headers.push(['client-id', clientId])
    if (heartBeatMs !== undefined) {
      headers.push(['heart-beat', `${heartBeatMs},0`])
      this.beatLater(heartBeatMs / 2)
    }
    connection.write(encodeFrame('CONNECT', headers))
  }

  private beatLater(everyMs: number): void {
    this.world.after(everyMs, () => {
      if (this.state === 'closed') return
      if (this.state === 'connected' && !this.isStalled) this.connection!.write(heartBeat)
      this.beatLater(everyMs)
    })
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

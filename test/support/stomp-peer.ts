// A STOMP client for tests: it speaks through the codec, records every frame it gets, and can say
// anything at all, wrong bytes too.

import { PostroadError } from '../../src/base/index.ts'
import type { StreamConnection, StreamHandlers } from '../../src/ports/index.ts'
import {
  encodeFrame,
  type StompCommand,
  type StompFrameView,
  StompParser,
  type StompVersion
} from '../../src/protocols/stomp/codec/index.ts'

/** Headers in order; as pairs where one is repeated. */
export type PeerHeaders = Readonly<Record<string, string>> | readonly (readonly [string, string])[]

/** A frame as it was received. */
export class ReceivedFrame {
  readonly command: StompCommand
  readonly headers: readonly (readonly [string, string])[]
  /** The header lines as they came over the wire. */
  readonly headerLines: string
  readonly body: Buffer

  constructor(view: StompFrameView) {
    this.command = view.command
    this.headers = view.entries()
    this.headerLines = view.bytes.toString('utf8', view.headersStart, view.headersEnd)
    this.body = Buffer.from(view.bytes.subarray(view.bodyStart, view.bodyEnd))
  }

  get text(): string {
    return this.body.toString('utf8')
  }

  /** The value of the first header of that name. */
  get(name: string): string | undefined {
    return this.headers.find(([key]) => key === name)?.[1]
  }

  /** All values of a repeated header. */
  all(name: string): string[] {
    return this.headers.filter(([key]) => key === name).map(([, value]) => value)
  }

  /** For messages of failed tests. */
  get summary(): string {
    return `${this.command} ${JSON.stringify(this.headers)} ${this.text.slice(0, 200)}`
  }
}

/** One client. */
export class StompPeer implements StreamHandlers {
  readonly name: string
  /** Every frame received and not taken. */
  frames: ReceivedFrame[] = []
  /** Bytes received so far, heart-beats included. */
  bytesReceived = 0
  /** Line feeds received between frames. */
  heartBeats = 0
  isClosed = false
  /** The version frames are written and read in; that of CONNECTED once there was one. */
  version: StompVersion = '1.0'
  private connection: StreamConnection | undefined = undefined
  private gathered: Buffer[] | undefined = undefined
  private readonly parser = new StompParser(
    {
      frameBytesMax: 2 ** 26,
      headerCountMax: 10_000,
      headerBytesMax: 2 ** 20
    },
    '1.0'
  )

  constructor(name: string) {
    this.name = name
  }

  /** Only for the world: the dial succeeded or not. */
  adopt(result: StreamConnection | PostroadError): StreamHandlers | undefined {
    if (result instanceof PostroadError) throw result
    this.connection = result
    return this
  }

  get isConnected(): boolean {
    return this.connection !== undefined && !this.isClosed
  }

  /** The WebSocket subprotocol agreed on. */
  get subprotocol(): string {
    return this.connection!.subprotocol
  }

  send(command: StompCommand, headers: PeerHeaders = {}, body?: string | Buffer): void {
    const pairs: Iterable<readonly [string, string]> = isPairs(headers)
      ? headers
      : Object.entries(headers)
    const options = { version: this.version, ...(body === undefined ? {} : { body }) }
    this.write(encodeFrame(command, pairs, options))
  }

  /** Sends bytes as they are. */
  write(bytes: string | Buffer): void {
    const written = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    if (this.gathered !== undefined) this.gathered.push(written)
    else this.connection!.write(written)
  }

  /** Sends all that `task` sends in one write. */
  together(task: () => void): void {
    this.gathered = []
    task()
    const bytes = Buffer.concat(this.gathered)
    this.gathered = undefined
    this.write(bytes)
  }

  /** Stops reading, as a client that hangs or is slow does. */
  stopReading(): void {
    this.connection!.pauseReading()
  }

  startReading(): void {
    this.connection!.resumeReading()
  }

  /** Ends the connection in good order, without a DISCONNECT. */
  end(): void {
    this.connection!.end()
  }

  /** Breaks the connection off. */
  destroy(): void {
    this.connection!.destroy()
  }

  /** All frames received since the last call. */
  take(): ReceivedFrame[] {
    const taken = this.frames
    this.frames = []
    return taken
  }

  /** Frames of a kind, left where they are. */
  of(command: StompCommand): ReceivedFrame[] {
    return this.frames.filter((frame) => frame.command === command)
  }

  get messages(): ReceivedFrame[] {
    return this.of('MESSAGE')
  }

  /** Bodies of the messages received. */
  get bodies(): string[] {
    return this.messages.map((frame) => frame.text)
  }

  /** Ids of the receipts received. */
  get receipts(): (string | undefined)[] {
    return this.of('RECEIPT').map((frame) => frame.get('receipt-id'))
  }

  /** The ERROR received, if any. */
  get error(): ReceivedFrame | undefined {
    return this.of('ERROR')[0]
  }

  onData(bytes: Buffer): void {
    this.bytesReceived += bytes.length
    if (this.parser.bytesHeld === 0 && bytes.length === 1 && bytes[0] === 10) this.heartBeats += 1
    this.parser.push(bytes)
    for (;;) {
      const outcome = this.parser.next()
      if (outcome === 'need-more') return
      if (outcome === 'malformed') {
        throw new Error(`the broker sent a malformed frame: ${this.parser.fault?.detail}`)
      }
      const frame = new ReceivedFrame(this.parser.frame)
      const version = frame.command === 'CONNECTED' ? frame.get('version') : undefined
      if (version !== undefined) {
        this.version = version as StompVersion
        this.parser.version = this.version
      }
      this.frames.push(frame)
    }
  }

  onDrain(): void {}

  onClose(): void {
    this.isClosed = true
  }
}

function isPairs(headers: PeerHeaders): headers is readonly (readonly [string, string])[] {
  return Array.isArray(headers)
}

// A bare socket that speaks just enough STOMP for what no decent client does: sending garbage, not
// reading, being one of a thousand that do nothing.

import { connect, type Socket } from 'node:net'
import { waitUntil } from './wait-until.ts'

/** A frame as it came; header names and values are not unescaped. */
export interface RawFrame {
  readonly command: string
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** One TCP connection to a STOMP listener. */
export class RawStompClient {
  /** Frames received and not taken by `take`. */
  readonly frames: RawFrame[] = []
  isClosed = false
  private readonly socket: Socket
  private rest: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => this.onData(chunk))
    // A reset is one way for a broker to end a connection; 'close' follows.
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isClosed = true
    })
  }

  /** Opens a connection without a word. */
  static async open(port: number): Promise<RawStompClient> {
    const socket = connect({ port, host: '127.0.0.1' })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new RawStompClient(socket)
  }

  /** Opens a connection and logs in. */
  static async connect(port: number): Promise<RawStompClient> {
    const client = await RawStompClient.open(port)
    client.write('CONNECT\naccept-version:1.2\nhost:localhost\n\n\0')
    const { command } = await client.take('CONNECTED')
    if (command !== 'CONNECTED') throw new Error(`${command} instead of CONNECTED`)
    return client
  }

  /** Sends as it is; nothing is escaped, counted or ended. */
  write(text: string | Buffer): void {
    if (!this.socket.destroyed) this.socket.write(text)
  }

  /** Stops or starts reading from the socket. */
  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  /** Ends the connection without a word. */
  close(): void {
    this.socket.destroy()
  }

  /** The next frame; `what` says what it should be if it does not come. */
  async take(what: string): Promise<RawFrame> {
    await waitUntil(what, () => this.frames.length > 0 || this.isClosed)
    const frame = this.frames.shift()
    if (frame === undefined) throw new Error(`the broker closed the connection before ${what}`)
    return frame
  }

  private onData(chunk: Buffer): void {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    let start = 0
    for (;;) {
      while (start < this.rest.length && this.rest[start] === 10) start += 1
      const end = this.readFrame(start)
      if (end === undefined) break
      start = end
    }
    this.rest = this.rest.subarray(start)
  }

  /** Reads the frame that begins at `start`; answers where it ends, undefined for not yet. */
  private readFrame(start: number): number | undefined {
    const { rest } = this
    const headEnd = rest.indexOf('\n\n', start)
    if (headEnd < 0) return undefined
    const [command, ...lines] = rest.toString('utf8', start, headEnd).split('\n')
    const headers = new Map<string, string>()
    for (const line of lines) {
      const colon = line.indexOf(':')
      headers.set(line.slice(0, colon), line.slice(colon + 1))
    }
    const length = headers.get('content-length')
    const bodyStart = headEnd + 2
    const bodyEnd = length === undefined ? rest.indexOf(0, bodyStart) : bodyStart + Number(length)
    if (bodyEnd < 0 || bodyEnd >= rest.length) return undefined
    const body = Buffer.from(rest.subarray(bodyStart, bodyEnd))
    this.frames.push({ command: command!, headers, body })
    return bodyEnd + 1
  }
}

// One STOMP 1.2 client connection: dials, connects, hands whole frames to its owner and writes
// bytes. Reads go into one buffer that is reused, so bytes are only good during `onFrame`. It
// never answers heart-beats, because it asks for none. Invariant: after `onClosed` nothing is
// called.

import { connect, type Socket } from 'node:net'

import { command, FrameScanner } from './frame-scanner.ts'
import type { StompEndpoint } from './load-plan.ts'

/** What the owner of a connection is told. */
export interface StompSocketHandlers {
  /** One frame; its facts stand in the scanner until this returns. */
  onFrame(scanner: FrameScanner): void
  /** The frames of one read have been handed over. */
  onReadEnd?(): void
  /** The connection is gone, or the broker sent ERROR or bytes that are not STOMP. At most once. */
  onClosed(reason: Error): void
}

/** What the broker said when it accepted the connection. */
export interface StompWelcome {
  /** The `server` header of CONNECTED, or ''. */
  readonly server: string
}

const connectTimeoutMs = 30_000
const headBytesShown = 400

/** A connected STOMP client. */
export class StompSocket {
  private readonly socket: Socket
  private readonly scanner = new FrameScanner()
  private readonly handlers: StompSocketHandlers
  private welcome: ((result: StompWelcome | Error) => void) | undefined
  private closed = false

  private constructor(
    endpoint: StompEndpoint,
    handlers: StompSocketHandlers,
    options: { readBytes: number; welcome: (result: StompWelcome | Error) => void }
  ) {
    this.handlers = handlers
    this.welcome = options.welcome
    this.socket = connect({
      host: endpoint.host,
      port: endpoint.port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(options.readBytes),
        callback: (length, bytes) => this.read(bytes as Buffer, length)
      }
    })
    this.socket.on('connect', () => this.socket.write(connectFrame(endpoint)))
    this.socket.on('error', (error) => this.fail(error))
    this.socket.on('close', () => this.fail(new Error('the broker closed the connection')))
    this.socket.setTimeout(connectTimeoutMs, () => {
      if (this.welcome !== undefined) this.fail(new Error('no CONNECTED within 30 s'))
    })
  }

  /** Dials and waits for CONNECTED. Rejects with what the broker or the network said. */
  static open(
    endpoint: StompEndpoint,
    handlers: StompSocketHandlers,
    readBytes: number
  ): Promise<{ socket: StompSocket; welcome: StompWelcome }> {
    return new Promise((resolve, reject) => {
      const socket: StompSocket = new StompSocket(endpoint, handlers, {
        readBytes,
        welcome: (result) =>
          result instanceof Error ? reject(result) : resolve({ socket, welcome: result })
      })
    })
  }

  /** Bytes written and not yet taken by the operating system: 0 means `write`'s bytes are free. */
  get bytesQueued(): number {
    return this.socket.writableLength
  }

  /** Sends bytes; `onWritten` is called when the operating system has taken them. */
  write(bytes: Buffer, onWritten?: () => void): void {
    if (!this.closed) this.socket.write(bytes, onWritten)
  }

  pauseReading(): void {
    this.socket.pause()
  }

  resumeReading(): void {
    this.socket.resume()
  }

  /** Ends the connection; the owner is told nothing more. */
  close(): void {
    this.closed = true
    this.socket.destroy()
  }

  private read(bytes: Buffer, length: number): boolean {
    const { scanner } = this
    try {
      scanner.feed(bytes, length)
      while (!this.closed && scanner.next()) this.frame(scanner)
      if (!this.closed) this.handlers.onReadEnd?.()
    } catch (error) {
      this.fail(error as Error)
    }
    return true
  }

  private frame(scanner: FrameScanner): void {
    if (this.welcome !== undefined && scanner.commandByte === command.connect) {
      const welcome = this.welcome
      this.welcome = undefined
      this.socket.setTimeout(0)
      welcome({ server: headerOf(scanner, 'server') })
    } else if (scanner.commandByte === command.error) {
      const head = scanner.bytes.toString('utf8', scanner.start, scanner.bodyEnd)
      this.fail(new Error(`the broker sent ${head.slice(0, headBytesShown).trim()}`))
    } else {
      this.handlers.onFrame(scanner)
    }
  }

  private fail(reason: Error): void {
    if (this.closed) return
    this.closed = true
    this.socket.destroy()
    const { welcome } = this
    this.welcome = undefined
    if (welcome !== undefined) welcome(reason)
    else this.handlers.onClosed(reason)
  }
}

/** The value of the named header of the scanner's frame, or ''. Slow; for the handshake only. */
function headerOf(scanner: FrameScanner, name: string): string {
  const head = scanner.bytes.toString('utf8', scanner.headersStart, scanner.bodyStart)
  const line = head.split(/\r?\n/).find((text) => text.startsWith(`${name}:`))
  return line === undefined ? '' : line.slice(name.length + 1)
}

function connectFrame(endpoint: StompEndpoint): Buffer {
  const lines = ['CONNECT', 'accept-version:1.2', `host:${endpoint.virtualHost}`, 'heart-beat:0,0']
  if (endpoint.login !== undefined) lines.push(`login:${endpoint.login}`)
  if (endpoint.passcode !== undefined) lines.push(`passcode:${endpoint.passcode}`)
  return Buffer.from(`${lines.join('\n')}\n\n\0`)
}

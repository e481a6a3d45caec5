// One WebSocket behind the stream port: every write becomes one message, every message one onData.
// Messages are a way of cutting the stream, no more; readers must not rely on where the cuts are.
// Invariant: as for TCP, one onDrain or the onClose follows a write, and onClose is once and last.

import { isUtf8 } from 'node:buffer'
import type { WebSocket } from 'ws'
import { PostroadError } from '../base/index.ts'
import type { StreamConnection, StreamHandlers } from '../ports/index.ts'
import { EndWatch } from './end-watch.ts'
import { connectionLost, endTimeout } from './socket-errors.ts'

/** What a {@link WebSocketConnection} is made of. */
export interface WebSocketConnectionOptions {
  readonly socket: WebSocket
  readonly remoteAddress: string
  /** Longest message sent or taken. */
  readonly messageBytesMax: number
  /** How long an orderly end may stand still. */
  readonly endTimeoutMs: number
}

const textMessage = { binary: false, compress: false }
const binaryMessage = { binary: true, compress: false }

/** Close codes of an orderly end [RFC 6455 7.4.1]: done, going away, no code given. */
const orderlyCodes = new Set([1000, 1001, 1005])
/** The code `ws` reports when the stream under it broke without a close frame. */
const brokenCode = 1006

/** An open WebSocket as a {@link StreamConnection}. Call {@link attach} before the turn ends. */
export class WebSocketConnection implements StreamConnection {
  readonly remoteAddress: string
  readonly subprotocol: string
  private readonly socket: WebSocket
  private readonly messageBytesMax: number
  private readonly mayBeText: boolean
  private readonly endWatch: EndWatch
  private handlers: StreamHandlers | undefined
  private owesDrain = false
  private isEnding = false
  private isDestroyed = false
  private cause: Error | undefined

  constructor(options: WebSocketConnectionOptions) {
    this.socket = options.socket
    this.remoteAddress = options.remoteAddress
    this.messageBytesMax = options.messageBytesMax
    this.subprotocol = options.socket.protocol
    this.mayBeText = !this.subprotocol.startsWith('postroad')
    const { socket, endTimeoutMs } = options
    this.endWatch = new EndWatch({
      periodMs: endTimeoutMs,
      bytesQueued: () => socket.bufferedAmount,
      giveUp: () => {
        this.cause ??= endTimeout(this.remoteAddress, endTimeoutMs)
        socket.terminate()
      }
    })
  }

  get bytesQueued(): number {
    return this.socket.bufferedAmount
  }

  /** Starts the flow of events to `handlers`. */
  attach(handlers: StreamHandlers): void {
    const { socket } = this
    this.handlers = handlers
    socket.on('message', (bytes) => {
      // The default binaryType makes every message one Buffer, text messages too.
      if (!this.isEnding && (bytes as Buffer).length > 0) handlers.onData(bytes as Buffer)
    })
    socket.on('error', (error) => {
      this.cause ??= this.protocolFailure(error)
      this.endWatch.start()
    })
    socket.on('close', (code, reason) => {
      this.endWatch.stop()
      this.cause ??= this.closeFailure(code, reason)
      handlers.onClose(this.cause)
    })
  }

  /** Always 'queued': `ws` keeps the bytes until the socket has sent them. */
  write(bytes: Buffer): 'written' | 'queued' {
    const { socket } = this
    if (socket.readyState !== socket.OPEN || bytes.length === 0) return 'written'
    this.owesDrain = true
    for (let start = 0; start < bytes.length; start += this.messageBytesMax) {
      const part =
        bytes.length <= this.messageBytesMax
          ? bytes
          : bytes.subarray(start, start + this.messageBytesMax)
      // Browsers' STOMP clients want text. Bytes cut inside a character must go as binary.
      const isText = this.mayBeText && isUtf8(part)
      socket.send(part, isText ? textMessage : binaryMessage, this.onSent)
    }
    return 'queued'
  }

  pauseReading(): void {
    if (!this.isEnding) this.socket.pause()
  }

  resumeReading(): void {
    this.socket.resume()
  }

  end(): void {
    if (this.isEnding) return
    this.isEnding = true
    this.socket.close(1000)
    this.socket.resume()
    this.endWatch.start()
  }

  destroy(): void {
    this.isEnding = true
    this.isDestroyed = true
    this.socket.terminate()
  }

  // One function for all writes of the connection, so that a write makes no closure.
  private readonly onSent = (error?: Error | null): void => {
    if (error || !this.owesDrain || this.isEnding || this.socket.bufferedAmount > 0) return
    if (this.socket.readyState !== this.socket.OPEN) return
    this.owesDrain = false
    this.handlers?.onDrain()
  }

  private closeFailure(code: number, reason: Buffer): Error | undefined {
    if (this.isDestroyed || orderlyCodes.has(code)) return undefined
    const why =
      code === brokenCode
        ? 'the stream broke off without a close frame'
        : `closed with code ${code} ${reason.toString('utf8').slice(0, 120)}`.trimEnd()
    return new PostroadError('REMOTE_CLOSED', `${this.remoteAddress}: ${why}`, {
      remoteAddress: this.remoteAddress,
      closeCode: code
    })
  }

  private protocolFailure(error: Error): Error {
    const { remoteAddress, messageBytesMax } = this
    const code = (error as { code?: string }).code ?? ''
    if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
      const text = `${remoteAddress} sent a message over ${messageBytesMax} bytes: send less`
      return new PostroadError('REMOTE_FRAME_TOO_LARGE', text, { remoteAddress, messageBytesMax })
    }
    if (code.startsWith('WS_ERR_')) {
      const text = `${remoteAddress} broke the WebSocket protocol: ${error.message}`
      return new PostroadError('REMOTE_FRAME_MALFORMED', text, { remoteAddress }, error)
    }
    return connectionLost(error, remoteAddress)
  }
}

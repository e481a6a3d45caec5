// One TCP connection behind the stream port. It adds no queue to the socket's own: `write` hands
// the bytes straight down and says whether the kernel took them all.
// Invariant: after a 'queued' answer exactly one onDrain or the onClose follows, and onClose is
// once and last.

import type { Socket } from 'node:net'
import type { StreamConnection, StreamHandlers } from '../ports/index.ts'
import { EndWatch } from './end-watch.ts'
import { addressText, connectionLost, endTimeout } from './socket-errors.ts'

/**
 * The write mark every socket is made with. Node emits 'drain' only after its queue was at the mark
 * or over; at 1 byte it does so whenever something queued has all gone out, which is what the port
 * promises, and no write needs a callback.
 */
export const socketHighWaterBytes = 1

/** A connected socket as a {@link StreamConnection}. Call {@link attach} before the turn ends. */
export class TcpConnection implements StreamConnection {
  readonly remoteAddress: string
  readonly subprotocol = ''
  private readonly socket: Socket
  private readonly endWatch: EndWatch
  private owesDrain = false
  private isEnding = false
  private cause: Error | undefined

  constructor(socket: Socket, endTimeoutMs: number) {
    this.socket = socket
    this.remoteAddress = addressText(socket.remoteAddress, socket.remotePort)
    this.endWatch = new EndWatch({
      periodMs: endTimeoutMs,
      bytesQueued: () => socket.writableLength,
      giveUp: () => {
        this.cause ??= endTimeout(this.remoteAddress, endTimeoutMs)
        socket.destroy()
      }
    })
  }

  get bytesQueued(): number {
    return this.socket.writableLength
  }

  /** Starts the flow of events to `handlers`. */
  attach(handlers: StreamHandlers): void {
    const { socket } = this
    socket.on('data', (bytes: Buffer) => {
      if (!this.isEnding) handlers.onData(bytes)
    })
    socket.on('drain', () => {
      if (!this.owesDrain || socket.writableLength > 0) return
      this.owesDrain = false
      handlers.onDrain()
    })
    // The other end finished: Node ends our side too. It may have stopped reading, so wait no
    // longer for it than for an end of our own.
    socket.on('end', () => this.endWatch.start())
    socket.on('error', (error) => {
      this.cause ??= connectionLost(error, this.remoteAddress)
    })
    socket.on('close', () => {
      this.endWatch.stop()
      handlers.onClose(this.cause)
    })
  }

  write(bytes: Buffer): 'written' | 'queued' {
    const { socket } = this
    if (!socket.writable || bytes.length === 0) return 'written'
    socket.write(bytes)
    if (socket.writableLength === 0) return 'written'
    this.owesDrain = true
    return 'queued'
  }

  pauseReading(): void {
    if (!this.isEnding) this.socket.pause()
  }

  resumeReading(): void {
    this.socket.resume()
  }

  end(): void {
    if (this.isEnding || this.socket.destroyed) return
    this.isEnding = true
    this.socket.end()
    // What still arrives is thrown away; unread, it would hide the other end's end from us.
    this.socket.resume()
    this.endWatch.start()
  }

  destroy(): void {
    this.isEnding = true
    this.socket.destroy()
  }
}

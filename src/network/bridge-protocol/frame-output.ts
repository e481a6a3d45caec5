// Everything one connection sends, in order. Frames gather in a slab and leave once per turn.
//
// Two lanes in one stream: control frames are written at once; DATA is written only while little
// waits for the socket (`isBusy` is false). So control never stands behind more than
// `dataQueuedBytesMax` of data, and a peer that does not read costs a bounded amount of memory.

import { OutputBuffer, type SlabPool } from '../../base/index.ts'
import type { Clock, StreamConnection } from '../../ports/index.ts'
import { ByteWriter } from './byte-writer.ts'
import { encodeFrame, type FrameCodec } from './frame-codec.ts'
import { controlBytesMax, lengthFieldBytes, partBytesMax } from './frame-types.ts'
import { partFrame } from './part.ts'

/** Bytes that may wait for the socket before DATA holds back. */
export const dataQueuedBytesMax = 256 * 1024

/** What the outputs of one broker's connections share. */
export interface FrameOutputShares {
  readonly clock: Clock
  readonly pool: SlabPool
  /** Scratch for control frames: one frame at a time, used up before `send` returns. */
  readonly writer: ByteWriter
}

/** The sending side of one connection. */
export class FrameOutput {
  readonly buffer: OutputBuffer
  /** True while so much waits for the socket that DATA must hold back. */
  isBusy = false
  /** True once more waits than any live peer leaves unread; the connection is not worth keeping. */
  isOverrun = false
  /** All bytes given to the connection so far. */
  bytesSent = 0
  /** Bytes of control frames among them. */
  controlBytesSent = 0
  private readonly connection: StreamConnection
  private readonly shares: FrameOutputShares
  private readonly flushTask: () => void
  private isFlushDue = false

  constructor(connection: StreamConnection, shares: FrameOutputShares) {
    this.connection = connection
    this.shares = shares
    this.buffer = new OutputBuffer(shares.pool, (bytes) => this.write(bytes))
    this.flushTask = () => this.flush()
  }

  /** Sends a control frame, in parts if it is long. 'too-large' sends nothing at all. */
  send<T>(codec: FrameCodec<T>, value: T): 'sent' | 'too-large' {
    const { writer } = this.shares
    if (codec.isFlooded !== true || writer.holds !== value) {
      writer.clear()
      encodeFrame(writer, codec, value)
      if (codec.isFlooded === true) writer.holds = value
    }
    if (writer.length - lengthFieldBytes > controlBytesMax) return 'too-large'
    const waiting = this.connection.bytesQueued + this.buffer.length
    if (waiting + writer.length > 2 * controlBytesMax) this.isOverrun = true
    if (this.isOverrun) return 'sent'
    if (writer.length - lengthFieldBytes <= partBytesMax) this.append(writer)
    else this.sendParts(writer)
    return 'sent'
  }

  /** Makes sure what was written to `buffer` leaves at the end of this turn. */
  touch(): void {
    if (this.isFlushDue) return
    this.isFlushDue = true
    this.shares.clock.endOfTurn(this.flushTask)
  }

  /** Sends what has gathered now. */
  flush(): void {
    this.isFlushDue = false
    this.buffer.flush()
  }

  /** To be called when the connection has sent everything it had queued. */
  onDrain(): void {
    this.isBusy = false
  }

  private append(writer: ByteWriter): void {
    this.controlBytesSent += writer.length
    this.buffer.append(writer.bytes, 0, writer.length)
    this.touch()
  }

  private sendParts(whole: ByteWriter): void {
    const part = new ByteWriter(partBytesMax + 16)
    for (let start = lengthFieldBytes; start < whole.length; start += partBytesMax) {
      const end = Math.min(start + partBytesMax, whole.length)
      part.clear()
      encodeFrame(part, partFrame, { isLast: end === whole.length, bytes: whole.bytes, start, end })
      this.append(part)
    }
  }

  private write(bytes: Buffer): 'written' | 'queued' {
    this.bytesSent += bytes.length
    const outcome = this.connection.write(bytes)
    if (outcome === 'queued' && this.connection.bytesQueued >= dataQueuedBytesMax) {
      this.isBusy = true
    }
    return outcome
  }
}

// What one session sends: frames gather during a turn and leave in one write at its end. It says
// when too much waits for the client's socket, when a client does not read the answers it asks for,
// and when it has read nothing at all for so long that it must be taken for dead.

import { mark, OutputBuffer } from '../../base/index.ts'
import type { Cancel, Clock, StreamConnection } from '../../ports/index.ts'
import { heartBeatBytes } from './codec/index.ts'
import type { SessionRegistry } from './session-registry.ts'
import type { StompLimits } from './stomp-limits.ts'

/** Half a slab of output: what is longer is worth the slab it lies in. */
const copiedBytesMax = 32 * 1024
/** A client whose socket is full and takes nothing for this long is gone, or as good as gone. */
const stalledMsMax = 60_000
/**
 * Sockets report progress write by write, and a large body is one write: a client that reads it at
 * this speed is given the time to.
 */
const slowestBytesPerMs = 16

/** What a session's output is made of, and whom it tells. */
export interface SessionOutputOptions {
  readonly clock: Clock
  readonly limits: Pick<StompLimits, 'outputQueuedBytesMax'>
  readonly registry: Pick<SessionRegistry, 'slabs' | 'output'>
  readonly connection: StreamConnection
  /** The client's socket is full: no more deliveries until `onDrain`. */
  onFull(): void
  /** Too many answers wait to be read: no more frames until `onDrain`. */
  onAnswersFull(): void
  /** The client has read nothing for a minute or more. */
  onStalled(stalledMs: number): void
}

/** The output of one session. */
export class SessionOutput {
  /** When something was last sent, in monotonic time. */
  sentMs = 0
  private readonly options: SessionOutputOptions
  private readonly buffer: OutputBuffer
  private isEnlisted = false
  private isFull = false
  /** True while the transport keeps what it is given: it did so the last time. */
  private keepsWrites = false
  /** Bytes of answers written since the socket last took all it was given. */
  private answerBytes = 0
  private bytesWritten = 0
  private cancelWatch: Cancel = () => {}

  constructor(options: SessionOutputOptions) {
    this.options = options
    this.buffer = new OutputBuffer(options.registry.slabs, this.send)
  }

  /** True while the client's socket takes nothing more. */
  get isCongested(): boolean {
    return this.isFull
  }

  /** Where frames are written; flushed when the turn ends. */
  begin(): OutputBuffer {
    if (!this.isEnlisted) {
      this.isEnlisted = true
      this.options.registry.output.enlist(this)
    }
    return this.buffer
  }

  /** For TurnOutput: the turn is over. */
  flush(): void {
    this.isEnlisted = false
    this.buffer.flush()
  }

  /** Appends one encoded frame that answers the client. */
  answer(frame: Buffer): void {
    const { connection, limits } = this.options
    this.begin().append(frame, 0, frame.length)
    if (connection.bytesQueued === 0) return
    this.answerBytes += frame.length
    if (this.answerBytes >= limits.outputQueuedBytesMax) this.options.onAnswersFull()
  }

  /** Sends a line feed, unless other bytes are just being sent. */
  beat(): void {
    // What waits for the end of the turn may begin in the middle of a large frame: nothing may come
    // between, and it breaks the silence itself.
    if (!this.isEnlisted && this.options.connection.bytesQueued === 0) this.send(heartBeatBytes)
  }

  /** The socket has taken all it was given. */
  onDrain(): void {
    this.isFull = false
    this.answerBytes = 0
    this.cancelWatch()
  }

  /** The conversation is over: nobody is told anything any more. */
  stop(): void {
    this.cancelWatch()
  }

  private readonly send = (bytes: Buffer): 'written' | 'queued' => {
    const { clock, connection, limits } = this.options
    this.sentMs = clock.monotonicMs()
    this.bytesWritten += bytes.length
    // A transport that is behind would keep a whole slab for each small write.
    const isCopied = this.keepsWrites && bytes.length <= copiedBytesMax
    const outcome = connection.write(isCopied ? Buffer.from(bytes) : bytes)
    this.keepsWrites = outcome === 'queued'
    if (this.keepsWrites && !this.isFull && connection.bytesQueued >= limits.outputQueuedBytesMax) {
      this.isFull = true
      this.watch(this.bytesSent)
      this.options.onFull()
    }
    return isCopied ? 'written' : outcome
  }

  /** Bytes the socket has taken. */
  private get bytesSent(): number {
    return this.bytesWritten - this.options.connection.bytesQueued
  }

  private watch(sentBefore: number): void {
    const { clock, connection } = this.options
    const patienceMs = Math.ceil(stalledMsMax + connection.bytesQueued / slowestBytesPerMs)
    this.cancelWatch = clock.schedule(patienceMs, () => {
      const { bytesSent } = this
      if (bytesSent <= sentBefore) this.options.onStalled(patienceMs)
      else {
        mark('client-reads-slowly')
        this.watch(bytesSent)
      }
    })
  }
}

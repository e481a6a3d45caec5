// One consuming connection: subscribes, reads marks, acknowledges. It builds no object per message.
// Invariant: acknowledgements of one read leave in one write, in the order of the messages.

import { command, type FrameScanner } from './frame-scanner.ts'
import type { LatencySamples } from './latency-samples.ts'
import type { AckMode, StompEndpoint } from './load-plan.ts'
import { markBytes, markSentAtMs, markSequence, markStream, probeStream } from './message-mark.ts'
import type { SequenceCheck } from './sequence-check.ts'
import { sharedNowMs } from './shared-clock.ts'
import { StompSocket, type StompWelcome } from './stomp-socket.ts'

/** What one consumer receives and where it notes it. */
export interface ConsumerOptions {
  readonly endpoint: StompEndpoint
  readonly destinations: readonly string[]
  readonly ackMode: AckMode
  /** Shared by all consumers of a queue, one's own for a topic. */
  readonly sequences: SequenceCheck
  readonly latencies: LatencySamples | undefined
  /** The connection broke or a message is not of this run. */
  readonly onFailure: (reason: Error) => void
}

const readBytes = 256 * 1024
const ackBytesInitial = 64 * 1024
// Beyond this many unsent bytes of acknowledgements reading stops until the broker takes them.
const ackBytesQueuedMax = 1024 * 1024
const ackHead = Buffer.from('ACK\nid:')
const ackTail = Buffer.from('\n\n\0')

/** Receives numbered messages. */
export class Consumer {
  /** Numbers of the probes seen; see `probeStream`. */
  readonly probes = new Set<number>()
  /** Latencies are kept of messages sent in [from, to); the end is open until it is known. */
  latencyFromMs = Number.POSITIVE_INFINITY
  latencyToMs = Number.POSITIVE_INFINITY
  private readonly options: ConsumerOptions
  private socket: StompSocket | undefined
  private readAtMs = 0
  private acks = Buffer.allocUnsafeSlow(ackBytesInitial)
  private ackLength = 0
  private paused = false

  constructor(options: ConsumerOptions) {
    if (options.ackMode === 'client' && options.destinations.length > 1) {
      // A cumulative ACK covers one subscription only; which one would have to be kept apart.
      throw new Error('ackMode client needs one destination per consumer: use client-individual')
    }
    this.options = options
  }

  /** Connects and subscribes; the broker may take the subscriptions in a moment later. */
  async connect(): Promise<StompWelcome> {
    const handlers = {
      onFrame: (scanner: FrameScanner) => this.frame(scanner),
      onReadEnd: () => this.readEnd(),
      onClosed: this.options.onFailure
    }
    const opened = await StompSocket.open(this.options.endpoint, handlers, readBytes)
    this.socket = opened.socket
    const frames = this.options.destinations.map(
      (destination, id) =>
        `SUBSCRIBE\nid:${id}\ndestination:${destination}\nack:${this.options.ackMode}\n\n\0`
    )
    this.socket.write(Buffer.from(frames.join('')))
    return opened.welcome
  }

  close(): void {
    this.socket?.close()
  }

  private frame(scanner: FrameScanner): void {
    if (scanner.commandByte !== command.message) return
    const { bytes, bodyStart } = scanner
    if (scanner.bodyEnd - bodyStart < markBytes) throw new Error('a message without a mark came')
    if (this.options.ackMode !== 'auto') this.ack(scanner)
    const stream = markStream(bytes, bodyStart)
    const sequence = markSequence(bytes, bodyStart)
    if (stream === probeStream) {
      this.probes.add(sequence)
      return
    }
    this.options.sequences.note(stream, sequence)
    const { latencies } = this.options
    if (latencies !== undefined) this.noteLatency(latencies, markSentAtMs(bytes, bodyStart))
  }

  private noteLatency(latencies: LatencySamples, sentAtMs: number): void {
    if (sentAtMs < this.latencyFromMs || sentAtMs >= this.latencyToMs) return
    // All messages of one read arrived together.
    if (this.readAtMs === 0) this.readAtMs = sharedNowMs()
    latencies.record(this.readAtMs - sentAtMs)
  }

  /** Remembers the message for the write at the end of this read. */
  private ack(scanner: FrameScanner): void {
    const { bytes, ackStart, ackEnd } = scanner
    if (ackStart === 0)
      throw new Error('a message to acknowledge has no ack header [STOMP 1.2 ACK]')
    if (this.options.ackMode === 'client') this.ackLength = 0 // The last one covers the others.
    const length = ackHead.length + ackEnd - ackStart + ackTail.length
    if (this.ackLength + length > this.acks.length) this.growAcks(length)
    let at = this.ackLength
    at += ackHead.copy(this.acks, at)
    at += bytes.copy(this.acks, at, ackStart, ackEnd)
    at += ackTail.copy(this.acks, at)
    this.ackLength = at
  }

  private growAcks(length: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.acks.length * 2, this.ackLength + length))
    this.acks.copy(larger, 0, 0, this.ackLength)
    this.acks = larger
  }

  private readEnd(): void {
    this.readAtMs = 0
    const socket = this.socket
    if (this.ackLength === 0 || socket === undefined) return
    socket.write(this.acks.subarray(0, this.ackLength), this.acksWritten)
    this.ackLength = 0
    if (socket.bytesQueued === 0) return
    // The socket keeps these bytes; go on in others.
    this.acks = Buffer.allocUnsafeSlow(ackBytesInitial)
    if (socket.bytesQueued <= ackBytesQueuedMax) return
    this.paused = true
    socket.pauseReading()
  }

  private readonly acksWritten = (): void => {
    if (!this.paused || this.socket!.bytesQueued > ackBytesQueuedMax) return
    this.paused = false
    this.socket!.resumeReading()
  }
}

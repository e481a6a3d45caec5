// Finds frames in a stream of chunks [STOMP 1.2 STOMP Frames]. The caller pushes what the socket
// gives and pulls frames when it likes. A frame that lies in one chunk is a set of ranges of that
// chunk and costs no copy; a frame cut by a chunk's end is stitched together, that frame alone and
// in time linear in its bytes. What is found does not depend on where the stream was cut.
//
// The parser never throws on bytes, writes to no chunk, and holds at most one unfinished frame
// within the limits besides the chunks pushed ahead of the caller's own pulling.

import { RingQueue } from '../../../base/index.ts'
import { mayHaveBody } from './commands.ts'
import type { StompVersion } from './escapes.ts'
import { bodyEndText, bodyText, frameBytesText, loneCarriageReturnText } from './fault-texts.ts'
import { StompFrameView } from './frame-view.ts'
import { HeaderScanner, type ScanOutcome } from './header-scanner.ts'
import { checkStompCodecLimits, type StompCodecLimits } from './limits.ts'

const noBytes = Buffer.alloc(0)
const lineFeed = 10
const carriageReturn = 13
/** Bytes taken over at first from the next chunk to finish a frame of unknown length. */
const pieceBytesMin = 1_024
/** Chunks that can wait: never the bound, that is the caller's, who pauses its socket. */
const chunksMax = 2 ** 30

/** What `next` found. 'malformed' is final: the connection has to be closed. */
export type ParseOutcome = 'frame' | 'need-more' | 'malformed'

/** Parses one direction of one connection. */
export class StompParser {
  /** The frame `next` found; valid until the next call of `next` or `push`. */
  readonly frame = new StompFrameView()
  /**
   * The version of the frames to come. The session sets it when it has handled CONNECT or
   * CONNECTED, before it asks for the next frame; those two are read by rules of their own.
   */
  version: StompVersion
  /** Why the stream is malformed: the field, its value and what would be right. */
  fault: { readonly detail: string } | undefined = undefined

  private readonly limits: StompCodecLimits
  private readonly scanner: HeaderScanner
  private readonly waiting = new RingQueue<Buffer>(chunksMax, 2)
  private waitingBytes = 0
  private chunk: Buffer = noBytes
  private chunkAt = 0
  /** The unfinished frame's bytes, the first `stitchLength` of them valid. */
  private stitch: Buffer = noBytes
  private stitchLength = 0
  private phase: 'between' | 'headers' | 'body' = 'between'
  /** Between frames: a CR was read, and only a LF may follow. */
  private isAfterCarriageReturn = false
  private frameStart = 0
  /** Where to look on for the NUL that ends a body of unknown length. */
  private searchAt = 0

  /** @param limits bounds of every frame; a broken one is a fault of ours and asserted */
  constructor(limits: StompCodecLimits, version: StompVersion = '1.2') {
    checkStompCodecLimits(limits)
    this.limits = limits
    this.version = version
    this.scanner = new HeaderScanner(this.frame, limits)
  }

  /**
   * Bytes pushed and not yet handed out in frames. A caller that pauses between frames looks here
   * to tell when to pause its socket as well. After 'need-more' it is below `frameBytesMax`.
   */
  get bytesHeld(): number {
    return this.chunk.length - this.chunkAt + this.stitchLength + this.waitingBytes
  }

  /** Adds bytes. The parser keeps ranges of `chunk`; after a fault it ignores them. */
  push(chunk: Buffer): void {
    if (this.fault !== undefined || chunk.length === 0) return
    if (this.chunkAt === this.chunk.length && this.waiting.length === 0) {
      this.chunk = chunk
      this.chunkAt = 0
      return
    }
    this.waiting.push(chunk)
    this.waitingBytes += chunk.length
  }

  /** Looks for the next frame in what was pushed. */
  next(): ParseOutcome {
    if (this.fault !== undefined) return 'malformed'
    for (;;) {
      const outcome = this.stitchLength === 0 ? this.parseChunk() : this.parseStitched()
      if (outcome === 'complete') return 'frame'
      if (outcome === 'malformed') {
        this.stop()
        return outcome
      }
      const chunk = this.waiting.shift()
      this.chunk = chunk ?? noBytes
      this.chunkAt = 0
      if (chunk === undefined) {
        this.frame.bytes = noBytes // An idle connection keeps no chunk alive.
        return 'need-more'
      }
      this.waitingBytes -= chunk.length
    }
  }

  /** Parses in place from `chunkAt`; 'need-more' leaves the chunk used up. */
  private parseChunk(): ScanOutcome {
    const { chunk } = this
    const skipped = this.skipLineEnds()
    if (skipped !== 'complete') return skipped
    this.frameStart = this.chunkAt
    this.scanner.begin(this.chunkAt, this.version)
    this.phase = 'headers'
    const outcome = this.advance(chunk, chunk.length)
    if (outcome === 'complete') this.chunkAt = this.frame.bodyEnd + 1
    else if (outcome === 'need-more') this.startStitching()
    return outcome
  }

  /** Ends of line between frames are heart-beats [STOMP 1.2 Heart-beating]. */
  private skipLineEnds(): ScanOutcome {
    const { chunk } = this
    let at = this.chunkAt
    while (at < chunk.length) {
      const byte = chunk[at]!
      if (this.isAfterCarriageReturn && byte !== lineFeed) {
        return this.fail(loneCarriageReturnText)
      }
      this.isAfterCarriageReturn = byte === carriageReturn
      if (byte !== lineFeed && byte !== carriageReturn) break
      at += 1
    }
    this.chunkAt = at
    return at < chunk.length ? 'complete' : 'need-more'
  }

  /** Moves the unfinished frame at the chunk's end to bytes of its own. */
  private startStitching(): void {
    const { chunk, frameStart } = this
    const length = chunk.length - frameStart
    this.scanner.rebase()
    this.searchAt -= frameStart
    this.frameStart = 0
    this.stitch = Buffer.allocUnsafe(this.stitchBytesFor(length))
    chunk.copy(this.stitch, 0, frameStart)
    this.stitchLength = length
    this.chunkAt = chunk.length
  }

  /** Takes over bytes of the chunk until the frame is whole or the chunk is used up. */
  private parseStitched(): ScanOutcome {
    while (this.chunkAt < this.chunk.length) {
      this.appendPiece()
      const outcome = this.advance(this.stitch, this.stitchLength)
      if (outcome === 'need-more') continue
      if (outcome === 'complete') {
        // Bytes behind the frame came with the last piece: they are the chunk's again.
        this.chunkAt -= this.stitchLength - (this.frame.bodyEnd + 1)
        this.stitch = noBytes
        this.stitchLength = 0
      }
      return outcome
    }
    return 'need-more'
  }

  private appendPiece(): void {
    const left = this.chunk.length - this.chunkAt
    const frameBytes = this.frameBytesKnown()
    const wanted =
      frameBytes >= 0
        ? frameBytes - this.stitchLength
        : Math.min(
            Math.max(pieceBytesMin, this.stitchLength),
            this.limits.frameBytesMax - this.stitchLength
          )
    const count = Math.min(left, wanted)
    const length = this.stitchLength + count
    if (length > this.stitch.length) {
      const larger = Buffer.allocUnsafe(this.stitchBytesFor(length))
      this.stitch.copy(larger, 0, 0, this.stitchLength)
      this.stitch = larger
    }
    this.chunk.copy(this.stitch, this.stitchLength, this.chunkAt, this.chunkAt + count)
    this.chunkAt += count
    this.stitchLength = length
  }

  /**
   * Bytes to allocate for a frame of which `length` bytes are there: all of it if that is known.
   */
  private stitchBytesFor(length: number): number {
    const frameBytes = this.frameBytesKnown()
    if (frameBytes >= 0) return Math.max(frameBytes, length)
    return Math.max(length, Math.min(this.limits.frameBytesMax, length * 2))
  }

  private frameBytesKnown(): number {
    const { bodyBytes, bodyStart } = this.scanner
    if (this.phase !== 'body' || bodyBytes < 0) return -1
    return bodyStart - this.frameStart + bodyBytes + 1
  }

  /**
   * Goes on with the frame in `bytes[frameStart…end)` and, when it is whole, completes the view.
   */
  private advance(bytes: Buffer, end: number): ScanOutcome {
    const { scanner, frame } = this
    if (this.phase === 'headers') {
      const outcome = scanner.scan(bytes, end)
      if (outcome === 'malformed') return this.fail(scanner.detail)
      if (outcome === 'need-more') return outcome
      this.phase = 'body'
      this.searchAt = scanner.bodyStart
    }
    const { bodyStart, bodyBytes } = scanner
    const bodyEnd = bodyBytes >= 0 ? bodyStart + bodyBytes : this.findBodyEnd(bytes, end)
    if (bodyEnd < 0) return 'malformed'
    if (bodyEnd >= end) return 'need-more'
    if (bytes[bodyEnd] !== 0) return this.failBodyEnd(bytes[bodyEnd]!)
    this.phase = 'between'
    frame.bytes = bytes
    frame.bodyStart = bodyStart
    frame.bodyEnd = bodyEnd
    return 'complete'
  }

  /** Where the NUL is that ends the body; `end` if it has not come yet, -1 if the frame failed. */
  private findBodyEnd(bytes: Buffer, end: number): number {
    // A stitch has bytes behind `end` that are not the frame's, and searching them costs.
    const searched = end === bytes.length ? bytes : bytes.subarray(0, end)
    const found = searched.indexOf(0, this.searchAt)
    const bodyEnd = found < 0 ? end : found
    this.searchAt = bodyEnd
    if (bodyEnd - this.frameStart >= this.limits.frameBytesMax) {
      this.fail(frameBytesText('a frame without content-length', this.limits))
      return -1
    }
    return bodyEnd
  }

  private failBodyEnd(byte: number): ScanOutcome {
    const { command } = this.frame
    const { bodyBytes } = this.scanner
    const hasStrayBody = bodyBytes === 0 && !mayHaveBody(command)
    return this.fail(hasStrayBody ? bodyText(command, byte) : bodyEndText(command, bodyBytes, byte))
  }

  private fail(detail: string): ScanOutcome {
    this.fault = { detail }
    return 'malformed'
  }

  /** Lets go of everything held. */
  private stop(): void {
    this.chunk = noBytes
    this.chunkAt = 0
    this.stitch = noBytes
    this.stitchLength = 0
    this.waiting.clear()
    this.waitingBytes = 0
    this.frame.bytes = noBytes
  }
}

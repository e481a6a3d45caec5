// Cuts the bytes of one connection into frames. A frame that lies whole in a chunk is handed out in
// place; one that is cut across chunks is stitched, and only that one. Work and memory are linear
// in the bytes that really arrived, whatever length a frame announces.

import { frameTypes, greetingFrameBytesMax, lengthFieldBytes } from './frame-types.ts'

const noBytes = Buffer.alloc(0)
const stitchBytesFirst = 65_536

/**
 * Use: `feed` a chunk, then `next` until it answers 'more'. After 'frame' the frame is
 * `bytes[start…end)` of type `type`; the range is never written to again by this class.
 */
export class FrameReader {
  /** Longest frame taken, type byte included. */
  frameBytesMax = greetingFrameBytesMax
  type = 0
  bytes: Buffer = noBytes
  start = 0
  end = 0
  /** After 'fault': which limit the peer broke. */
  fault = ''
  private chunk: Buffer = noBytes
  private at = 0
  /** The cut frame: its length field so far, then its bytes so far. */
  private lengthHave = 0
  private length = 0
  private stitched: Buffer = noBytes
  private stitchedHave = 0

  /** Takes the next chunk. The one before must be used up: `next` has answered 'more'. */
  feed(chunk: Buffer): void {
    this.chunk = chunk
    this.at = 0
  }

  /** Finds the next frame. After 'fault' the reader must not be used again. */
  next(): 'frame' | 'more' | 'fault' {
    const { chunk, at } = this
    if (this.lengthHave > 0) return this.stitch()
    if (chunk.length - at < lengthFieldBytes) return this.stitch()
    const length = chunk.readUInt32BE(at)
    if (!this.checkLength(length)) return 'fault'
    const start = at + lengthFieldBytes
    if (chunk.length - start < length) return this.stitch()
    this.type = chunk[start]!
    this.bytes = chunk
    this.start = start + 1
    this.end = start + length
    this.at = this.end
    return 'frame'
  }

  private stitch(): 'frame' | 'more' | 'fault' {
    const { chunk } = this
    while (this.lengthHave < lengthFieldBytes) {
      if (this.at >= chunk.length) return this.more()
      this.length = this.length * 256 + chunk[this.at]!
      this.at += 1
      this.lengthHave += 1
      if (this.lengthHave === lengthFieldBytes && !this.checkLength(this.length)) return 'fault'
    }
    const count = Math.min(this.length - this.stitchedHave, chunk.length - this.at)
    if (count > 0) this.gather(count)
    if (this.stitchedHave < this.length) return this.more()
    this.type = this.stitched[0]!
    this.bytes = this.stitched
    this.start = 1
    this.end = this.length
    this.lengthHave = 0
    this.length = 0
    this.stitched = noBytes
    this.stitchedHave = 0
    return 'frame'
  }

  private gather(count: number): void {
    const needed = this.stitchedHave + count
    if (needed > this.stitched.length) {
      // Grown by doubling up to the announced length, so that a peer that announces much and sends
      // little cannot make us reserve much.
      const size = Math.max(needed, this.stitched.length * 2, stitchBytesFirst)
      const bigger = Buffer.allocUnsafeSlow(Math.min(size, this.length))
      this.stitched.copy(bigger, 0, 0, this.stitchedHave)
      this.stitched = bigger
    }
    this.chunk.copy(this.stitched, this.stitchedHave, this.at, this.at + count)
    this.stitchedHave = needed
    this.at += count
  }

  private more(): 'more' {
    // The chunk is used up: let go of it, messages keep it as long as they need it.
    this.chunk = noBytes
    this.bytes = noBytes
    this.at = 0
    return 'more'
  }

  private checkLength(length: number): boolean {
    if (length >= 1 && length <= this.frameBytesMax) return true
    this.fault = `frame length is ${length}, expected 1 to ${this.frameBytesMax}`
    return false
  }
}

/** The documented name of a type byte, for logs. */
export function frameTypeName(type: number): string {
  for (const [name, value] of Object.entries(frameTypes)) {
    if (value === type) return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
  }
  return `type ${type}`
}

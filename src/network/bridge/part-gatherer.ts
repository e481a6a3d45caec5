// Puts the PART frames of one connection together again. Bounded: a peer cannot make it hold more
// than the longest control frame, and a stranger not more than a HELLO.

import { greetingFrameBytesMax, type Part } from '../bridge-protocol/index.ts'

/** Gathers parts until the last one. */
export class PartGatherer {
  /** Longest frame put together; the owner raises it once the peer is known. */
  bytesMax = greetingFrameBytesMax
  private parts: Buffer[] = []
  private length = 0

  /** Takes a part; answers the whole frame (type byte, payload), nothing yet, or a fault. */
  take(part: Part): Buffer | 'more' | 'too-large' {
    this.length += part.end - part.start
    if (this.length > this.bytesMax) return 'too-large'
    this.parts.push(part.bytes.subarray(part.start, part.end))
    if (!part.isLast) return 'more'
    const whole = Buffer.concat(this.parts, this.length)
    this.parts = []
    this.length = 0
    return whole
  }
}

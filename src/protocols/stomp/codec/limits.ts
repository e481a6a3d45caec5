// How large a frame the parser accepts [STOMP 1.2 Size Limits]. Every limit is enforced before the
// memory it guards is spent: a content-length over the limit is refused at its header line, and a
// header section without an end is refused as soon as it has used up its bytes.

import { assert } from '../../../base/index.ts'

/** Bounds of one frame. A frame at the limit is accepted, one byte more is malformed. */
export interface StompCodecLimits {
  /** Bytes of the whole frame: command line, headers, empty line, body and the closing NUL. */
  readonly frameBytesMax: number
  /** Header lines of one frame, repeated ones counted each time. */
  readonly headerCountMax: number
  /** Bytes from the first byte of the command to the end of the empty line after the headers. */
  readonly headerBytesMax: number
}

/** Room for a 16 MiB body with its headers; ten times the headers any client is known to send. */
export const defaultStompCodecLimits: StompCodecLimits = {
  frameBytesMax: 16_777_216 + 65_536,
  headerCountMax: 1_000,
  headerBytesMax: 65_536
}

/** Offsets are kept as 32-bit integers, which a stitched frame must not outgrow. */
const frameBytesCeiling = 2 ** 30

/** Asserts that limits are whole numbers a parser can work with. */
export function checkStompCodecLimits(limits: StompCodecLimits): void {
  const { frameBytesMax, headerCountMax, headerBytesMax } = limits
  assert(
    Number.isInteger(frameBytesMax) && frameBytesMax >= 1 && frameBytesMax <= frameBytesCeiling,
    'frameBytesMax is a whole number from 1 to 2^30'
  )
  assert(
    Number.isInteger(headerCountMax) && headerCountMax >= 0,
    'headerCountMax is a whole number, 0 or more'
  )
  assert(
    Number.isInteger(headerBytesMax) && headerBytesMax >= 1,
    'headerBytesMax is a whole number, 1 or more'
  )
}

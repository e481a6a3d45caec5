// PART carries a slice of a control frame too long to travel at once, so that no control frame
// holds up the connection. Parts of one frame follow each other; other frames may come between
// them.
//
//   isLast u8 | bytes of (type u8, payload)

import type { FrameCodec } from './frame-codec.ts'
import { frameTypes } from './frame-types.ts'

/** A slice of a longer frame. The range lies in a buffer shared with others. */
export interface Part {
  readonly isLast: boolean
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

/** The codec of PART. */
export const partFrame: FrameCodec<Part> = {
  name: 'PART',
  type: frameTypes.part,
  mayGrow: false,
  encode(writer, part) {
    writer.flag(part.isLast)
    writer.raw(part.bytes, part.start, part.end)
  },
  decode(reader) {
    const isLast = reader.flag('isLast')
    const { bytes, at: start, end } = reader
    if (start === end) reader.fail('bytes', 'are missing')
    reader.at = end
    return { isLast, bytes, start, end }
  }
}

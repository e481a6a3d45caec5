// PING asks for a PONG with the same number: proof of life and a measure of the round trip.
//
//   id u32

import type { FrameCodec } from './frame-codec.ts'
import { frameTypes } from './frame-types.ts'

/** The codec of PING; the value is its number. */
export const pingFrame: FrameCodec<number> = {
  name: 'PING',
  type: frameTypes.ping,
  mayGrow: false,
  encode: (writer, id) => writer.u32(id),
  decode: (reader) => reader.u32('id')
}

/** The codec of PONG; the value is the number of the PING it answers. */
export const pongFrame: FrameCodec<number> = { ...pingFrame, name: 'PONG', type: frameTypes.pong }

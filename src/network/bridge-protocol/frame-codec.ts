// What one frame's file exports: both directions of it, side by side. Length and type byte in front
// are written here, once for all frames.

import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { lengthFieldBytes } from './frame-types.ts'

/** Both directions of one frame. `decode` reports faults through the reader and never throws. */
export interface FrameCodec<T> {
  /** As in the documentation, such as 'DEMAND_REQUEST'. */
  readonly name: string
  readonly type: number
  /** True where later versions may add fields at the end, which this version then ignores. */
  readonly mayGrow: boolean
  /** True for values that never change and go over many bridges in a row: encoded once for all. */
  readonly isFlooded?: true
  encode(writer: ByteWriter, value: T): void
  decode(reader: ByteReader): T
}

/** Writes one whole frame behind what `writer` holds already. */
export function encodeFrame<T>(writer: ByteWriter, codec: FrameCodec<T>, value: T): void {
  const start = writer.length
  writer.u32(0)
  writer.u8(codec.type)
  codec.encode(writer, value)
  writer.bytes.writeUInt32BE(writer.length - start - lengthFieldBytes, start)
}

/** Reads one payload; undefined if it is malformed, and then `reader.fault` says how. */
export function decodeFrame<T>(codec: FrameCodec<T>, reader: ByteReader): T | undefined {
  const value = codec.decode(reader)
  if (reader.fault === undefined && reader.left > 0 && !codec.mayGrow) {
    reader.fail('payload', `has ${reader.left} bytes too many`)
  }
  if (reader.fault === undefined) return value
  reader.fault = `${codec.name}: ${reader.fault}`
  return undefined
}

// Writes the primitive values of bridge frames into a buffer that grows as needed. For control
// frames; DATA writes straight into the connection's output slab instead.

import { assert } from '../../base/index.ts'

/** A growing buffer. Reused from frame to frame: copy what it holds before the next `clear`. */
export class ByteWriter {
  bytes: Buffer
  length = 0
  /** The value whose frame is held, where the writer of frames wants to know; until `clear`. */
  holds: unknown = undefined
  private readonly initialBytes: number

  constructor(initialBytes = 1024) {
    this.initialBytes = initialBytes
    this.bytes = Buffer.allocUnsafeSlow(initialBytes)
  }

  /** Forgets what was written; gives back the memory of an unusually large frame. */
  clear(): void {
    this.length = 0
    this.holds = undefined
    if (this.bytes.length > 1024 * 1024) this.bytes = Buffer.allocUnsafeSlow(this.initialBytes)
  }

  u8(value: number): void {
    this.reserve(1)
    this.bytes[this.length] = value
    this.length += 1
  }

  flag(value: boolean): void {
    this.u8(value ? 1 : 0)
  }

  u32(value: number): void {
    this.reserve(4)
    this.bytes.writeUInt32BE(value, this.length)
    this.length += 4
  }

  /** LEB128 of an integer in [0, 2^53). */
  varint(value: number): void {
    this.reserve(8)
    this.length = writeVarint(this.bytes, this.length, value)
  }

  /** UTF-8 text behind its length in bytes. */
  text(value: string): void {
    const length = Buffer.byteLength(value)
    this.varint(length)
    this.reserve(length)
    this.bytes.write(value, this.length, length, 'utf8')
    this.length += length
  }

  /** Bytes as they are, without a length. */
  raw(value: Buffer, start: number, end: number): void {
    this.reserve(end - start)
    value.copy(this.bytes, this.length, start, end)
    this.length += end - start
  }

  private reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.bytes.length) return
    const bigger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
    this.bytes.copy(bigger, 0, 0, this.length)
    this.bytes = bigger
  }
}

/** Writes LEB128 at `at` (eight bytes must be free) and answers the index behind it. */
export function writeVarint(bytes: Buffer, at: number, value: number): number {
  assert(value >= 0 && value <= Number.MAX_SAFE_INTEGER, 'a varint is an integer in [0, 2^53)')
  let rest = value
  let next = at
  while (rest > 0x7fffffff) {
    bytes[next] = (rest % 128) | 0x80
    next += 1
    rest = Math.floor(rest / 128)
  }
  while (rest > 127) {
    bytes[next] = (rest & 127) | 0x80
    next += 1
    rest >>>= 7
  }
  bytes[next] = rest
  return next + 1
}

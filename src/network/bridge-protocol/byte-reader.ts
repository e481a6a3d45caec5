// Reads the primitive values of bridge frames. Never throws on what a peer sent: the first fault
// sticks in `fault`, reading stops there, and what is read afterwards is zero or empty.

import { nameBytesMax } from './frame-types.ts'
import type { NameTable } from './name-table.ts'

const noBytes = Buffer.alloc(0)
const tooManyBits = 'is an integer of more than 53 bits'

/** A cursor over one frame's payload. Reused from frame to frame. */
export class ByteReader {
  bytes: Buffer = noBytes
  /** Index of the next byte. */
  at = 0
  /** Index behind the last byte. */
  end = 0
  /** What was wrong first, or undefined. */
  fault: string | undefined = undefined
  private readonly names: NameTable | undefined

  /** @param names where names that were read before are found again */
  constructor(names?: NameTable) {
    this.names = names
  }

  /** Starts over on another range. */
  reset(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes
    this.at = start
    this.end = end
    this.fault = undefined
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.end - this.at
  }

  /** Records a fault of `field` unless there is one already; answers 0 for convenience. */
  fail(field: string, why: string): number {
    this.fault ??= `${field} ${why}`
    this.at = this.end
    return 0
  }

  u8(field: string): number {
    if (this.at >= this.end) return this.fail(field, 'is cut short')
    const value = this.bytes[this.at]!
    this.at += 1
    return value
  }

  /** A byte that must be 0 or 1. */
  flag(field: string): boolean {
    const value = this.u8(field)
    if (value > 1) this.fail(field, `is ${value}, expected 0 or 1`)
    return value === 1
  }

  /** Unsigned 32 bits, most significant byte first. */
  u32(field: string): number {
    const { bytes, at } = this
    if (at + 4 > this.end) return this.fail(field, 'is cut short')
    this.at = at + 4
    return bytes[at]! * 0x1000000 + (bytes[at + 1]! << 16) + (bytes[at + 2]! << 8) + bytes[at + 3]!
  }

  /** LEB128, at most 53 bits, in its shortest form only. */
  varint(field: string): number {
    const { bytes, end } = this
    let at = this.at
    if (at >= end) return this.fail(field, 'is cut short')
    let byte = bytes[at]!
    at += 1
    let value = byte & 0x7f
    let scale = 128
    while (byte >= 0x80) {
      if (at >= end) return this.fail(field, 'is cut short')
      // Eight bytes carry 56 bits: a ninth cannot belong to a number we take.
      if (at - this.at >= 8) return this.fail(field, tooManyBits)
      byte = bytes[at]!
      at += 1
      if (byte === 0) return this.fail(field, 'is an integer in more bytes than needed')
      value += (byte & 0x7f) * scale
      scale *= 128
    }
    if (value > Number.MAX_SAFE_INTEGER) return this.fail(field, tooManyBits)
    this.at = at
    return value
  }

  /** A varint of at most `max`. */
  bounded(field: string, max: number): number {
    const value = this.varint(field)
    if (value > max) return this.fail(field, `is ${value}, at most ${max} is allowed`)
    return value
  }

  /** The length of a list that follows: at most `max`, and no more than the bytes left can hold. */
  count(field: string, max: number): number {
    const value = this.bounded(field, max)
    if (value > this.left) return this.fail(field, `announces ${value} entries, more than follow`)
    return value
  }

  /** Goes on behind a varint if it is `value`; else false, and the reader is of no more use. */
  skipVarint(value: number): boolean {
    const byte = this.at < this.end ? this.bytes[this.at]! : 0x80
    if (byte < 0x80) {
      this.at += 1
      return byte === value
    }
    return this.varint('number') === value && this.fault === undefined
  }

  /** Goes on behind a text if it is `text`, of ASCII; else false, as {@link skipVarint}. */
  skipText(text: string): boolean {
    const { length } = text
    if (!this.skipVarint(length) || length > this.left) return false
    const { bytes, at } = this
    for (let i = 0; i < length; i += 1) if (bytes[at + i] !== text.charCodeAt(i)) return false
    this.at = at + length
    return true
  }

  /** UTF-8 text behind its length in bytes. */
  text(field: string, bytesMax: number): string {
    const start = this.passText(field, bytesMax)
    return start < 0 ? '' : this.bytes.toString('utf8', start, this.at)
  }

  /** The name or the identity of a broker, as {@link text}. */
  name(field: string): string {
    const start = this.passText(field, nameBytesMax)
    if (start < 0) return ''
    const { bytes, at, names } = this
    return names === undefined ? bytes.toString('utf8', start, at) : names.textOf(bytes, start, at)
  }

  /** Goes on behind a text; answers where it starts, or -1 if it is too long or cut short. */
  private passText(field: string, bytesMax: number): number {
    const length = this.varint(field)
    if (length > bytesMax) {
      this.fail(`length of ${field}`, `is ${length}, at most ${bytesMax} is allowed`)
      return -1
    }
    if (length > this.left) {
      this.fail(field, 'is cut short')
      return -1
    }
    const start = this.at
    this.at = start + length
    return this.fault === undefined ? start : -1
  }
}

// A window on one parsed frame: ranges of the bytes it arrived in, and the few questions a session
// asks of them. The parser fills it and uses it again for the next frame, so nothing is allocated
// per frame; text is made only for the headers somebody asks for.

import type { StompCommand } from './commands.ts'
import { type StompVersion, unescapeValue } from './escapes.ts'

const noBytes = Buffer.alloc(0)
/** Header lines a view has room for at first: more than a usual frame has. */
const headersAtFirst = 16

/**
 * The frame a parser found last. Every range is a pair of offsets in `bytes`, end excluded. Its
 * fields are the parser's to write and everybody's to read, until the next `next` or `push`. The
 * bytes themselves stay as they are for as long as anybody refers to them.
 */
export class StompFrameView {
  command: StompCommand = 'CONNECT'
  /** The socket chunk, or the bytes of this frame alone if it arrived in pieces. */
  bytes: Buffer = noBytes
  /** Header lines; the arrays below hold something for as many and may be longer. */
  headerCount = 0
  /** Per header, in order: its name and value, still escaped, less the line's end. */
  nameStart = new Int32Array(headersAtFirst)
  nameEnd = new Int32Array(headersAtFirst)
  valueStart = new Int32Array(headersAtFirst)
  valueEnd = new Int32Array(headersAtFirst)
  /** The header lines as they came, each with its LF, without the empty line after them. */
  headersStart = 0
  headersEnd = 0
  bodyStart = 0
  bodyEnd = 0
  /** A backslash occurs in the header lines; in 1.0, CONNECT and CONNECTED it stands for itself. */
  hasEscapes = false
  /** A backslash occurs in a header's name. */
  hasEscapesInNames = false
  /** A CR occurs in the header lines, as part of a line's end or of a value. */
  hasCarriageReturns = false
  /** 1.0 only: some value had leading spaces, which its range leaves out but its line still has. */
  hasPadding = false
  hasContentLength = false
  /** The version whose escapes the headers use; '1.0' in CONNECT and CONNECTED. */
  escapesVersion: StompVersion = '1.2'

  /** The value of the first header of that name, decoded [STOMP 1.2 Repeated Header Entries]. */
  get(name: string): string | undefined {
    const index = this.find(name)
    return index < 0 ? undefined : this.text(this.valueStart[index]!, this.valueEnd[index]!)
  }

  has(name: string): boolean {
    return this.find(name) >= 0
  }

  /** The index of the first header of that name, -1 if there is none. Makes no text as a rule. */
  find(name: string): number {
    if (this.hasEscapesInNames || !isAscii(name)) return this.findByText(name)
    const { bytes, nameStart, nameEnd } = this
    for (let index = 0; index < this.headerCount; index += 1) {
      const start = nameStart[index]!
      if (nameEnd[index]! - start !== name.length) continue
      let same = 0
      while (same < name.length && bytes[start + same] === name.charCodeAt(same)) same += 1
      if (same === name.length) return index
    }
    return -1
  }

  /** All headers, decoded, in order, repeated ones too. */
  entries(): [string, string][] {
    const entries: [string, string][] = []
    for (let index = 0; index < this.headerCount; index += 1) {
      const name = this.text(this.nameStart[index]!, this.nameEnd[index]!)
      entries.push([name, this.text(this.valueStart[index]!, this.valueEnd[index]!)])
    }
    return entries
  }

  /** The body read as UTF-8. */
  bodyText(): string {
    return this.bytes.toString('utf8', this.bodyStart, this.bodyEnd)
  }

  /** Doubles the room for headers, up to `headerCountMax`. For the parser. */
  growHeaders(headerCountMax: number): void {
    const room = Math.min(headerCountMax, this.nameStart.length * 2)
    this.nameStart = grown(this.nameStart, room)
    this.nameEnd = grown(this.nameEnd, room)
    this.valueStart = grown(this.valueStart, room)
    this.valueEnd = grown(this.valueEnd, room)
  }

  /** Moves the header ranges by `offset`, after their bytes were moved. For the parser. */
  shiftHeaders(offset: number): void {
    const { nameStart, nameEnd, valueStart, valueEnd } = this
    for (let index = 0; index < this.headerCount; index += 1) {
      nameStart[index]! += offset
      nameEnd[index]! += offset
      valueStart[index]! += offset
      valueEnd[index]! += offset
    }
    this.headersStart += offset
    this.headersEnd += offset
  }

  private findByText(name: string): number {
    for (let index = 0; index < this.headerCount; index += 1) {
      if (this.text(this.nameStart[index]!, this.nameEnd[index]!) === name) return index
    }
    return -1
  }

  private text(start: number, end: number): string {
    const raw = this.bytes.toString('utf8', start, end)
    return this.hasEscapes ? unescapeValue(raw, this.escapesVersion) : raw
  }
}

function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length)
  larger.set(array)
  return larger
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 127) return false
  }
  return true
}

// Finds the ends of STOMP frames in a byte stream, whatever way the stream was cut. It builds no
// object per frame: the facts of the frame found last stand in fields, and bodies are skipped by
// their content-length. It never validates more of a frame than it needs to find its end.
// Invariant: between calls every byte fed is either handed out, in the carry, or still in the
// chunk.

const lineFeed = 10
const carriageReturn = 13
const colon = 58
const letterA = 97
const letterC = 99
const letterD = 100

/** First byte of each command that matters here; enough to tell them apart on either side. */
export const command = {
  ack: 65, // ACK
  connect: 67, // CONNECT and CONNECTED
  disconnect: 68, // DISCONNECT
  error: 69, // ERROR
  message: 77, // MESSAGE
  receipt: 82, // RECEIPT
  send: 83, // SEND, STOMP, SUBSCRIBE; told apart by `commandBytes`
  unsubscribe: 85
} as const

/** The most bytes one frame may have unless the caller says otherwise. */
export const frameBytesMaxDefault = 16 * 1024 * 1024

// At least this much is appended to the carry at a time when the frame's length is not yet known.
const carryStepBytes = 4096
const contentLengthName = Buffer.from('content-length:')
const destinationName = Buffer.from('destination:')

/**
 * Pulls frames out of chunks: `feed` one chunk, then call `next` until it answers false. The
 * positions refer to `bytes` and are good until the next call of either.
 */
export class FrameScanner {
  /** Where the current frame lies: the chunk, or the carry of a frame that was cut. */
  bytes: Buffer
  /** First byte of the command; see `command`. */
  commandByte = 0
  /** Length of the command word. */
  commandBytes = 0
  /** Position of the frame's first byte. */
  start = 0
  /** Position of the first header line. */
  headersStart = 0
  /** Position of the body's first byte. */
  bodyStart = 0
  /** Position of the frame's final NUL, which is also the end of the body. */
  bodyEnd = 0
  /** Value of the first `ack` header; both 0 when there is none. */
  ackStart = 0
  ackEnd = 0
  /** Value of the first `destination` header; both 0 when there is none. */
  destinationStart = 0
  destinationEnd = 0

  private chunk: Buffer
  private position = 0
  private chunkEnd = 0
  private carry: Buffer
  private carryLength = 0
  private frameBytesKnown = 0
  private readonly frameBytesMax: number

  constructor(frameBytesMax = frameBytesMaxDefault) {
    this.frameBytesMax = frameBytesMax
    this.carry = Buffer.alloc(carryStepBytes * 2)
    this.chunk = this.carry
    this.bytes = this.carry
  }

  /** Takes the next `length` bytes of the stream. The chunk before must be used up. */
  feed(chunk: Buffer, length = chunk.length): void {
    if (this.position < this.chunkEnd) throw new Error('feed: call next() until it answers false')
    this.chunk = chunk
    this.position = 0
    this.chunkEnd = length
  }

  /**
   * Moves to the next whole frame. False when the chunk holds no further one: what is left was
   * copied, so the chunk's memory is the caller's again.
   * @throws Error for a frame over the limit, a bad content-length or a body not ended by NUL
   */
  next(): boolean {
    if (this.carryLength > 0) return this.nextFromCarry()
    const { chunk, chunkEnd } = this
    let at = this.position
    while (at < chunkEnd && isEndOfLine(chunk[at]!)) at++ // Heart-beats and padding.
    if (at === chunkEnd) {
      this.position = at
      return false
    }
    const end = this.parse(chunk, at, chunkEnd)
    if (end === -1) {
      this.appendToCarry(at, chunkEnd - at)
      this.position = chunkEnd
      return false
    }
    this.position = end
    return true
  }

  private nextFromCarry(): boolean {
    for (;;) {
      const before = this.carryLength
      const wanted =
        this.frameBytesKnown > before
          ? this.frameBytesKnown - before
          : Math.max(carryStepBytes, before)
      const count = Math.min(wanted, this.chunkEnd - this.position)
      if (count === 0) return false
      this.appendToCarry(this.position, count)
      const end = this.parse(this.carry, 0, this.carryLength)
      if (end !== -1) {
        // The carry may hold the start of what follows; that stays in the chunk and is read there.
        this.position += end - before
        this.carryLength = 0
        return true
      }
      this.position += count
    }
  }

  private appendToCarry(from: number, count: number): void {
    const length = this.carryLength + count
    if (length > this.carry.length) {
      const larger = Buffer.alloc(Math.max(length, this.carry.length * 2))
      this.carry.copy(larger, 0, 0, this.carryLength)
      this.carry = larger
    }
    this.chunk.copy(this.carry, this.carryLength, from, from + count)
    this.carryLength = length
  }

  /** Position behind the frame that starts at `start`, or -1 when it does not end before `end`. */
  private parse(bytes: Buffer, start: number, end: number): number {
    this.bytes = bytes
    this.start = start
    this.frameBytesKnown = 0
    const contentLength = this.parseHead(bytes, start, end)
    if (contentLength === -2) return this.incomplete(end - start)
    if (contentLength === -1) {
      const nul = bytes.indexOf(0, this.bodyStart)
      if (nul === -1 || nul >= end) return this.incomplete(end - start)
      this.bodyEnd = nul
      return nul + 1
    }
    const bodyEnd = this.bodyStart + contentLength
    this.bodyEnd = bodyEnd
    if (bodyEnd >= end) {
      this.frameBytesKnown = bodyEnd + 1 - start
      return this.incomplete(this.frameBytesKnown)
    }
    if (bytes[bodyEnd] !== 0) {
      throw new Error(`frame body of content-length ${contentLength} is not followed by NUL`)
    }
    return bodyEnd + 1
  }

  /** Reads command and headers. Answers the content-length, -1 for none, -2 for a cut head. */
  private parseHead(bytes: Buffer, start: number, end: number): number {
    let at = start
    while (at < end && bytes[at] !== lineFeed) at++
    this.commandByte = bytes[start]!
    this.commandBytes = at - start
    if (at > start && bytes[at - 1] === carriageReturn) this.commandBytes--
    this.headersStart = ++at
    this.ackStart = this.ackEnd = this.destinationStart = this.destinationEnd = 0
    let contentLength = -1
    while (at < end) {
      const first = bytes[at]!
      if (first === lineFeed) {
        this.bodyStart = at + 1
        return contentLength
      }
      const lineStart = at
      while (at < end && bytes[at] !== lineFeed) at++
      if (at === end) return -2
      if (first === letterC) {
        if (contentLength === -1) contentLength = contentLengthOf(bytes, lineStart, at)
      } else if (first === letterA) {
        if (this.ackStart === 0) this.markAck(bytes, lineStart, at)
      } else if (first === letterD) {
        if (this.destinationStart === 0) this.markDestination(bytes, lineStart, at)
      } else if (first === carriageReturn && at === lineStart + 1) {
        this.bodyStart = at + 1
        return contentLength
      }
      at++
    }
    return -2
  }

  private markAck(bytes: Buffer, lineStart: number, lineEnd: number): void {
    const isAck =
      bytes[lineStart + 1] === 99 && bytes[lineStart + 2] === 107 && bytes[lineStart + 3] === colon
    if (!isAck) return
    this.ackStart = lineStart + 4
    this.ackEnd = bytes[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd
  }

  private markDestination(bytes: Buffer, lineStart: number, lineEnd: number): void {
    if (!startsWith(bytes, lineStart, lineEnd, destinationName)) return
    this.destinationStart = lineStart + destinationName.length
    this.destinationEnd = bytes[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd
  }

  private incomplete(bytesSoFar: number): -1 {
    if (bytesSoFar > this.frameBytesMax) {
      throw new Error(
        `frame of ${bytesSoFar} bytes or more is over the limit ${this.frameBytesMax}`
      )
    }
    return -1
  }
}

function isEndOfLine(byte: number): boolean {
  return byte === lineFeed || byte === carriageReturn
}

function startsWith(bytes: Buffer, at: number, end: number, name: Buffer): boolean {
  if (end - at < name.length) return false
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false
  return true
}

function contentLengthOf(bytes: Buffer, lineStart: number, lineEnd: number): number {
  if (!startsWith(bytes, lineStart, lineEnd, contentLengthName)) return -1
  let value = 0
  const digitsStart = lineStart + contentLengthName.length
  const digitsEnd = bytes[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd
  for (let at = digitsStart; at < digitsEnd; at++) {
    const digit = bytes[at]! - 48
    if (digit < 0 || digit > 9) value = Number.NaN
    value = value * 10 + digit
  }
  if (digitsStart === digitsEnd || !Number.isSafeInteger(value)) {
    const text = bytes.toString('latin1', digitsStart, digitsEnd)
    throw new Error(`content-length "${text}" is not a whole number of bytes`)
  }
  return value
}

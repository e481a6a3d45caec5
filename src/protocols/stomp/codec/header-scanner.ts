// Reads the command line and the header lines of one frame into a view [STOMP 1.2 Augmented BNF]:
//
//   command EOL  *( name ":" value EOL )  EOL        EOL = [CR] LF
//
// One pass over the bytes that can stop at any byte and go on when more have come; its outcome does
// not depend on where it stopped. It makes no text and keeps no bytes. Which rules a frame follows
// is settled at its command: CONNECT, STOMP and CONNECTED come before a version is agreed on.

import { commandBytesMax, findCommand, mayHaveBody } from './commands.ts'
import type { StompVersion } from './escapes.ts'
import {
  bareCarriageReturnText,
  bodyAnnouncedText,
  commandText,
  contentLengthsText,
  contentLengthText,
  frameBytesText,
  frameStartText,
  headerBytesText,
  headerCountText,
  headerNameText,
  nulInHeadersText,
  undefinedEscapeText
} from './fault-texts.ts'
import type { StompFrameView } from './frame-view.ts'
import type { StompCodecLimits } from './limits.ts'
import { printableBytes } from './printable-bytes.ts'

/** 'complete': the empty line was found. 'malformed': `detail` says why. */
export type ScanOutcome = 'complete' | 'need-more' | 'malformed'

const lineFeed = 10
const carriageReturn = 13
const space = 32
const colon = 58
const backslash = 92
const contentLengthName = 'content-length'
/** No content-length with more digits can be within the limits, or is worth reading on. */
const digitsMax = 15

/** Scans the frames of one connection, one after the other. */
export class HeaderScanner {
  /** Why the last scan answered 'malformed'. */
  detail = ''
  /** Where the body begins, once complete. */
  bodyStart = 0
  /** Bytes of the body, once complete; -1 if only its NUL will tell. */
  bodyBytes = -1

  private readonly frame: StompFrameView
  private readonly limits: StompCodecLimits
  private readonly sectionBytesMax: number
  private version: StompVersion = '1.2'
  private frameStart = 0
  private hasCommand = false
  /** A CR before a LF ends the line with it; otherwise it is the last byte of a value. */
  private stripsCarriageReturn = true
  private refusesBareCarriageReturn = false
  private contentLength = -1
  // The line being read: its start, its first colon and its first CR (-1 for none yet), and the
  // next byte to look at.
  private lineStart = 0
  private colonAt = -1
  private carriageReturnAt = -1
  private at = 0

  constructor(frame: StompFrameView, limits: StompCodecLimits) {
    this.frame = frame
    this.limits = limits
    this.sectionBytesMax = Math.min(limits.headerBytesMax, limits.frameBytesMax)
  }

  /** Starts a frame whose first byte is at `frameStart`; `version` is the session's. */
  begin(frameStart: number, version: StompVersion): void {
    const { frame } = this
    this.version = version
    this.frameStart = frameStart
    this.hasCommand = false
    this.contentLength = -1
    this.colonAt = -1
    this.carriageReturnAt = -1
    frame.headerCount = 0
    frame.hasEscapes = false
    frame.hasEscapesInNames = false
    frame.hasCarriageReturns = false
    frame.hasPadding = false
  }

  /** Follows the bytes of an unfinished frame to another buffer, where it begins at 0. */
  rebase(): void {
    const offset = -this.frameStart
    this.frame.shiftHeaders(offset)
    this.frameStart = 0
    this.bodyStart += offset
    this.lineStart += offset
    this.at += offset
    if (this.colonAt >= 0) this.colonAt += offset
    if (this.carriageReturnAt >= 0) this.carriageReturnAt += offset
  }

  /** Goes on in `bytes`, whose valid part now ends at `end`. */
  scan(bytes: Buffer, end: number): ScanOutcome {
    const sectionEnd = this.frameStart + this.sectionBytesMax
    const stop = Math.min(end, sectionEnd)
    if (!this.hasCommand) {
      const outcome = this.scanCommand(bytes, stop)
      if (outcome === 'malformed') return outcome
    }
    const outcome = this.hasCommand ? this.scanLines(bytes, stop) : 'need-more'
    if (outcome !== 'need-more' || stop < sectionEnd) return outcome
    return this.fail(headerBytesText(this.sectionBytesMax))
  }

  private scanCommand(bytes: Buffer, stop: number): ScanOutcome {
    const { frameStart } = this
    if (frameStart === stop) return 'need-more'
    const firstByte = bytes[frameStart]!
    if (firstByte < 65 || firstByte > 90) {
      return this.fail(frameStartText(firstByte))
    }
    // A command, a CR and a LF at most, so looking again from the start costs nothing.
    const lineStop = Math.min(stop, frameStart + commandBytesMax + 2)
    let at = frameStart
    while (at < lineStop && bytes[at] !== lineFeed) at += 1
    if (at === lineStop) {
      if (at - frameStart < commandBytesMax + 2) return 'need-more'
      return this.fail(commandText(bytes, frameStart, at))
    }
    const endsInCarriageReturn = bytes[at - 1] === carriageReturn
    const command = findCommand(bytes, frameStart, endsInCarriageReturn ? at - 1 : at)
    if (command === undefined) return this.fail(commandText(bytes, frameStart, at))
    this.frame.command = command
    this.frame.headersStart = at + 1
    this.lineStart = at + 1
    this.at = at + 1
    this.hasCommand = true
    this.settleRules(endsInCarriageReturn)
    return 'complete'
  }

  /**
   * [STOMP 1.2 Value Encoding]: no escapes in CONNECT and CONNECTED. STOMP is not named there and
   * clients that send it do escape. 1.2 takes CR LF as an end of line and allows no other CR. In
   * 1.0 and 1.1 a line ends in LF and a CR is data; clients that send CR LF all the same give
   * themselves away at the command line, where a CR can be nothing else.
   */
  private settleRules(endsInCarriageReturn: boolean): void {
    const { command } = this.frame
    let escapesVersion = this.version
    let isConnecting = false
    if (command === 'CONNECT' || command === 'CONNECTED') {
      escapesVersion = '1.0'
      isConnecting = true
    } else if (command === 'STOMP') {
      escapesVersion = '1.2'
      isConnecting = true
    }
    this.frame.escapesVersion = escapesVersion
    const isStrict = !isConnecting && this.version === '1.2'
    this.refusesBareCarriageReturn = isStrict
    this.stripsCarriageReturn = isStrict || isConnecting || endsInCarriageReturn
  }

  private scanLines(bytes: Buffer, stop: number): ScanOutcome {
    let at = this.at
    while (at < stop) {
      const byte = bytes[at]!
      if (byte > carriageReturn && byte !== colon && byte !== backslash) {
        at += 1
        continue
      }
      if (byte === colon) {
        if (this.colonAt < 0) this.colonAt = at
      } else if (byte === lineFeed) {
        const outcome = this.endLine(bytes, at)
        if (outcome !== 'need-more') return outcome
      } else if (byte === backslash) {
        this.frame.hasEscapes = true
        if (this.colonAt < 0) this.frame.hasEscapesInNames = true
      } else if (byte === carriageReturn) {
        this.frame.hasCarriageReturns = true
        if (this.carriageReturnAt < 0) this.carriageReturnAt = at
      } else if (byte === 0) {
        return this.fail(nulInHeadersText)
      }
      at += 1
    }
    this.at = at
    return 'need-more'
  }

  /** Takes the line that ends with the LF at `lineFeedAt`; 'need-more' asks for the next line. */
  private endLine(bytes: Buffer, lineFeedAt: number): ScanOutcome {
    const { frame, lineStart, colonAt, carriageReturnAt } = this
    let end = lineFeedAt
    if (carriageReturnAt >= 0 && bytes[end - 1] === carriageReturn) {
      if (this.stripsCarriageReturn || end - 1 === lineStart) end -= 1
    }
    if (end === lineStart) {
      frame.headersEnd = lineStart
      this.bodyStart = lineFeedAt + 1
      return this.endHeaders(bytes)
    }
    if (colonAt <= lineStart) return this.fail(headerNameText(bytes, lineStart, end))
    if (carriageReturnAt >= 0 && carriageReturnAt < end && this.refusesBareCarriageReturn) {
      return this.fail(bareCarriageReturnText(bytes, lineStart, end))
    }
    if (frame.hasEscapes) {
      const fault = undefinedEscapeText(bytes, lineStart, end, frame.escapesVersion)
      if (fault !== undefined) return this.fail(fault)
    }
    const index = frame.headerCount
    if (index === frame.nameStart.length || index === this.limits.headerCountMax) {
      if (index >= this.limits.headerCountMax) return this.fail(headerCountText(this.limits))
      frame.growHeaders(this.limits.headerCountMax)
    }
    frame.nameStart[index] = lineStart
    frame.nameEnd[index] = colonAt
    frame.valueStart[index] = colonAt + 1
    frame.valueEnd[index] = end
    frame.headerCount = index + 1
    this.lineStart = lineFeedAt + 1
    this.colonAt = -1
    this.carriageReturnAt = -1
    if (colonAt - lineStart === contentLengthName.length && isContentLength(bytes, lineStart)) {
      return this.readContentLength(bytes, colonAt + 1, end)
    }
    return 'need-more'
  }

  private readContentLength(bytes: Buffer, start: number, end: number): ScanOutcome {
    let at = start
    while (at < end && bytes[at] === space) at += 1
    const hasDigit = at < end && isDigit(bytes[at]!)
    while (at < end && bytes[at] === 48) at += 1
    const firstDigit = at // of those that count
    let length = 0
    while (at < end && isDigit(bytes[at]!) && at - firstDigit < digitsMax) {
      length = length * 10 + bytes[at]! - 48
      at += 1
    }
    const isLong = at - firstDigit === digitsMax
    if (!hasDigit || (at < end && !isLong)) {
      return this.fail(contentLengthText(bytes, start, end))
    }
    if (isLong || length > this.limits.frameBytesMax) {
      const what = `content-length ${printableBytes(bytes, start, end)}`
      return this.fail(frameBytesText(what, this.limits))
    }
    if (this.contentLength >= 0 && this.contentLength !== length) {
      return this.fail(contentLengthsText(this.contentLength, length))
    }
    this.contentLength = length
    return 'need-more'
  }

  private endHeaders(bytes: Buffer): ScanOutcome {
    const { frame, contentLength } = this
    const isVersion10 = this.followsVersion10(bytes)
    if (isVersion10) trimPadding(frame, bytes)
    frame.hasContentLength = contentLength >= 0
    this.bodyBytes = contentLength
    // 1.0 lets any frame have a body and has it ignored [STOMP 1.0 SUBSCRIBE].
    if (!isVersion10 && !mayHaveBody(frame.command)) {
      if (contentLength > 0) {
        return this.fail(bodyAnnouncedText(frame.command, contentLength))
      }
      this.bodyBytes = 0
    }
    const frameBytes = this.bodyStart - this.frameStart + Math.max(0, this.bodyBytes) + 1
    if (frameBytes > this.limits.frameBytesMax) {
      return this.fail(frameBytesText(`a frame of ${frameBytes} bytes`, this.limits))
    }
    return 'complete'
  }

  /** Before negotiation the frame tells: only 1.0 connects without naming a version. */
  private followsVersion10(bytes: Buffer): boolean {
    const { frame } = this
    if (frame.command === 'STOMP') return false
    if (frame.command !== 'CONNECT' && frame.command !== 'CONNECTED') return this.version === '1.0'
    frame.bytes = bytes
    return !frame.has(frame.command === 'CONNECT' ? 'accept-version' : 'version')
  }

  private fail(detail: string): ScanOutcome {
    this.detail = detail
    return 'malformed'
  }
}

function isContentLength(bytes: Buffer, start: number): boolean {
  for (let index = 0; index < contentLengthName.length; index += 1) {
    if (bytes[start + index] !== contentLengthName.charCodeAt(index)) return false
  }
  return true
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57
}

/** 1.0 clients and servers pad values as that specification's examples do: `ack: client`. */
function trimPadding(frame: StompFrameView, bytes: Buffer): void {
  for (let index = 0; index < frame.headerCount; index += 1) {
    const end = frame.valueEnd[index]!
    let start = frame.valueStart[index]!
    if (start === end || bytes[start] !== space) continue
    while (start < end && bytes[start] === space) start += 1
    frame.valueStart[index] = start
    frame.hasPadding = true
  }
}

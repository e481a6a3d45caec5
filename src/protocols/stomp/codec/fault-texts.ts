// What the parser says of malformed frames: one sentence that names the field, its value and what
// would be right. Sessions send it to the peer and log it, so bytes of the peer in it are printable
// and few. A stream has one fault at most, so nothing here has to be fast but the escape check.

import { type StompCommand, stompCommands } from './commands.ts'
import { findUndefinedEscape, type StompVersion } from './escapes.ts'
import type { StompCodecLimits } from './limits.ts'
import { printableByte, printableBytes } from './printable-bytes.ts'

export const nulInHeadersText =
  'a NUL byte stands in the header section; end it with an empty line before the body'

export const loneCarriageReturnText =
  'a CR without a LF stands between frames; end lines with LF or CR LF'

/** For a byte between frames that is neither an end of line nor a capital letter. */
export function frameStartText(byte: number): string {
  return `byte ${printableByte(byte)} stands where a command must begin`
}

/** For the command line at `bytes[start…end)`. */
export function commandText(bytes: Buffer, start: number, end: number): string {
  const line = printableBytes(bytes, start, end)
  return `${line} is no command; use one of ${stompCommands.join(', ')}`
}

/** For the header line at `bytes[start…end)`, which has no colon or nothing before it. */
export function headerNameText(bytes: Buffer, start: number, end: number): string {
  const why = bytes[start] === 58 ? 'an empty name' : 'no colon'
  return `header line ${printableBytes(bytes, start, end)} has ${why}; send name:value`
}

/** For the 1.2 header line at `bytes[start…end)`, which holds a CR that does not end it. */
export function bareCarriageReturnText(bytes: Buffer, start: number, end: number): string {
  return `header ${printableBytes(bytes, start, end)} holds a CR; write it as \\r`
}

/** For the header line at `bytes[start…end)`; undefined if all its escapes are defined. */
export function undefinedEscapeText(
  bytes: Buffer,
  start: number,
  end: number,
  version: StompVersion
): string | undefined {
  const at = findUndefinedEscape(bytes, start, end, version)
  if (at < 0) return undefined
  const sequence = printableBytes(bytes, at, Math.min(at + 2, end))
  const known = version === '1.1' ? '\\n, \\c and \\\\' : '\\r, \\n, \\c and \\\\'
  const header = printableBytes(bytes, start, end)
  return `header ${header} holds ${sequence}, no escape of STOMP ${version}; use ${known}`
}

/** For the value of content-length at `bytes[start…end)`. */
export function contentLengthText(bytes: Buffer, start: number, end: number): string {
  const value = printableBytes(bytes, start, end)
  return `content-length ${value} is not a number of bytes; send the length of the body in digits`
}

export function contentLengthsText(first: number, second: number): string {
  return `content-length is given as ${first} and as ${second}; send it once`
}

export function headerCountText(limits: StompCodecLimits): string {
  const limit = limits.headerCountMax
  return `the frame has more headers than the limit of ${limit}; send fewer or raise headerCountMax`
}

/** @param limit headerBytesMax, or what else bounds the section */
export function headerBytesText(limit: number): string {
  return (
    `the header section is longer than the limit of ${limit} bytes;` +
    ' send fewer or shorter headers, or raise headerBytesMax'
  )
}

/** @param what what is too large; opens the sentence */
export function frameBytesText(what: string, limits: StompCodecLimits): string {
  return (
    `${what} is over the limit of ${limits.frameBytesMax} bytes a frame;` +
    ' send smaller frames, or raise frameBytesMax'
  )
}

/** For a content-length over 0 where there may be no body. */
export function bodyAnnouncedText(command: StompCommand, contentLength: number): string {
  return (
    `frame ${command} has content-length ${contentLength},` +
    ' but only SEND, MESSAGE and ERROR may have a body'
  )
}

/** For the first byte of a body where there may be none. */
export function bodyText(command: StompCommand, byte: number): string {
  return (
    `frame ${command} has a body that begins with byte ${printableByte(byte)},` +
    ' but only SEND, MESSAGE and ERROR may have one'
  )
}

/** For the byte that stands where the NUL should, after `contentLength` bytes of body. */
export function bodyEndText(command: StompCommand, contentLength: number, byte: number): string {
  return (
    `byte ${printableByte(byte)} stands where NUL must end frame ${command};` +
    ` content-length ${contentLength} is not the length of its body`
  )
}

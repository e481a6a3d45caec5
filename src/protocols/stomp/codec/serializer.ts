// Writes frames [STOMP 1.2 STOMP Frames]. What it writes, a parser of the same version reads back;
// what it could not read back is refused here, where the blame is clear. Sessions that forward
// messages write headers they already have in bytes themselves; this is for all other frames.

import { PostroadError } from '../../../base/index.ts'
import { mayHaveBody, type StompCommand } from './commands.ts'
import { escapeValue, type StompVersion } from './escapes.ts'

/** What a frame may have besides its headers. */
export interface EncodeFrameOptions {
  /** Opaque bytes, or text to be sent as UTF-8. Only SEND, MESSAGE and ERROR may have one. */
  readonly body?: Buffer | string
  /**
   * The session's version; 1.2 if left out. CONNECT, STOMP and CONNECTED come before it is known.
   */
  readonly version?: StompVersion
}

/**
 * One frame in bytes, ready to be sent. Frames that may have a body get a content-length, an empty
 * body too; a content-length among `headers` is left out, so that it cannot be wrong.
 * @throws PostroadError LOCAL_FRAME_INVALID for a header that cannot be written in that version, or
 * a body where there may be none
 */
export function encodeFrame(
  command: StompCommand,
  headers: Iterable<readonly [string, string]>,
  options: EncodeFrameOptions = {}
): Buffer {
  const { body } = options
  const isConnecting = command === 'CONNECT' || command === 'CONNECTED'
  const version = escapesVersionOf(command, options.version ?? '1.2')
  let head = `${command}\n`
  for (const [name, value] of headers) {
    if (name === 'content-length') continue
    checkHeader(name, value, version)
    if (isConnecting) checkConnectHeader(name, value)
    head += `${escapeValue(name, version)}:${escapeValue(value, version)}\n`
  }
  const bodyBytes = body === undefined ? 0 : Buffer.byteLength(body)
  if (mayHaveBody(command)) head += `content-length:${bodyBytes}\n`
  else if (bodyBytes > 0) throw bodyRefused(command, bodyBytes)
  head += '\n'

  const headBytes = Buffer.byteLength(head)
  const frame = Buffer.allocUnsafe(headBytes + bodyBytes + 1)
  frame.write(head, 0)
  if (typeof body === 'string') frame.write(body, headBytes)
  else if (body !== undefined) body.copy(frame, headBytes)
  frame[headBytes + bodyBytes] = 0
  return frame
}

/** [STOMP 1.2 Value Encoding]: no escapes while connecting, but STOMP frames are not excepted. */
function escapesVersionOf(command: StompCommand, version: StompVersion): StompVersion {
  if (command === 'CONNECT' || command === 'CONNECTED') return '1.0'
  return command === 'STOMP' ? '1.2' : version
}

function checkHeader(name: string, value: string, version: StompVersion): void {
  if (name === '') throw headerRefused(name, value, 'has no name')
  // The grammar lets a NUL stand in a header, but peers that know no better end the frame there.
  if (name.includes('\0') || value.includes('\0')) {
    throw headerRefused(name, value, 'holds a NUL; send such bytes in the body')
  }
  if (version !== '1.0') return
  if (name.includes('\n') || value.includes('\n')) {
    throw headerRefused(name, value, 'holds a LF, for which there is no escape here')
  }
  if (name.includes(':')) {
    throw headerRefused(name, value, 'has a colon in its name, for which there is no escape here')
  }
}

/** A peer of any version has to read it, and 1.2 takes a CR for a part of the line's end. */
function checkConnectHeader(name: string, value: string): void {
  if (name.includes('\r') || value.includes('\r')) {
    throw headerRefused(name, value, 'holds a CR, for which there is no escape here')
  }
}

function headerRefused(name: string, value: string, why: string): PostroadError {
  const shownName = JSON.stringify(name.slice(0, 100))
  const shownValue = JSON.stringify(value.slice(0, 100))
  return new PostroadError(
    'LOCAL_FRAME_INVALID',
    `header ${shownName} with value ${shownValue} ${why}`,
    { name: name.slice(0, 100) }
  )
}

function bodyRefused(command: StompCommand, bodyBytes: number): PostroadError {
  return new PostroadError(
    'LOCAL_FRAME_INVALID',
    `frame ${command} has a body of ${bodyBytes} bytes, but only SEND, MESSAGE and ERROR may`,
    { command, bodyBytes }
  )
}

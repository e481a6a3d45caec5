// Feeds a stream to a parser and writes down what comes out, in plain values that compare deeply.

import {
  defaultStompCodecLimits,
  type StompCodecLimits,
  StompParser,
  type StompVersion
} from '../../../../src/protocols/stomp/codec/index.ts'

export interface ReadFrame {
  readonly command: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
  readonly headerLines: string
  readonly flags: string
}

export interface ReadStream {
  readonly frames: readonly ReadFrame[]
  readonly end: 'need-more' | 'malformed'
  readonly detail: string | undefined
  readonly bytesHeld: number
}

/** Limits small enough for tests to reach. */
export const smallLimits: StompCodecLimits = {
  frameBytesMax: 300,
  headerCountMax: 5,
  headerBytesMax: 150
}

/** Pushes `chunks` one by one, pulling all frames after each, and records them. */
export function readStream(
  chunks: Iterable<Buffer>,
  version: StompVersion = '1.2',
  limits: StompCodecLimits = defaultStompCodecLimits
): ReadStream {
  const parser = new StompParser(limits, version)
  const frames: ReadFrame[] = []
  let end: ReadStream['end'] = 'need-more'
  for (const chunk of chunks) {
    parser.push(chunk)
    let outcome = parser.next()
    for (; outcome === 'frame'; outcome = parser.next()) frames.push(recordFrame(parser))
    end = outcome
  }
  return { frames, end, detail: parser.fault?.detail, bytesHeld: parser.bytesHeld }
}

/** What the parser's view shows, copied. */
export function recordFrame(parser: StompParser): ReadFrame {
  const { frame } = parser
  const flags = [
    frame.hasEscapes ? 'escapes' : '',
    frame.hasCarriageReturns ? 'carriage-returns' : '',
    frame.hasPadding ? 'padding' : '',
    frame.hasContentLength ? 'content-length' : ''
  ]
  return {
    command: frame.command,
    headers: frame.entries(),
    body: frame.bytes.toString('latin1', frame.bodyStart, frame.bodyEnd),
    headerLines: frame.bytes.toString('latin1', frame.headersStart, frame.headersEnd),
    flags: flags.filter((flag) => flag !== '').join(' ')
  }
}

/** The stream cut at the given offsets, in any order. */
export function cutAt(stream: Buffer, offsets: readonly number[]): Buffer[] {
  const sorted = [...offsets].map((offset) => offset % (stream.length + 1)).sort((a, b) => a - b)
  const chunks: Buffer[] = []
  let from = 0
  for (const offset of [...sorted, stream.length]) {
    chunks.push(stream.subarray(from, offset))
    from = offset
  }
  return chunks
}

export function byteByByte(stream: Buffer): Buffer[] {
  return Array.from(stream, (byte) => Buffer.from([byte]))
}

import test from 'ava'
import {
  type StompCodecLimits,
  type StompVersion,
  stompVersions
} from '../../../../src/protocols/stomp/codec/index.ts'
import { byteByByte, readStream, smallLimits } from './read-stream.ts'

interface Malformed {
  readonly what: string
  readonly bytes: string
  /** What the fault has to say. */
  readonly detail: RegExp
  readonly versions?: readonly StompVersion[]
  readonly limits?: StompCodecLimits
}

const newer: readonly StompVersion[] = ['1.1', '1.2']

const table: readonly Malformed[] = [
  {
    what: 'an unknown command [STOMP 1.2 Augmented BNF]',
    bytes: 'PUBLISH\n\n\0',
    detail: /^"PUBLISH" is no command; use one of CONNECT, /
  },
  { what: 'a command in small letters', bytes: 'SENd\n\n\0', detail: /"SENd" is no command/ },
  { what: 'a command with a space', bytes: 'SEND \n\n\0', detail: /"SEND " is no command/ },
  { what: 'an HTTP request', bytes: 'GET / HTTP/1.1\r\n', detail: /"GET \/ HTTP\/1\." is no comm/ },
  { what: 'a TLS hello', bytes: '\x16\x03\x01', detail: /^byte \\x16 stands where a command must/ },
  { what: 'a command line without end', bytes: 'UNSUBSCRIBEXY', detail: /"UNSUBSCRIBEXY" is no/ },
  { what: 'a NUL between frames', bytes: 'BEGIN\n\n\0\0', detail: /^byte \\x00 stands where/ },
  { what: 'text between frames', bytes: 'BEGIN\n\n\0\nxBEGIN\n\n\0', detail: /^byte \\x78 stands/ },
  { what: 'a space between frames', bytes: 'BEGIN\n\n\0 \nBEGIN', detail: /^byte \\x20 stands/ },
  {
    what: 'a CR without LF between frames',
    bytes: '\n\rBEGIN\n\n\0',
    detail: /^a CR without a LF/
  },
  {
    what: 'two CRs in one heart-beat',
    bytes: '\r\r\n',
    detail: /^a CR without a LF stands between frames/
  },
  { what: 'a header without colon', bytes: 'SEND\noops\n\n\0', detail: /line "oops" has no colon/ },
  { what: 'a header line of spaces', bytes: 'SEND\n  \n\0', detail: /line " {2}" has no colon/ },
  {
    what: 'an empty header name [STOMP 1.2 Augmented BNF]',
    bytes: 'SEND\n:value\n\n\0',
    detail: /line ":value" has an empty name/
  },
  {
    what: 'a NUL in a header value',
    bytes: 'SEND\ndestination:a\0',
    detail: /^a NUL byte stands in the header section; end it with an empty line/
  },
  {
    what: 'a NUL in a header name',
    bytes: 'SEND\nde\0',
    detail: /^a NUL byte stands in the header/
  },
  {
    what: 'the escape \\t [STOMP 1.2 Value Encoding]',
    bytes: 'SEND\na:b\\tc\n\n\0',
    detail: /header "a:b\\tc" holds "\\t", no escape of STOMP 1\.[12]; use /,
    versions: newer
  },
  {
    what: 'the escape \\r in 1.1 [STOMP 1.1 Value Encoding]',
    bytes: 'SEND\na:b\\r\n\n\0',
    detail: /holds "\\r", no escape of STOMP 1\.1; use \\n, \\c and \\\\$/,
    versions: ['1.1']
  },
  {
    what: 'an undefined escape in a header name',
    bytes: 'SEND\na\\x:b\n\n\0',
    detail: /holds "\\x"/,
    versions: newer
  },
  {
    what: 'a backslash at the end of a value',
    bytes: 'SEND\na:b\\\n\n\0',
    detail: /holds "\\", no escape/,
    versions: newer
  },
  {
    what: 'a backslash at the end of a name',
    bytes: 'SEND\na\\:b\n\n\0',
    detail: /holds "\\:", no escape/,
    versions: newer
  },
  {
    what: 'an undefined escape in a STOMP frame',
    bytes: 'STOMP\npasscode:\\x\n\n\0',
    detail: /holds "\\x", no escape of STOMP 1\.2/
  },
  {
    what: 'a bare CR in a 1.2 header [STOMP 1.2 Augmented BNF]',
    bytes: 'SEND\na:b\rc\r\n\r\n\0',
    detail: /header "a:b\\x0dc" holds a CR; write it as \\r$/,
    versions: ['1.2']
  },
  {
    what: 'two CRs before a LF in 1.2',
    bytes: 'SEND\na:b\r\r\n\n\0',
    detail: /holds a CR/,
    versions: ['1.2']
  },
  {
    what: 'a content-length that is no number',
    bytes: 'SEND\ncontent-length:ten\n\n\0',
    detail: /^content-length "ten" is not a number of bytes; send /
  },
  {
    what: 'an empty content-length',
    bytes: 'SEND\ncontent-length:\n\n\0',
    detail: /"" is not a num/
  },
  {
    what: 'a negative content-length',
    bytes: 'SEND\ncontent-length:-1\n\n\0',
    detail: /^content-length "-1" is not a number/
  },
  {
    what: 'a content-length with a sign',
    bytes: 'SEND\ncontent-length:+1\n\nx\0',
    detail: /"\+1" is not a number/
  },
  {
    what: 'a content-length with a unit',
    bytes: 'SEND\ncontent-length:1k\n\nx\0',
    detail: /"1k" is not a number/
  },
  {
    what: 'a fractional content-length',
    bytes: 'SEND\ncontent-length:1.0\n\nx\0',
    detail: /"1\.0" is not a number/
  },
  {
    what: 'a content-length over the limit [STOMP 1.2 Size Limits]',
    bytes: 'SEND\ncontent-length:301\n',
    detail: /^content-length "301" is over the limit of 300 bytes a frame; .*frameBytesMax$/,
    limits: smallLimits
  },
  {
    what: 'a content-length of more digits than numbers hold',
    bytes: 'SEND\ncontent-length:99999999999999999999999\n',
    detail: /^content-length "99999999999999999999999" is over the limit/
  },
  {
    what: 'a content-length that brings the frame over the limit',
    bytes: 'SEND\ncontent-length:290\n\n',
    detail: /^a frame of 316 bytes is over the limit of 300 bytes a frame/,
    limits: smallLimits
  },
  {
    what: 'two different content-lengths',
    bytes: 'SEND\ncontent-length:1\ncontent-length:2\n\n',
    detail: /^content-length is given as 1 and as 2; send it once$/
  },
  {
    what: 'a content-length that is too short [STOMP 1.2 Header content-length]',
    bytes: 'SEND\ncontent-length:2\n\nabc\0',
    detail: /^byte \\x63 stands where NUL must end frame SEND; content-length 2 is not the length/
  },
  {
    what: 'a body on SUBSCRIBE [STOMP 1.2 Body]',
    bytes: 'SUBSCRIBE\nid:1\n\nbody\0',
    detail: /^frame SUBSCRIBE has a body that begins with byte \\x62, but only SEND, MESSAGE and/,
    versions: newer
  },
  {
    what: 'a content-length on ACK [STOMP 1.2 Body]',
    bytes: 'ACK\ncontent-length:4\n\nbody\0',
    detail: /^frame ACK has content-length 4, but only SEND, MESSAGE and ERROR may/,
    versions: newer
  },
  {
    what: 'a body on CONNECT from 1.1 on',
    bytes: 'CONNECT\naccept-version:1.1\n\nx\0',
    detail: /^frame CONNECT has a body/
  },
  {
    what: 'too many headers [STOMP 1.2 Size Limits]',
    bytes: 'SEND\na:1\nb:2\nc:3\nd:4\ne:5\nf:6\n\n\0',
    detail: /^the frame has more headers than the limit of 5; .*headerCountMax$/,
    limits: smallLimits
  },
  {
    what: 'a header section that is too long',
    bytes: `SEND\na:${'x'.repeat(60)}\nb:${'x'.repeat(79)}\n\n\0`,
    detail: /^the header section is longer than the limit of 150 bytes; .*headerBytesMax$/,
    limits: smallLimits
  },
  {
    what: 'a header line without end',
    bytes: `SEND\na:${'x'.repeat(143)}`,
    detail: /^the header section is longer than the limit of 150 bytes/,
    limits: smallLimits
  },
  {
    what: 'a frame without content-length that is too long',
    bytes: `SEND\n\n${'x'.repeat(294)}`,
    detail: /^a frame without content-length is over the limit of 300 bytes/,
    limits: smallLimits
  },
  {
    what: 'a frame without content-length whose NUL comes one byte late',
    bytes: `SEND\n\n${'x'.repeat(294)}\0`,
    detail: /^a frame without content-length is over the limit of 300 bytes/,
    limits: smallLimits
  },
  {
    what: 'a header section longer than a whole frame may be',
    bytes: 'SEND\na:bcdefghij\n',
    detail: /^the header section is longer than the limit of 10 bytes/,
    limits: { frameBytesMax: 10, headerBytesMax: 100, headerCountMax: 5 }
  }
]

for (const { what, bytes, detail, versions = stompVersions, limits } of table) {
  test(`refuses ${what}`, (t) => {
    const stream = Buffer.from(bytes, 'latin1')
    for (const version of versions) {
      const whole = readStream([stream], version, limits)
      t.is(whole.end, 'malformed', version)
      t.regex(whole.detail ?? '', detail)
      t.is(whole.bytesHeld, 0)
      t.deepEqual(readStream(byteByByte(stream), version, limits), whole)
      for (const fault of faultsBehindAFrame(stream, version, limits)) {
        t.is(fault, whole.detail)
      }
    }
  })
}

/** The faults of the stream sent behind a good frame and cut in two, at each byte in turn. */
function faultsBehindAFrame(
  stream: Buffer,
  version: StompVersion,
  limits: StompCodecLimits | undefined
): Set<string | undefined> {
  const whole = Buffer.concat([Buffer.from('ACK\n\n\0'), stream])
  const faults = new Set<string | undefined>()
  for (let at = 0; at <= whole.length; at += 1) {
    faults.add(readStream([whole.subarray(0, at), whole.subarray(at)], version, limits).detail)
  }
  return faults
}

test('a fault shows at most 100 bytes of what it refuses, all printable', (t) => {
  const { detail } = readStream([Buffer.from(`SEND\n${'\x07é\x7f'.repeat(60)}\n\n\0`, 'utf8')])
  t.regex(detail ?? '', /^header line "(\\x07\\xc3\\xa9\\x7f){25}…" has no colon/)
})

test('bytes that are no UTF-8 are not refused here', (t) => {
  const stream = Buffer.from('SEND\na\xff:\xfe\n\n\xff\0', 'latin1')
  t.deepEqual(readStream([stream]).frames[0]?.headers, [['a\ufffd', '\ufffd']])
})

test('what a newer version refuses in a header, 1.0 takes for data', (t) => {
  const { frames } = readStream([Buffer.from('SEND\na:\\t\\r\\\n\n\0')], '1.0')
  t.deepEqual(frames[0]?.headers, [['a', '\\t\\r\\']])
})

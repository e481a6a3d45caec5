import test from 'ava'
import {
  defaultStompCodecLimits,
  StompParser,
  stompCommands
} from '../../../../src/protocols/stomp/codec/index.ts'
import { byteByByte, readStream, recordFrame, smallLimits } from './read-stream.ts'

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8')

test('reads a 1.2 SEND frame by content-length, NUL bytes in the body [STOMP 1.2 Body]', (t) => {
  const stream = bytes('SEND\ndestination:/queue/a\ncontent-length:5\n\na\0b\0c\0')
  const { frames, end, bytesHeld } = readStream([stream])
  t.deepEqual(frames, [
    {
      command: 'SEND',
      headers: [
        ['destination', '/queue/a'],
        ['content-length', '5']
      ],
      body: 'a\0b\0c',
      headerLines: 'destination:/queue/a\ncontent-length:5\n',
      flags: 'content-length'
    }
  ])
  t.is(end, 'need-more')
  t.is(bytesHeld, 0)
})

test('a body without content-length ends at the first NUL [STOMP 1.2 content-length]', (t) => {
  const { frames } = readStream([bytes('SEND\n\nhello\0MESSAGE\n\n\0')])
  t.deepEqual(
    frames.map(({ command, body }) => [command, body]),
    [
      ['SEND', 'hello'],
      ['MESSAGE', '']
    ]
  )
})

test('reads every command of every version [STOMP 1.2 Augmented BNF]', (t) => {
  const stream = bytes(stompCommands.map((command) => `${command}\nx:y\n\n\0\n`).join(''))
  for (const version of ['1.0', '1.1', '1.2'] as const) {
    const { frames } = readStream([stream], version)
    t.deepEqual(
      frames.map(({ command }) => command),
      [...stompCommands]
    )
  }
})

test('skips LF and CR LF between frames and before the first [STOMP 1.2 Heart-beating]', (t) => {
  const { frames, end } = readStream([bytes('\n\r\n\nBEGIN\n\n\0\r\n\n'), bytes('\r'), bytes('\n')])
  t.is(frames.length, 1)
  t.is(end, 'need-more')
})

test('decodes \\r \\n \\c \\\\ in names and values of 1.2 [STOMP 1.2 Value Encoding]', (t) => {
  const { frames } = readStream([bytes('SEND\na\\cb\\n:\\\\n\\r\\c\n\n\0')])
  t.deepEqual(frames[0]?.headers, [['a:b\n', '\\n\r:']])
  t.is(frames[0]?.flags, 'escapes')
})

test('decodes \\n \\c \\\\ in 1.1 [STOMP 1.1 Value Encoding]', (t) => {
  const { frames } = readStream([bytes('SEND\na\\c:\\n\\\\\n\n\0')], '1.1')
  t.deepEqual(frames[0]?.headers, [['a:', '\n\\']])
})

test('a backslash stands for itself in 1.0, which knows no escapes', (t) => {
  const { frames } = readStream([bytes('SEND\npath:C:\\new\\t\n\n\0')], '1.0')
  t.deepEqual(frames[0]?.headers, [['path', 'C:\\new\\t']])
  t.is(frames[0]?.flags, 'escapes')
})

test('CONNECT and CONNECTED have no escapes in any version [STOMP 1.2 Value Encoding]', (t) => {
  const stream = bytes(
    'CONNECT\naccept-version:1.2\npasscode:a\\tb\\n:c\n\n\0' +
      'CONNECTED\nversion:1.2\nserver:x\\c\n\n\0'
  )
  for (const version of ['1.0', '1.1', '1.2'] as const) {
    const { frames } = readStream([stream], version)
    t.deepEqual(frames[0]?.headers[1], ['passcode', 'a\\tb\\n:c'])
    t.deepEqual(frames[1]?.headers[1], ['server', 'x\\c'])
  }
})

test('a STOMP frame has escapes, whatever the version so far [STOMP 1.2 Value Encoding]', (t) => {
  const { frames } = readStream([bytes('STOMP\npasscode:a\\cb\\r\n\n\0')], '1.0')
  t.deepEqual(frames[0]?.headers, [['passcode', 'a:b\r']])
})

test('a colon may stand unescaped in a value, as many clients send it', (t) => {
  const { frames } = readStream([bytes('SEND\nat:12:30:00\nurl:http://x\n\n\0')])
  t.deepEqual(frames[0]?.headers, [
    ['at', '12:30:00'],
    ['url', 'http://x']
  ])
})

test('never trims spaces of 1.1 and 1.2 headers [STOMP 1.2 Value Encoding]', (t) => {
  for (const version of ['1.1', '1.2'] as const) {
    const { frames } = readStream([bytes('SEND\n a : b \n\n\0')], version)
    t.deepEqual(frames[0]?.headers, [[' a ', ' b ']])
    t.is(frames[0]?.flags, '')
  }
})

test('strips the leading spaces that 1.0 peers pad values with [STOMP 1.0 SUBSCRIBE]', (t) => {
  const stream = bytes('SUBSCRIBE\ndestination: /queue/foo\nack:   client \nempty:  \n\n\0')
  const { frames } = readStream([stream], '1.0')
  t.deepEqual(frames[0]?.headers, [
    ['destination', '/queue/foo'],
    ['ack', 'client '],
    ['empty', '']
  ])
  t.is(frames[0]?.flags, 'padding')
})

test('CONNECT and CONNECTED that name no version are padded as in 1.0', (t) => {
  const stream = 'CONNECT\nlogin: me\npasscode:x\n\n\0CONNECTED\nsession: 7\n\n\0'
  const { frames } = readStream([bytes(stream)], '1.2')
  t.deepEqual(frames[0]?.headers[0], ['login', 'me'])
  t.deepEqual(frames[1]?.headers, [['session', '7']])
  const newer = readStream([bytes('CONNECT\naccept-version:1.0,1.2\npasscode: x\n\n\0')])
  t.deepEqual(newer.frames[0]?.headers[1], ['passcode', ' x'])
})

test('lines of 1.2 end in LF or CR LF, mixed as they come [STOMP 1.2 Augmented BNF]', (t) => {
  const { frames } = readStream([bytes('SEND\r\na:b\nc:d\r\ncontent-length:1\r\n\r\n\r\0')])
  t.deepEqual(frames[0]?.headers, [
    ['a', 'b'],
    ['c', 'd'],
    ['content-length', '1']
  ])
  t.is(frames[0]?.body, '\r')
  t.is(frames[0]?.headerLines, 'a:b\nc:d\r\ncontent-length:1\r\n')
  t.is(frames[0]?.flags, 'carriage-returns content-length')
})

test('in 1.0 and 1.1 a CR is data if the command line ends in LF [STOMP 1.1 BNF]', (t) => {
  for (const version of ['1.0', '1.1'] as const) {
    const { frames } = readStream([bytes('SEND\na:b\r\nc\rd:\r\re\n\n\0')], version)
    t.deepEqual(frames[0]?.headers, [
      ['a', 'b\r'],
      ['c\rd', '\r\re']
    ])
  }
})

test('in 1.0 and 1.1 a CR ends lines when it ended the command line, as real clients do', (t) => {
  for (const version of ['1.0', '1.1'] as const) {
    const { frames } = readStream([bytes('SEND\r\na:b\r\nc:d\re\r\n\r\n\0')], version)
    t.deepEqual(frames[0]?.headers, [
      ['a', 'b'],
      ['c', 'd\re']
    ])
  }
})

test('a CR before the LF of the empty line is tolerated in every version', (t) => {
  for (const version of ['1.0', '1.1', '1.2'] as const) {
    t.is(readStream([bytes('SEND\na:b\n\r\nbody\0')], version).frames[0]?.body, 'body')
  }
})

test('a CR ends lines of connecting frames in every version', (t) => {
  const stream = bytes('CONNECT\naccept-version:1.1\r\nlogin:me\r\n\r\n\0')
  const { frames } = readStream([stream], '1.1')
  t.deepEqual(frames[0]?.headers, [
    ['accept-version', '1.1'],
    ['login', 'me']
  ])
})

test('a frame of 1.0 may have a body whatever its command [STOMP 1.0 SUBSCRIBE]', (t) => {
  const { frames } = readStream([bytes('SUBSCRIBE\ndestination:a\n\nignored\0')], '1.0')
  t.is(frames[0]?.body, 'ignored')
  t.is(readStream([bytes('CONNECT\nlogin:me\n\n\n\0')]).frames[0]?.body, '\n')
})

test('a content-length of 0 is welcome on frames without a body', (t) => {
  t.is(readStream([bytes('BEGIN\ntransaction:1\ncontent-length:0\n\n\0')]).frames.length, 1)
})

test('a content-length that is repeated alike, padded or has leading zeros is understood', (t) => {
  const stream = bytes('SEND\ncontent-length: 2\ncontent-length:00000000000000000002\n\na\0\0')
  t.is(readStream([stream]).frames[0]?.body, 'a\0')
})

test('the version set between two pulls holds from the next frame on', (t) => {
  const parser = new StompParser(defaultStompCodecLimits, '1.2')
  parser.push(bytes('CONNECT\naccept-version:1.0\n\n\0SEND\np: C:\\t\n\n\0'))
  t.is(parser.next(), 'frame')
  parser.version = '1.0'
  t.is(parser.next(), 'frame')
  t.is(parser.frame.get('p'), 'C:\\t')
})

test('a caller may stop between frames, push more, and go on later', (t) => {
  const parser = new StompParser(defaultStompCodecLimits)
  const stream = bytes('SEND\nn:1\n\none\0SEND\nn:2\n\ntwo\0SEND\nn:3\n\nthree\0')
  parser.push(stream.subarray(0, 20))
  t.is(parser.next(), 'frame')
  t.is(parser.frame.get('n'), '1')
  parser.push(stream.subarray(20, 33))
  parser.push(Buffer.alloc(0))
  parser.push(stream.subarray(33))
  t.is(parser.bytesHeld, stream.length - 14)
  t.is(parser.next(), 'frame')
  t.is(parser.frame.bodyText(), 'two')
  t.is(parser.next(), 'frame')
  t.is(parser.frame.bodyText(), 'three')
  t.is(parser.next(), 'need-more')
  t.is(parser.bytesHeld, 0)
})

test('a frame within one chunk is ranges of that chunk, not a copy', (t) => {
  const parser = new StompParser(defaultStompCodecLimits)
  const chunk = bytes('\nSEND\na:b\n\nbody\0')
  parser.push(chunk)
  parser.next()
  t.is(parser.frame.bytes, chunk)
  t.is(parser.frame.bodyStart, 11)
  t.is(parser.next(), 'need-more')
  t.not(parser.frame.bytes, chunk, 'an idle parser keeps no chunk alive')
})

test('bytes handed out stay as they are while later frames are read', (t) => {
  const parser = new StompParser(defaultStompCodecLimits)
  const kept: Buffer[] = []
  for (const chunk of cutEvery(bytes('SEND\n\nfirst\0SEND\n\nsecond\0SEND\n\nthird\0'), 5)) {
    parser.push(chunk)
    while (parser.next() === 'frame') {
      kept.push(parser.frame.bytes.subarray(parser.frame.bodyStart, parser.frame.bodyEnd))
    }
  }
  t.deepEqual(kept.map(String), ['first', 'second', 'third'])
})

test('a chunk is never written to', (t) => {
  const chunks = cutEvery(bytes('SEND\na:b\n\nbody\0SEND\nc\\c:d\n\nbody\0'), 7)
  const before = chunks.map(String)
  readStream(chunks)
  t.deepEqual(chunks.map(String), before)
})

test('a frame at each limit is accepted', (t) => {
  const headers = 'a:1\nb:2\nc:3\nd:4\n'
  const length = smallLimits.frameBytesMax - `SEND\n${headers}content-length:nnn\n\n\0`.length
  const whole = bytes(`SEND\n${headers}content-length:${length}\n\n${'x'.repeat(length)}\0`)
  t.is(whole.length, smallLimits.frameBytesMax)
  const unannounced = bytes(`SEND\n\n${'x'.repeat(smallLimits.frameBytesMax - 7)}\0`)
  const longHeader = bytes(`SEND\na:${'x'.repeat(smallLimits.headerBytesMax - 9)}\n\n\0`)
  for (const stream of [whole, unannounced, longHeader]) {
    t.is(readStream([stream], '1.2', smallLimits).frames.length, 1)
    t.is(readStream(byteByByte(stream), '1.2', smallLimits).frames.length, 1)
  }
})

test('reads hundreds of headers when the limits allow it', (t) => {
  const lines = Array.from({ length: 700 }, (_, index) => `name-${index}:value-${index}\n`)
  const stream = bytes(`SEND\n${lines.join('')}\nbody\0`)
  for (const chunks of [[stream], cutEvery(stream, 1_000)]) {
    const { frames } = readStream(chunks)
    t.is(frames[0]?.headers.length, 700)
    t.deepEqual(frames[0]?.headers[699], ['name-699', 'value-699'])
  }
})

test.serial('a large body in small chunks is copied once, into bytes allocated once', (t) => {
  const body = Buffer.alloc(4 * 1_048_576, 'payload ')
  const head = bytes(`SEND\ncontent-length:${body.length}\n\n`)
  const stream = Buffer.concat([head, body, Buffer.of(0)])
  const allocated = countAllocated(t, () => {
    const parser = new StompParser(defaultStompCodecLimits)
    for (const chunk of cutEvery(stream, 1_024)) {
      parser.push(chunk)
      if (parser.next() !== 'frame') continue
      t.is(parser.frame.bytes.length, stream.length)
      t.true(parser.frame.bytes.subarray(parser.frame.bodyStart, parser.frame.bodyEnd).equals(body))
    }
  })
  t.true(allocated <= stream.length + 4_096, `${allocated} bytes`)
})

test.serial('a body without content-length in small chunks costs linear memory', (t) => {
  const stream = Buffer.concat([bytes('SEND\n\n'), Buffer.alloc(1_048_576, 'x'), Buffer.of(0)])
  let frames = 0
  const allocated = countAllocated(t, () => {
    const parser = new StompParser(defaultStompCodecLimits)
    for (const chunk of cutEvery(stream, 1_024)) {
      parser.push(chunk)
      if (parser.next() === 'frame') frames += 1
    }
  })
  t.is(frames, 1)
  t.true(allocated <= 5 * stream.length, `${allocated} bytes`)
})

test('a content-length costs no memory before it is checked against the limit', (t) => {
  const parser = new StompParser(smallLimits)
  parser.push(bytes('SEND\ncontent-length:301\n'))
  t.is(parser.next(), 'malformed', 'refused at the header line, before the section ends')
})

test('a parser that found a fault answers so for ever and holds nothing', (t) => {
  const parser = new StompParser(defaultStompCodecLimits)
  parser.push(bytes('BEGIN\n\n\0oops\n'))
  parser.push(bytes('BEGIN\n\n\0'))
  t.is(parser.next(), 'frame')
  t.is(parser.next(), 'malformed')
  const { fault } = parser
  parser.push(bytes('BEGIN\n\n\0'))
  t.is(parser.next(), 'malformed')
  t.is(parser.fault, fault)
  t.is(parser.bytesHeld, 0)
})

test('a frame parsed in place equals the same frame stitched, escapes and all', (t) => {
  const stream = bytes('\r\nMESSAGE\r\nd\\c:é\\n\r\n x: y\r\ncontent-length:3\r\n\r\n\0\0\0\0')
  const parser = new StompParser(defaultStompCodecLimits)
  parser.push(stream)
  parser.next()
  t.deepEqual(readStream(byteByByte(stream)).frames, [recordFrame(parser)])
})

function cutEvery(stream: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size))
  return chunks
}

function countAllocated(t: { teardown(fn: () => void): void }, run: () => void): number {
  const { allocUnsafe } = Buffer
  let allocated = 0
  t.teardown(() => {
    Buffer.allocUnsafe = allocUnsafe
  })
  Buffer.allocUnsafe = (size) => {
    allocated += size
    return allocUnsafe(size)
  }
  run()
  Buffer.allocUnsafe = allocUnsafe
  return allocated
}

// The frame scanner must find the same frames however the stream is cut, and refuse what is not
// one.

import test from 'ava'
import fc from 'fast-check'

import { command, FrameScanner } from '../../bench/load-client/frame-scanner.ts'

interface Found {
  readonly commandByte: number
  readonly commandBytes: number
  readonly destination: string
  readonly ack: string
  readonly body: string
}

function foundIn(scanner: FrameScanner): Found {
  const text = (start: number, end: number): string => scanner.bytes.toString('latin1', start, end)
  return {
    commandByte: scanner.commandByte,
    commandBytes: scanner.commandBytes,
    destination: text(scanner.destinationStart, scanner.destinationEnd),
    ack: text(scanner.ackStart, scanner.ackEnd),
    body: text(scanner.bodyStart, scanner.bodyEnd)
  }
}

/** Feeds the pieces one by one, each overwritten after use as a reused read buffer would be. */
function scan(pieces: readonly Buffer[], frameBytesMax?: number): Found[] {
  const scanner = new FrameScanner(frameBytesMax)
  const found: Found[] = []
  for (const piece of pieces) {
    const reused = Buffer.from(piece)
    scanner.feed(reused)
    while (scanner.next()) found.push(foundIn(scanner))
    reused.fill(0x58)
  }
  return found
}

const stream = Buffer.from(
  [
    'CONNECTED\nversion:1.2\n\n\0\n\n',
    'MESSAGE\nsubscription:0\nack:a-1\ncontent-length:9\ndestination:/queue/x\n\none\0\nMESSA\0',
    '\r\n',
    'MESSAGE\r\ndestination:/queue/y\r\nack:b\r\n\r\nno length\0',
    'RECEIPT\nreceipt-id:7\n\n\0',
    'MESSAGE\ncontent-length:0\ncontent-length:5\n\n\0\n'
  ].join(''),
  'latin1'
)

const expected: readonly Found[] = [
  { commandByte: command.connect, commandBytes: 9, destination: '', ack: '', body: '' },
  {
    commandByte: command.message,
    commandBytes: 7,
    destination: '/queue/x',
    ack: 'a-1',
    body: 'one\0\nMESS'
  },
  {
    commandByte: command.message,
    commandBytes: 7,
    destination: '/queue/y',
    ack: 'b',
    body: 'no length'
  },
  { commandByte: command.receipt, commandBytes: 7, destination: '', ack: '', body: '' },
  { commandByte: command.message, commandBytes: 7, destination: '', ack: '', body: '' }
]

// The second frame declares 9 bytes; its text above holds 10 before the NUL.
const wellFormed = Buffer.from(
  stream.toString('latin1').replace('one\0\nMESSA\0', 'one\0\nMESS\0'),
  'latin1'
)

test('finds every frame of a stream that comes whole', (t) => {
  t.deepEqual(scan([wellFormed]), expected)
})

test('finds every frame of a stream cut in two at any byte', (t) => {
  for (let cut = 0; cut <= wellFormed.length; cut++) {
    const found = scan([wellFormed.subarray(0, cut), wellFormed.subarray(cut)])
    t.deepEqual(found, expected, `cut at byte ${cut}`)
  }
})

test('finds every frame of a stream that comes byte by byte', (t) => {
  const pieces = Array.from(wellFormed, (_, at) => wellFormed.subarray(at, at + 1))
  t.deepEqual(scan(pieces), expected)
})

test('finds bodies of any length and content, cut anywhere', (t) => {
  const body = fc.uint8Array({ maxLength: 20_000 }).map((bytes) => Buffer.from(bytes))
  const property = fc.property(
    fc.array(body, { maxLength: 6 }),
    fc.array(fc.nat(60_000), { maxLength: 12 }),
    (bodies, cuts) => {
      const frames = bodies.flatMap((bytes) => [
        Buffer.from(`MESSAGE\ncontent-length:${bytes.length}\n\n`),
        bytes,
        Buffer.from('\0\n')
      ])
      const whole = Buffer.concat(frames)
      const places = [0, ...cuts.filter((cut) => cut < whole.length), whole.length]
      places.sort((a, b) => a - b)
      const pieces = places.slice(1).map((end, i) => whole.subarray(places[i], end))
      const found = scan(pieces).map((frame) => frame.body)
      return found.join('|') === bodies.map((bytes) => bytes.toString('latin1')).join('|')
    }
  )
  fc.assert(property, { numRuns: 60 })
  t.pass()
})

test('finds a long body without content-length that comes in small pieces', (t) => {
  const body = 'z'.repeat(50_000)
  const whole = Buffer.from(`MESSAGE\nack:q\n\n${body}\0MESSAGE\n\nlast\0`)
  const pieces: Buffer[] = []
  for (let at = 0; at < whole.length; at += 1_000) pieces.push(whole.subarray(at, at + 1_000))
  t.deepEqual(
    scan(pieces).map((frame) => frame.body),
    [body, 'last']
  )
})

test('refuses a body that is not followed by NUL', (t) => {
  t.throws(() => scan([stream]), { message: /content-length 9 is not followed by NUL/ })
})

for (const value of ['', 'x', '1e3', '-1', '99999999999999999999']) {
  test(`refuses the content-length "${value}"`, (t) => {
    const frame = Buffer.from(`MESSAGE\ncontent-length:${value}\n\n\0`)
    t.throws(() => scan([frame]), { message: /is not a whole number of bytes/ })
  })
}

test('refuses a frame whose content-length is over the limit before its body has come', (t) => {
  const head = Buffer.from('MESSAGE\ncontent-length:5000\n\n')
  t.throws(() => scan([head], 1_000), { message: /over the limit 1000/ })
})

test('refuses a head that never ends', (t) => {
  const piece = Buffer.alloc(400, 'x')
  t.throws(() => scan([piece, piece, piece], 1_000), { message: /over the limit 1000/ })
})

test('refuses a new chunk while the one before is not used up', (t) => {
  const scanner = new FrameScanner()
  scanner.feed(wellFormed)
  scanner.next()
  t.throws(() => scanner.feed(wellFormed), { message: /until it answers false/ })
})

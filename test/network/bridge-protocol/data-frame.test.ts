// DATA frames with their aliases: written by one end, read by the other.

import test from 'ava'
import fc from 'fast-check'
import { SlabPool } from '../../../src/base/index.ts'
import {
  type DestinationKind,
  DestinationTable,
  Message,
  type MessageOrigin,
  messageOrigin
} from '../../../src/broker/index.ts'
import {
  ByteReader,
  ByteWriter,
  DataDecoder,
  DataEncoder,
  dataFrameBytesMax,
  decodeFrame,
  defineFrame,
  FrameOutput,
  FrameReader,
  frameTypes,
  OriginTable,
  resetFrame
} from '../../../src/network/bridge-protocol/index.ts'
import type { StreamConnection } from '../../../src/ports/index.ts'
import { VirtualWorld } from '../../support/virtual-world.ts'

interface Read {
  readonly message: Message
  readonly sequence: number
  readonly targets: readonly string[]
  readonly flags: number
}

/** A clock that stands still. */
function at(nowMs: number) {
  return { monotonicMs: () => nowMs }
}

/** Shared by all tests: they are made for one broker's life, and cost accordingly. */
const nearDestinations = new DestinationTable()
const farDestinations = new DestinationTable()

/** Two ends of one direction, with the bytes between them. */
class Line {
  readonly sent: Buffer[] = []
  readonly encoder: DataEncoder
  readonly destinations = nearDestinations
  readonly output: FrameOutput
  readonly frames = new FrameReader()
  readonly decoder: DataDecoder
  resets = 0
  longestData = 0
  fault: string | undefined = undefined
  private readonly reader = new ByteReader()

  constructor(aliasesMax?: number) {
    const connection = {
      bytesQueued: 0,
      write: (bytes: Buffer) => {
        this.sent.push(Buffer.from(bytes))
        return 'written'
      }
    } as unknown as StreamConnection
    const clock = new VirtualWorld()
    const writer = new ByteWriter()
    this.output = new FrameOutput(connection, { clock, pool: new SlabPool(), writer })
    this.encoder = new DataEncoder(this.output, aliasesMax)
    this.decoder = new DataDecoder('sender', farDestinations, new OriginTable())
    this.frames.frameBytesMax = 64 * 1024 * 1024
  }

  /** Sends all that was written, as chunks of the given length. */
  read(nowMs = 0, chunkBytes = Number.POSITIVE_INFINITY): Read[] {
    this.output.flush()
    const bytes = Buffer.concat(this.sent)
    this.sent.length = 0
    const found: Read[] = []
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      this.frames.feed(bytes.subarray(at, Math.min(bytes.length, at + chunkBytes)))
      while (this.frames.next() === 'frame') this.onFrame(nowMs, found)
    }
    return found
  }

  private onFrame(nowMs: number, found: Read[]): void {
    const { frames, reader, decoder } = this
    reader.reset(frames.bytes, frames.start, frames.end)
    if (frames.type === frameTypes.data) {
      this.longestData = Math.max(this.longestData, frames.end - frames.start + 1)
      const message = decoder.decode(reader, at(nowMs))
      this.fault ??= reader.fault
      if (message === undefined) return
      const { sequence, targets, flags } = decoder
      found.push({ message, sequence, targets, flags })
    } else if (frames.type === frameTypes.define) {
      this.fault ??= decoder.define(decodeFrame(defineFrame, reader)!)
    } else {
      this.resets += 1
      decoder.reset(decodeFrame(resetFrame, reader)!)
    }
  }
}

interface Draft {
  kind: DestinationKind
  name: string
  origin: string
  incarnation: number
  sequence: number
  channelSequence: number
  priority: number
  redirects: number
  chosenAt: number
  path: string[]
  targets: string[]
  headers: Uint8Array
  body: Uint8Array
  bits: boolean[]
  leftMs: number
}

const broker = fc.integer({ min: 0, max: 12 }).map((n) => `broker-${n}`)
const draft: fc.Arbitrary<Draft> = fc.record({
  kind: fc.constantFrom<DestinationKind>('queue', 'topic', 'temp-queue'),
  name: fc.integer({ min: 0, max: 12 }).map((n) => `orders.${n}`),
  origin: broker,
  incarnation: fc.nat({ max: 3 }),
  sequence: fc.maxSafeNat(),
  channelSequence: fc.maxSafeNat(),
  priority: fc.oneof(fc.constant(4), fc.nat({ max: 9 })),
  redirects: fc.nat({ max: 200 }),
  chosenAt: fc.oneof(fc.constant(0), fc.nat({ max: 255 })),
  path: fc.array(broker, { maxLength: 5 }),
  targets: fc.array(broker, { minLength: 1, maxLength: 5 }),
  headers: fc.uint8Array({ maxLength: 100 }),
  body: fc.uint8Array({ maxLength: 500 }),
  bits: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  leftMs: fc.oneof(fc.constant(0), fc.integer({ min: 2, max: 1_000_000_000 }))
})

const origins = new Map<string, MessageOrigin>()

function messageOf(line: Line, from: Draft, nowMs: number): Message {
  const key = `${from.origin} ${from.incarnation}`
  const origin = origins.get(key) ?? messageOrigin(from.origin, from.incarnation)
  origins.set(key, origin)
  const destination = line.destinations.get(from.kind, from.name)
  const message = new Message(destination, origin, from.sequence)
  message.priority = from.priority
  message.redirects = from.redirects
  message.chosenAt = from.chosenAt
  message.brokerPath = from.path
  message.isPersistent = from.bits[0]!
  message.hasEscapes = from.bits[1]!
  message.isRedelivered = from.bits[2]!
  message.expiresAtMs = from.leftMs === 0 ? 0 : nowMs + from.leftMs
  message.headers = Buffer.from(from.headers)
  message.headersEnd = from.headers.length
  message.body = Buffer.from(from.body)
  message.bodyEnd = from.body.length
  return message
}

function draftOf(read: Read, nowMs: number): Draft {
  const { message } = read
  return {
    kind: message.destination.kind,
    name: message.destination.name,
    origin: message.origin.broker,
    incarnation: message.origin.incarnation,
    sequence: message.sequence,
    channelSequence: read.sequence,
    priority: message.priority,
    redirects: message.redirects,
    chosenAt: message.chosenAt,
    path: message.brokerPath.slice(0, -1),
    targets: [...read.targets],
    headers: Uint8Array.from(message.headers.subarray(message.headersStart, message.headersEnd)),
    body: Uint8Array.from(message.body.subarray(message.bodyStart, message.bodyEnd)),
    bits: [message.isPersistent, message.hasEscapes, message.isRedelivered, read.flags === 1],
    leftMs: message.expiresAtMs === 0 ? 0 : message.expiresAtMs - nowMs
  }
}

test('messages are the same at the other end, whatever aliases and chunks they go through', (t) => {
  const runs = fc.tuple(
    fc.array(draft, { maxLength: 30 }),
    fc.integer({ min: 12, max: 40 }),
    fc.integer({ min: 1, max: 2000 })
  )
  fc.assert(
    fc.property(runs, ([drafts, aliasesMax, chunkBytes]) => {
      const line = new Line(aliasesMax)
      for (const from of drafts) {
        const flags = from.bits[3] ? 1 : 0
        const { targets } = from
        const message = messageOf(line, from, 5000)
        line.encoder.encode(from.channelSequence, message, { targets, flags }, at(5000))
      }
      const read = line.read(70_000, chunkBytes)
      t.is(line.fault, undefined)
      t.deepEqual(
        read.map((one) => draftOf(one, 70_000)),
        drafts
      )
      t.true(read.every((one) => one.message.brokerPath.at(-1) === 'sender'))
    }),
    { numRuns: 100 }
  )
})

test('a full alias table starts over, and the messages behind it are still right', (t) => {
  const line = new Line(4)
  const origin = messageOrigin('a', 1)
  const send = (i: number) => {
    const destination = line.destinations.get('queue', `q.${i % 7}`)
    const message = new Message(destination, origin, i)
    message.brokerPath = [`p-${i % 3}`]
    line.encoder.encode(i, message, { targets: [`t-${i % 5}`], flags: 0 }, at(0))
  }
  for (let i = 0; i < 50; i += 1) send(i)
  const read = line.read()
  t.is(line.fault, undefined)
  t.true(line.resets > 10)
  t.deepEqual(
    read.map(({ message, targets }) => [
      message.destination.name,
      message.brokerPath[0],
      targets[0]
    ]),
    Array.from({ length: 50 }, (_, i) => [`q.${i % 7}`, `p-${i % 3}`, `t-${i % 5}`])
  )
})

test('headers and body are ranges of the chunk they came in', (t) => {
  const line = new Line()
  const message = new Message(line.destinations.get('topic', 'x'), messageOrigin('a', 1), 1)
  message.body = Buffer.from('abc')
  message.bodyEnd = 3
  line.encoder.encode(1, message, { targets: ['b'], flags: 0 }, at(0))
  const [read] = line.read()
  t.is(read?.message.headers, read?.message.body)
  t.true(read!.message.body.length > 20)
})

test('frames in the middle of a stream share one path and one target list', (t) => {
  const line = new Line()
  const origin = messageOrigin('a', 1)
  const targets = ['x', 'y']
  for (let i = 1; i <= 3; i += 1) {
    const message = new Message(line.destinations.get('queue', 'q'), origin, i)
    message.brokerPath = ['p']
    line.encoder.encode(i, message, { targets, flags: 0 }, at(0))
  }
  const [first, second, third] = line.read()
  t.is(second?.message.brokerPath, first?.message.brokerPath)
  t.is(third?.targets, first?.targets)
})

test('a DATA frame is never longer than its estimate, and a repeated one costs few bytes', (t) => {
  const line = new Line()
  const origin = messageOrigin('a', 1)
  fc.assert(
    fc.property(draft, (from) => {
      const message = messageOf(line, from, 0)
      line.longestData = 0
      line.encoder.encode(from.channelSequence, message, { targets: from.targets, flags: 1 }, at(0))
      line.read()
      t.true(line.longestData <= dataFrameBytesMax(message, from.targets))
    }),
    { numRuns: 50 }
  )
  const plain = new Message(line.destinations.get('queue', 'q'), origin, 1)
  for (let i = 0; i < 2; i += 1) {
    line.longestData = 0
    line.encoder.encode(1, plain, { targets: ['b'], flags: 0 }, at(0))
    line.read()
  }
  t.true(line.longestData <= 10)
})

test('messages longer than a slab cross as well', (t) => {
  const line = new Line()
  const origin = messageOrigin('a', 1)
  for (const length of [10_000, 20_000, 40_000, 70_000, 1_000_000]) {
    const message = new Message(line.destinations.get('queue', 'q'), origin, length)
    message.body = Buffer.alloc(length, length % 251)
    message.bodyEnd = length
    message.headers = Buffer.alloc(length / 2, 7)
    message.headersEnd = length / 2
    line.encoder.encode(length, message, { targets: ['b'], flags: 0 }, at(0))
    const [read] = line.read(0, 65_536)
    t.is(read?.message.bodyBytes, length)
    const { body, bodyStart, bodyEnd } = read!.message
    t.true(body.subarray(bodyStart, bodyEnd).equals(message.body))
    t.is(read?.message.headersBytes, length / 2)
  }
})

test('a message that has expired before it is sent has expired where it comes', (t) => {
  const line = new Line()
  const message = new Message(line.destinations.get('queue', 'q'), messageOrigin('a', 1), 1)
  message.expiresAtMs = 100
  line.encoder.encode(1, message, { targets: ['b'], flags: 0 }, at(5000))
  t.is(line.read(9000)[0]?.message.expiresAtMs, 9000)
  line.encoder.encode(2, message, { targets: ['b'], flags: 0 }, at(100))
  t.is(line.read(0)[0]?.message.expiresAtMs, 1, 'never is written 0')
})

test('DATA of any bytes is a message or a fault, never an exception', (t) => {
  fc.assert(
    fc.property(draft, fc.uint8Array({ maxLength: 40 }), fc.nat(), (from, noise, cut) => {
      const line = new Line()
      const message = messageOf(line, from, 0)
      const { targets } = from
      line.encoder.encode(from.channelSequence, message, { targets, flags: 0 }, at(0))
      const [read] = line.read()
      t.truthy(read)
      line.encoder.encode(from.channelSequence, message, { targets, flags: 0 }, at(0))
      line.output.flush()
      const good = line.sent[0]!
      const bent = Buffer.concat([good.subarray(5, 5 + (cut % (good.length - 5))), noise])
      const reader = new ByteReader()
      reader.reset(bent, 0, bent.length)
      const got = line.decoder.decode(reader, at(0))
      t.is(got === undefined, reader.fault !== undefined)
    }),
    { numRuns: 300 }
  )
})

test('aliases out of order or never defined are faults that name them', (t) => {
  const line = new Line()
  const { decoder } = line
  t.is(
    decoder.define({ kind: 'broker', alias: 1, broker: 'x' }),
    'DEFINE: alias of broker is 1, not 0'
  )
  const bad = decoder.define({ kind: 'destination', alias: 0, of: 'queue', name: 'a b' })
  t.regex(bad!, /^DEFINE: destination name "a b" holds a space/)
  const reader = new ByteReader()
  const fault = (...bytes: number[]) => {
    reader.reset(Buffer.from(bytes), 0, bytes.length)
    t.is(decoder.decode(reader, at(0)), undefined)
    return reader.fault
  }
  t.is(fault(0, 1, 0, 1, 0, 0, 0), 'origin is an alias never defined')
  t.is(decoder.define({ kind: 'origin', alias: 0, broker: 'a', incarnation: 1 }), undefined)
  t.is(fault(0, 1, 0, 1, 0, 0, 0), 'destination is an alias never defined')
  t.is(decoder.define({ kind: 'destination', alias: 0, of: 'queue', name: 'q' }), undefined)
  t.is(fault(0, 1, 0, 1, 0, 0, 0), 'broker is alias 0, never defined')
  t.is(decoder.define({ kind: 'broker', alias: 0, broker: 'b' }), undefined)
  t.is(fault(0x20, 1, 0, 1, 0, 1, 0, 0), 'number of targets is under 2; its flag must be off')
  t.is(fault(0x40, 1, 0, 1, 0, 0, 0, 0), 'path is empty; its flag must be off then')
  t.is(fault(0x10, 1, 0, 1, 0, 0, 0, 0), 'ms to live is 0, expected at least 1')
  t.is(fault(0x80, 1, 0, 1, 0, 10, 0, 0, 0), 'priority is 10, at most 9')
  t.is(fault(0, 1, 0, 1, 0, 0, 1), 'headers are cut short')
})

test('origins are interned up to a bound, and the oldest make room', (t) => {
  const table = new OriginTable(2)
  const first = table.get('a', 1)
  t.is(table.get('a', 1), first)
  t.not(table.get('a', 2), first)
  t.is(table.get('a', 1), first)
  const third = table.get('b', 1)
  t.not(table.get('a', 1), first)
  t.is(table.get('b', 1), third)
})

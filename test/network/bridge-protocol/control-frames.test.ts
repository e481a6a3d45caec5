// Every control frame: both directions, whole, cut and bent.

import test from 'ava'
import fc from 'fast-check'
import {
  ByteReader,
  ByteWriter,
  decodeFrame,
  encodeFrame,
  type FrameCodec,
  frameTypes,
  helloFrame,
  lengthFieldBytes,
  partFrame,
  recordFrame,
  refuseFrame,
  writeVarint
} from '../../../src/network/bridge-protocol/index.ts'
import { frameCases } from '../../support/frame-arbitraries.ts'

const headBytes = lengthFieldBytes + 1

function encoded(codec: FrameCodec<unknown>, value: unknown): Buffer {
  const writer = new ByteWriter(4)
  encodeFrame(writer, codec, value)
  return Buffer.from(writer.bytes.subarray(0, writer.length))
}

function decoded(codec: FrameCodec<unknown>, bytes: Buffer, start: number, end: number) {
  const reader = new ByteReader()
  reader.reset(bytes, start, end)
  const value = decodeFrame(codec, reader)
  return { value, fault: reader.fault }
}

for (const { codec, values } of frameCases) {
  test(`${codec.name} reads back what it wrote, behind its length and type`, (t) => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encoded(codec, value)
        t.is(bytes.readUInt32BE(0), bytes.length - lengthFieldBytes)
        t.is(bytes[lengthFieldBytes], codec.type)
        t.deepEqual(decoded(codec, bytes, headBytes, bytes.length), { value, fault: undefined })
      }),
      { numRuns: 60 }
    )
  })

  test(`${codec.name} cut at any byte is a fault that names the frame`, (t) => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encoded(codec, value)
        for (let end = headBytes; end < bytes.length; end += 1) {
          const { value: got, fault } = decoded(codec, bytes, headBytes, end)
          t.is(got, undefined)
          t.true(fault?.startsWith(`${codec.name}: `))
        }
      }),
      { numRuns: 10 }
    )
  })

  test(`${codec.name} made of any bytes is a value or a fault, never an exception`, (t) => {
    fc.assert(
      fc.property(values, fc.uint8Array({ maxLength: 60 }), fc.nat(), (value, noise, at) => {
        const bytes = encoded(codec, value)
        const start = headBytes + (at % (bytes.length - headBytes + 1))
        const bent = Buffer.concat([bytes.subarray(headBytes, start), noise])
        const outcome = decoded(codec, bent, 0, bent.length)
        t.is(outcome.value === undefined, outcome.fault !== undefined)
      }),
      { numRuns: 100 }
    )
  })

  test(`${codec.name} with more bytes at its end is ${codec.mayGrow ? 'read' : 'refused'}`, (t) => {
    const [value] = fc.sample(values, 1)
    const bytes = Buffer.concat([encoded(codec, value), Buffer.from([0])])
    const { fault } = decoded(codec, bytes, headBytes, bytes.length)
    t.is(fault, codec.mayGrow ? undefined : `${codec.name}: payload has 1 bytes too many`)
  })
}

test('every frame type has one codec, and no two share a number', (t) => {
  const types = frameCases.map(({ codec }) => codec.type)
  types.push(partFrame.type, frameTypes.data)
  t.deepEqual([...types].sort(compare), [...new Set(Object.values(frameTypes))].sort(compare))
  t.is(new Set(types).size, types.length)
})

test('integers are read back in their shortest form only', (t) => {
  const bytes = Buffer.alloc(8)
  const reader = new ByteReader()
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeNat(), fc.nat({ max: 300 })), (value) => {
      const end = writeVarint(bytes, 0, value)
      reader.reset(bytes, 0, end)
      t.is(reader.varint('n'), value)
      t.is(reader.left, 0)
    })
  )
  reader.reset(Buffer.from([0x81, 0x00]), 0, 2)
  t.is(reader.varint('n'), 0)
  t.is(reader.fault, 'n is an integer in more bytes than needed')
  reader.reset(Buffer.alloc(9, 0xff), 0, 9)
  reader.varint('n')
  t.is(reader.fault, 'n is an integer of more than 53 bits')
  reader.reset(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]), 0, 8)
  reader.varint('n')
  t.is(reader.fault, 'n is an integer of more than 53 bits')
})

test('an integer that cannot be written is our own mistake', (t) => {
  const bytes = Buffer.alloc(8)
  t.throws(() => writeVarint(bytes, 0, -1), { message: /53/ })
  t.throws(() => writeVarint(bytes, 0, 2 ** 53), { message: /53/ })
})

test('HELLO of another protocol, name or frame length is refused by field', (t) => {
  const [value] = fc.sample(frameCases[0]!.values, 1)
  const codec = helloFrame as FrameCodec<unknown>
  const faultOf = (change: object) => {
    const bytes = encoded(codec, { ...(value as object), ...change })
    return decoded(codec, bytes, headBytes, bytes.length).fault
  }
  t.regex(faultOf({ broker: 'no.dots' })!, /^HELLO: broker/)
  t.regex(faultOf({ network: '' })!, /^HELLO: network/)
  t.regex(faultOf({ brokerId: '' })!, /^HELLO: brokerId is empty/)
  t.regex(faultOf({ frameBytesMax: 65_535 })!, /frameBytesMax is 65535, at least 65536/)
  t.regex(faultOf({ versionMin: 3, version: 2 })!, /versionMin is above version/)
  const other = encoded(codec, value)
  other[headBytes] = 'p'.charCodeAt(0)
  t.is(decoded(codec, other, headBytes, other.length).fault, "HELLO: magic is not 'POSTROAD'")
})

test('a list that announces more entries than bytes follow is refused before it is built', (t) => {
  const writer = new ByteWriter()
  const codec = recordFrame as FrameCodec<unknown>
  const record = { broker: 'a', brokerId: 'b', incarnation: 1, sequence: 1, isTransit: true }
  encodeFrame(writer, codec, { ...record, bridges: [] })
  writer.length -= 1
  writer.varint(4096)
  const { fault } = decoded(codec, writer.bytes, headBytes, writer.length)
  t.is(fault, 'RECORD: bridges announces 4096 entries, more than follow')
})

test('a reason of a later version is kept as text', (t) => {
  const bytes = encoded(refuseFrame as FrameCodec<unknown>, { code: 'silent', text: 'why' })
  bytes[headBytes] = 200
  const { value } = decoded(refuseFrame as FrameCodec<unknown>, bytes, headBytes, bytes.length)
  t.deepEqual(value, { code: 'protocol-error', text: 'code 200: why' })
})

test('a reason too long for its frame is shortened', (t) => {
  const codec = refuseFrame as FrameCodec<unknown>
  const bytes = encoded(codec, { code: 'silent', text: '\u{1f4ee}'.repeat(2000) })
  const { value, fault } = decoded(codec, bytes, headBytes, bytes.length)
  t.is(fault, undefined)
  t.is((value as { text: string }).text, '\u{1f4ee}'.repeat(256))
})

function compare(a: number, b: number): number {
  return a - b
}

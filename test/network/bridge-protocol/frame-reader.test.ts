// Cutting a byte stream into frames.

import test from 'ava'
import fc from 'fast-check'
import { FrameReader } from '../../../src/network/bridge-protocol/index.ts'

function frame(type: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(5 + payload.length)
  bytes.writeUInt32BE(1 + payload.length, 0)
  bytes[4] = type
  bytes.set(payload, 5)
  return bytes
}

function readAll(reader: FrameReader, chunks: readonly Buffer[]): [number, string][] {
  const found: [number, string][] = []
  for (const chunk of chunks) {
    reader.feed(chunk)
    while (reader.next() === 'frame') {
      found.push([reader.type, reader.bytes.toString('hex', reader.start, reader.end)])
    }
  }
  return found
}

test('frames are the same whole, byte by byte, and cut anywhere', (t) => {
  const frames = fc.array(fc.tuple(fc.nat({ max: 255 }), fc.uint8Array({ maxLength: 300 })))
  fc.assert(
    fc.property(frames, fc.array(fc.nat({ max: 400 })), (list, steps) => {
      const whole = Buffer.concat(list.map(([type, payload]) => frame(type, payload)))
      const wanted = list.map(([type, payload]) => [type, Buffer.from(payload).toString('hex')])
      t.deepEqual(readAll(new FrameReader(), [whole]), wanted as [number, string][])
      const singles = Array.from(whole, (byte) => Buffer.from([byte]))
      t.deepEqual(readAll(new FrameReader(), singles), wanted as [number, string][])
      const chunks: Buffer[] = []
      let at = 0
      for (const step of steps) {
        chunks.push(whole.subarray(at, at + step))
        at += step
      }
      chunks.push(whole.subarray(at))
      t.deepEqual(readAll(new FrameReader(), chunks), wanted as [number, string][])
    })
  )
})

test('a frame that lies whole in its chunk is handed out in place', (t) => {
  const reader = new FrameReader()
  const chunk = frame(9, Buffer.from('body'))
  reader.feed(chunk)
  t.is(reader.next(), 'frame')
  t.is(reader.bytes, chunk)
  t.deepEqual([reader.start, reader.end], [5, 9])
})

test('a frame cut across chunks costs memory for what arrived, not what it announces', (t) => {
  const reader = new FrameReader()
  reader.frameBytesMax = 16_000_000
  const big = frame(7, Buffer.alloc(15_000_000, 1))
  const before = process.memoryUsage().arrayBuffers
  for (let at = 0; at < 100_000; at += 10_000) {
    reader.feed(big.subarray(at, at + 10_000))
    t.is(reader.next(), 'more')
  }
  t.true(process.memoryUsage().arrayBuffers - before < 2_000_000)
  reader.feed(big.subarray(100_000))
  t.is(reader.next(), 'frame')
  t.is(reader.end - reader.start, 15_000_000)
})

test('a length of nothing, or over the limit, is a fault that names both', (t) => {
  for (const [length, max] of [
    [0, 100],
    [101, 100],
    [0xffffffff, 100]
  ] as const) {
    for (const isWhole of [true, false]) {
      const reader = new FrameReader()
      reader.frameBytesMax = max
      const bytes = Buffer.alloc(5)
      bytes.writeUInt32BE(length, 0)
      const chunks = isWhole ? [bytes] : [bytes.subarray(0, 2), bytes.subarray(2)]
      let last = ''
      for (const chunk of chunks) {
        reader.feed(chunk)
        last = reader.next()
      }
      t.is(last, 'fault')
      t.is(reader.fault, `frame length is ${length}, expected 1 to ${max}`)
    }
  }
})

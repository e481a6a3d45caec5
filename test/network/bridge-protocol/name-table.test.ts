// Names found again by their bytes.

import test from 'ava'
import fc from 'fast-check'
import { ByteReader, ByteWriter, NameTable } from '../../../src/network/bridge-protocol/index.ts'

test('whatever was asked before, the answer is the text of the bytes', (t) => {
  const names = fc.array(fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'binary' })))
  fc.assert(
    fc.property(names, fc.nat({ max: 3 }), (texts, before) => {
      const table = new NameTable()
      for (const text of [...texts, ...texts]) {
        const bytes = Buffer.from(`${'.'.repeat(before)}${text}.`)
        const name = table.textOf(bytes, before, bytes.length - 1)
        t.is(name, bytes.toString('utf8', before, bytes.length - 1))
      }
      t.true(table.size <= new Set(texts).size)
    })
  )
})

test('a name is kept once; more names than it keeps are answered as well', (t) => {
  const table = new NameTable()
  for (let round = 0; round < 2; round += 1) {
    for (let at = 0; at < 40_000; at += 1) {
      const bytes = Buffer.from(`broker-${at}`)
      t.is(table.textOf(bytes, 0, bytes.length), `broker-${at}`)
    }
    t.true(table.size <= 16_384)
  }
  const few = new NameTable()
  for (const name of ['a', 'b', 'a', 'b', 'a']) few.textOf(Buffer.from(name), 0, 1)
  t.is(few.size, 2)
})

test('a reader with a table reads names as one without, faults included', (t) => {
  const frames = fc.uint8Array({ maxLength: 40 })
  const table = new NameTable()
  fc.assert(
    fc.property(frames, (bytes) => {
      const read = (reader: ByteReader): (string | undefined)[] => {
        reader.reset(Buffer.from(bytes), 0, bytes.length)
        return [reader.name('one'), reader.name('other'), reader.fault]
      }
      t.deepEqual(read(new ByteReader(table)), read(new ByteReader()))
    })
  )
  const writer = new ByteWriter()
  writer.text('x'.repeat(256))
  const reader = new ByteReader(table)
  reader.reset(writer.bytes, 0, writer.length)
  t.is(reader.name('broker'), '')
  t.is(reader.fault, 'length of broker is 256, at most 255 is allowed')
})

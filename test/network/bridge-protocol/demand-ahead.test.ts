// A DEMAND on its way is compared with what is held before its entries are read.

import test from 'ava'
import fc from 'fast-check'
import {
  ByteReader,
  ByteWriter,
  decodeFrame,
  demandFrame,
  encodeFrame,
  isDemandKnown,
  lengthFieldBytes
} from '../../../src/network/bridge-protocol/index.ts'
import type { DemandMark, DemandSnapshot } from '../../../src/network/demand/index.ts'

const entry = { kind: 'queue', pattern: 'orders', weight: 3 } as const

function readerAt(snapshot: DemandSnapshot, cut = 0): ByteReader {
  const writer = new ByteWriter()
  encodeFrame(writer, demandFrame, snapshot)
  const reader = new ByteReader()
  reader.reset(Buffer.from(writer.bytes), lengthFieldBytes + 1, writer.length - cut)
  return reader
}

test('it is known if what is held of its broker is of no earlier life and version', (t) => {
  const numbers = fc.constantFrom(0, 1, 2, 127, 128, 2 ** 40)
  fc.assert(
    fc.property(numbers, numbers, numbers, numbers, (life, version, heldLife, heldVersion) => {
      const snapshot = { broker: 'b', incarnation: life, version, entries: [entry] }
      const held: DemandMark = { broker: 'b', incarnation: heldLife, version: heldVersion }
      const reader = readerAt(snapshot)
      const isKnown = isDemandKnown(reader, (broker) => (broker === 'b' ? held : undefined))
      t.is(isKnown, heldLife > life || (heldLife === life && heldVersion >= version))
      t.deepEqual(decodeFrame(demandFrame, reader), snapshot, 'the reader stays where it is')
    })
  )
})

test('one of a broker that nothing is held of is not known, nor is one cut short', (t) => {
  const snapshot = { broker: 'b', incarnation: 1, version: 1, entries: [] }
  t.false(isDemandKnown(readerAt(snapshot), () => undefined))
  const short = readerAt(snapshot, 3)
  t.false(isDemandKnown(short, () => ({ broker: 'b', incarnation: 9, version: 9 })))
  t.is(short.fault, undefined)
  t.is(decodeFrame(demandFrame, short), undefined)
})

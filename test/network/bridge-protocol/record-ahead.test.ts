// A record on its way is compared with the one that is held before anything is made of its bytes.

import test from 'ava'
import fc from 'fast-check'
import {
  ByteReader,
  ByteWriter,
  compareRecordAhead,
  decodeFrame,
  encodeFrame,
  lengthFieldBytes,
  peekRecordBroker,
  recordFrame
} from '../../../src/network/bridge-protocol/index.ts'
import type { BrokerRecord } from '../../../src/network/map/index.ts'
import { aBridge, aRecord } from '../map/map-builders.ts'

/** A reader at the start of the record's payload. */
function readerAt(record: BrokerRecord, cut = 0): ByteReader {
  const writer = new ByteWriter()
  encodeFrame(writer, recordFrame, record)
  const reader = new ByteReader()
  reader.reset(Buffer.from(writer.bytes), lengthFieldBytes + 1, writer.length - cut)
  return reader
}

const filters = fc.constantFrom(
  undefined,
  { include: [], exclude: [] },
  { include: ['queue://orders.>', 'topic://ä'], exclude: ['topic://prices.*'] }
)
const bridges = fc.array(
  fc.record({
    peer: fc.constantFrom('b', 'c', 'hub-1'),
    cost: fc.constantFrom(1, 2, 300),
    sends: fc.boolean(),
    filter: filters
  }),
  { maxLength: 3 }
)
const records: fc.Arbitrary<BrokerRecord> = fc.record({
  broker: fc.constantFrom('a', 'b', 'c'),
  brokerId: fc.constantFrom('one', 'two'),
  incarnation: fc.constantFrom(1, 200, 2 ** 40),
  sequence: fc.constantFrom(1, 2, 127, 128),
  isTransit: fc.boolean(),
  bridges
})

test('a record ahead is older by its numbers, the same only if all of it is', (t) => {
  fc.assert(
    fc.property(records, records, fc.boolean(), (one, other, isSameBroker) => {
      const held = isSameBroker ? { ...one, broker: other.broker, brokerId: other.brokerId } : one
      const reader = readerAt(other)
      const outcome = compareRecordAhead(reader, held)
      const isOfHeld = held.broker === other.broker && held.brokerId === other.brokerId
      const isOlder =
        isOfHeld &&
        (other.incarnation < held.incarnation ||
          (other.incarnation === held.incarnation && other.sequence < held.sequence))
      if (outcome === 'same') t.deepEqual(other, held)
      t.is(outcome === 'older', isOlder)
      t.deepEqual(decodeFrame(recordFrame, reader), other, 'the reader is where it was')
    }),
    { numRuns: 500 }
  )
})

test('a record that is held is known when it is heard again, with its filters', (t) => {
  fc.assert(
    fc.property(records, (held) => {
      const copy = structuredClone(held)
      const isPlain = !JSON.stringify(held).includes('ä')
      // Text beyond ASCII asks for a closer look.
      t.is(compareRecordAhead(readerAt(copy), held), isPlain ? 'same' : 'other')
    })
  )
})

test('a record ahead that is cut short is never taken for known, and its fault is found', (t) => {
  const record = aRecord('a', { bridges: [aBridge('b', { cost: 300 }), aBridge('c')] })
  for (let cut = 1; cut < 20; cut += 1) {
    const reader = readerAt(record, cut)
    t.not(compareRecordAhead(reader, record), 'same')
    t.is(decodeFrame(recordFrame, reader), undefined)
    t.regex(reader.fault ?? '', /^RECORD: /)
  }
})

test('whose record is ahead is told without moving on', (t) => {
  const reader = readerAt(aRecord('hub-1'))
  t.is(peekRecordBroker(reader), 'hub-1')
  t.is(decodeFrame(recordFrame, reader)?.broker, 'hub-1')
})

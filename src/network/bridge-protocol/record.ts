// RECORD floods one broker's own account of itself: its life, its flags and its bridges.
//
//   broker text | broker id text | incarnation varint | sequence varint | flags u8 (1 = transit) |
//   list of bridges: peer text | cost varint | flags u8 (1 = sends, 2 = has filter) |
//                    [include list | exclude list]

import {
  type BridgeRecord,
  type BrokerRecord,
  bridgesPerBrokerMax,
  type ForwardFilterSpec
} from '../map/index.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { FrameCodec } from './frame-codec.ts'
import { frameTypes } from './frame-types.ts'
import { readTexts, writeTexts } from './hello.ts'

/** Nearly all filters list nothing: a large map need not hold one for each of its bridges. */
const openFilter: ForwardFilterSpec = { include: [], exclude: [] }

const transitFlag = 1
const sendsFlag = 1
const filterFlag = 2

/** The codec of RECORD. Names and costs are checked by the map, not here. */
export const recordFrame: FrameCodec<BrokerRecord> = {
  name: 'RECORD',
  type: frameTypes.record,
  mayGrow: false,
  isFlooded: true,
  encode(writer, record) {
    writer.text(record.broker)
    writer.text(record.brokerId)
    writer.varint(record.incarnation)
    writer.varint(record.sequence)
    writer.u8(record.isTransit ? transitFlag : 0)
    writer.varint(record.bridges.length)
    for (const bridge of record.bridges) writeBridge(writer, bridge)
  },
  decode(reader) {
    const broker = reader.name('broker')
    const brokerId = reader.name('brokerId')
    const incarnation = reader.varint('incarnation')
    const sequence = reader.varint('sequence')
    const isTransit = readFlags(reader, transitFlag) === transitFlag
    const bridges: BridgeRecord[] = []
    const count = reader.count('bridges', bridgesPerBrokerMax)
    for (let i = 0; i < count && reader.fault === undefined; i += 1) {
      bridges.push(readBridge(reader))
    }
    return { broker, brokerId, incarnation, sequence, isTransit, bridges }
  }
}

/** Whose record the payload ahead is. The reader stays where it is. */
export function peekRecordBroker(reader: ByteReader): string {
  const { at } = reader
  const broker = reader.name('broker')
  if (reader.fault === undefined) reader.at = at
  return broker
}

/**
 * How the payload ahead compares with a record that is held. In a flood most are known or outdated,
 * and are told apart so without a string or an object. 'other' asks for a closer look. The reader
 * stays where it is.
 */
export function compareRecordAhead(
  reader: ByteReader,
  held: BrokerRecord
): 'same' | 'older' | 'other' {
  const { bytes, at, end } = reader
  const outcome = compareAhead(reader, held)
  reader.reset(bytes, at, end)
  return outcome
}

function compareAhead(reader: ByteReader, held: BrokerRecord): 'same' | 'older' | 'other' {
  if (!reader.skipText(held.broker) || !reader.skipText(held.brokerId)) return 'other'
  const incarnation = reader.varint('incarnation')
  const sequence = reader.varint('sequence')
  if (reader.fault !== undefined || incarnation > held.incarnation) return 'other'
  if (incarnation < held.incarnation || sequence < held.sequence) return 'older'
  return sequence === held.sequence && readsOnAs(reader, held) ? 'same' : 'other'
}

function readsOnAs(reader: ByteReader, { isTransit, bridges }: BrokerRecord): boolean {
  const isSameHead =
    reader.skipVarint(isTransit ? transitFlag : 0) && reader.skipVarint(bridges.length)
  if (!isSameHead) return false
  for (let i = 0; i < bridges.length; i += 1) {
    const { peer, cost, sends, filter } = bridges[i]!
    const flags = (sends ? sendsFlag : 0) | (filter === undefined ? 0 : filterFlag)
    if (!reader.skipText(peer) || !reader.skipVarint(cost) || !reader.skipVarint(flags))
      return false
    if (filter === undefined) continue
    if (!skipTexts(reader, filter.include) || !skipTexts(reader, filter.exclude)) return false
  }
  return reader.left === 0
}

function skipTexts(reader: ByteReader, texts: readonly string[]): boolean {
  return reader.skipVarint(texts.length) && texts.every((text) => reader.skipText(text))
}

function writeBridge(writer: ByteWriter, bridge: BridgeRecord): void {
  const { filter } = bridge
  writer.text(bridge.peer)
  writer.varint(bridge.cost)
  writer.u8((bridge.sends ? sendsFlag : 0) | (filter === undefined ? 0 : filterFlag))
  if (filter === undefined) return
  writeTexts(writer, filter.include)
  writeTexts(writer, filter.exclude)
}

function readBridge(reader: ByteReader): BridgeRecord {
  const peer = reader.name('peer')
  const cost = reader.varint('cost')
  const flags = readFlags(reader, sendsFlag | filterFlag)
  const sends = (flags & sendsFlag) !== 0
  if ((flags & filterFlag) === 0) return { peer, cost, sends, filter: undefined }
  const include = readTexts(reader, 'include')
  const exclude = readTexts(reader, 'exclude')
  if (include.length + exclude.length === 0) return { peer, cost, sends, filter: openFilter }
  return { peer, cost, sends, filter: { include, exclude } }
}

function readFlags(reader: ByteReader, known: number): number {
  const flags = reader.u8('flags')
  if ((flags & ~known) !== 0) return reader.fail('flags', `is ${flags}, which has unknown bits`)
  return flags
}

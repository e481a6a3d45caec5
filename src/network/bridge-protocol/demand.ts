// What brokers want, as others are told: DEMAND is everything, DELTA a change, and DEMAND_REQUEST
// asks for everything when a change was missed.
//
//   DEMAND          broker text | incarnation varint | version varint | list of entries
//   DELTA           broker text | incarnation varint | from version varint | to version varint |
//                   list of entries | list of removed: kind u8 | pattern text
//   entry           kind u8 (0 queue, 1 topic, 2 topic with a durable subscription; 4 more if
//                   selectors follow) | pattern text | weight varint | list of selectors: text
//   DEMAND_REQUEST  broker text

import {
  compareDemandMarks,
  type DemandDelta,
  type DemandEntry,
  type DemandMark,
  type DemandSnapshot,
  demandEntriesMax,
  demandSelectorsMax,
  type RemovedDemand
} from '../demand/index.ts'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { FrameCodec } from './frame-codec.ts'
import { frameTypes, patternBytesMax } from './frame-types.ts'

/** The kind of an entry. */
const durableTopic = 2
/** Added to the kind. */
const withSelectors = 4
/** What UTF-8 makes of the longest selector. */
const selectorBytesMax = 3 * 1_024

/** The codec of DEMAND. */
export const demandFrame: FrameCodec<DemandSnapshot> = {
  name: 'DEMAND',
  type: frameTypes.demand,
  mayGrow: false,
  isFlooded: true,
  encode(writer, snapshot) {
    writer.text(snapshot.broker)
    writer.varint(snapshot.incarnation)
    writer.varint(snapshot.version)
    writeEntries(writer, snapshot.entries)
  },
  decode: (reader) => ({
    broker: reader.name('broker'),
    incarnation: reader.varint('incarnation'),
    version: reader.varint('version'),
    entries: readEntries(reader)
  })
}

/**
 * True if the DEMAND ahead says nothing newer than what is held of its broker. In a flood most do,
 * and are told apart so without reading their entries. The reader stays where it is.
 */
export function isDemandKnown(
  reader: ByteReader,
  held: (broker: string) => DemandMark | undefined
): boolean {
  const { bytes, at, end } = reader
  const mark = held(reader.name('broker'))
  const incarnation = reader.varint('incarnation')
  const version = reader.varint('version')
  const isKnown = reader.fault === undefined && mark !== undefined
  reader.reset(bytes, at, end)
  return isKnown && compareDemandMarks({ incarnation, version }, mark) <= 0
}

/** The codec of DELTA. */
export const deltaFrame: FrameCodec<DemandDelta> = {
  name: 'DELTA',
  type: frameTypes.delta,
  mayGrow: false,
  isFlooded: true,
  encode(writer, delta) {
    writer.text(delta.broker)
    writer.varint(delta.incarnation)
    writer.varint(delta.fromVersion)
    writer.varint(delta.toVersion)
    writeEntries(writer, delta.set)
    writer.varint(delta.removed.length)
    for (const { kind, pattern } of delta.removed) {
      writer.u8(kind === 'queue' ? 0 : 1)
      writer.text(pattern)
    }
  },
  decode(reader) {
    const broker = reader.name('broker')
    const incarnation = reader.varint('incarnation')
    const fromVersion = reader.varint('fromVersion')
    const toVersion = reader.varint('toVersion')
    const set = readEntries(reader)
    const removed: RemovedDemand[] = []
    const count = reader.count('removed', demandEntriesMax)
    for (let i = 0; i < count && reader.fault === undefined; i += 1) {
      const kind = readKind(reader)
      removed.push({ kind, pattern: reader.text('pattern', patternBytesMax) })
    }
    return { broker, incarnation, fromVersion, toVersion, set, removed }
  }
}

/** The codec of DEMAND_REQUEST; the value is the broker whose demand is asked for. */
export const demandRequestFrame: FrameCodec<string> = {
  name: 'DEMAND_REQUEST',
  type: frameTypes.demandRequest,
  mayGrow: false,
  encode: (writer, broker) => writer.text(broker),
  decode: (reader) => reader.name('broker')
}

function writeEntries(writer: ByteWriter, entries: readonly DemandEntry[]): void {
  writer.varint(entries.length)
  for (const { kind, pattern, weight, isDurable, selectors } of entries) {
    const code = kind === 'queue' ? 0 : isDurable === true ? durableTopic : 1
    writer.u8(selectors === undefined ? code : code + withSelectors)
    writer.text(pattern)
    writer.varint(weight)
    if (selectors === undefined) continue
    writer.varint(selectors.length)
    for (const selector of selectors) writer.text(selector)
  }
}

function readEntries(reader: ByteReader): DemandEntry[] {
  const entries: DemandEntry[] = []
  const count = reader.count('entries', demandEntriesMax)
  for (let i = 0; i < count && reader.fault === undefined; i += 1) {
    const told = reader.u8('kind')
    const code = told & 3
    if (told > withSelectors + durableTopic || code > durableTopic) {
      reader.fail('kind', `is ${told}, expected 0, 1, 2, 4, 5 or 6`)
    }
    const kind = code === 0 ? 'queue' : 'topic'
    const pattern = reader.text('pattern', patternBytesMax)
    const entry = { kind, pattern, weight: reader.varint('weight') } as const
    const selectors = told < withSelectors ? undefined : readSelectors(reader)
    entries.push({
      ...entry,
      ...(code === durableTopic ? { isDurable: true } : {}),
      ...(selectors === undefined ? {} : { selectors })
    })
  }
  return entries
}

function readSelectors(reader: ByteReader): string[] {
  const selectors: string[] = []
  const count = reader.count('selectors', demandSelectorsMax)
  for (let i = 0; i < count && reader.fault === undefined; i += 1) {
    selectors.push(reader.text('selector', selectorBytesMax))
  }
  return selectors
}

function readKind(reader: ByteReader): 'queue' | 'topic' {
  return reader.flag('kind') ? 'topic' : 'queue'
}

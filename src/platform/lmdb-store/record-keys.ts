// The keys and small records of an LMDB store, format 1. All lie in one tree, so that a commit
// touches as few pages as it can:
//
//   u32 queue number, from 1 | u64 sequence + 2^53          a message: its encoded form
//   u32 0 | u8 kind | u32 number                            a record of the store itself
//
// kind 0: the header, JSON; 1: a queue, f64 count | f64 bytes | name; 2: a run of messages whose
// queue was removed, to be deleted bit by bit; 3: a channel's mark, JSON; 4: a fact, JSON. Numbers
// are big-endian, so that the order of the keys is the order of the queue.

import type { ChannelMark } from '../../ports/index.ts'

/** What the header says of the store. */
export interface StoreHeader {
  readonly format: number
  readonly storeId: string
}

/** Kinds of records. */
export const recordKinds = { header: 0, queue: 1, deadRun: 2, mark: 3, fact: 4 } as const

/** One of the kinds above. */
export type RecordKind = (typeof recordKinds)[keyof typeof recordKinds]

/** Highest number of a queue, a mark or a fact. */
export const recordNumberMax = 0xffff_fffe

const two32 = 2 ** 32
/** Sequences are safe integers: below this, above its negative. */
const sequenceEnd = 2 ** 53
/** Half the range of sequences, in units of 2^32. */
const highOffset = 2 ** 21

/** Key of a message. */
export function messageKey(queueNumber: number, sequence: number): Buffer {
  const key = Buffer.allocUnsafe(12)
  key.writeUInt32BE(queueNumber, 0)
  key.writeUInt32BE(Math.floor(sequence / two32) + highOffset, 4)
  key.writeUInt32BE(sequence >>> 0, 8)
  return key
}

/** Queue of a message's key. */
export function queueNumberOf(key: Buffer): number {
  return key.readUInt32BE(0)
}

/** Keys between which all messages of a queue lie; there is none at either. */
export function runBounds(queueNumber: number): readonly [start: Buffer, end: Buffer] {
  return [messageKey(queueNumber, -sequenceEnd), messageKey(queueNumber + 1, -sequenceEnd)]
}

/** Sequence of a message's key. */
export function sequenceOf(key: Buffer): number {
  return (key.readUInt32BE(4) - highOffset) * two32 + key.readUInt32BE(8)
}

/** Keys between which all records of a kind lie. */
export function recordBounds(kind: RecordKind): readonly [start: Buffer, end: Buffer] {
  return [recordKey(kind, 0), recordKey(kind, recordNumberMax + 1)]
}

/** Key of a record. */
export function recordKey(kind: RecordKind, number: number): Buffer {
  const key = Buffer.alloc(9)
  key.writeUInt8(kind, 4)
  key.writeUInt32BE(number, 5)
  return key
}

/** Number of a record's key. */
export function recordNumberOf(key: Buffer): number {
  return key.readUInt32BE(5)
}

/** A queue's record. */
export function encodeQueueRecord(name: string, count: number, bytes: number): Buffer {
  const value = Buffer.allocUnsafe(16 + Buffer.byteLength(name))
  value.writeDoubleBE(count, 0)
  value.writeDoubleBE(bytes, 8)
  value.write(name, 16)
  return value
}

/** Reads what {@link encodeQueueRecord} wrote. */
export function decodeQueueRecord(value: Buffer): { name: string; count: number; bytes: number } {
  return {
    name: value.toString('utf8', 16),
    count: value.readDoubleBE(0),
    bytes: value.readDoubleBE(8)
  }
}

/** A mark's record. */
export function encodeMarkRecord(channel: string, { epoch, highWater }: ChannelMark): Buffer {
  return Buffer.from(JSON.stringify([channel, epoch, highWater]))
}

/** Reads what {@link encodeMarkRecord} wrote. */
export function decodeMarkRecord(value: Buffer): [channel: string, mark: ChannelMark] {
  const [channel, epoch, highWater] = JSON.parse(value.toString()) as [string, string, number]
  return [channel, { epoch, highWater }]
}

/** A fact's record. */
export function encodeFactRecord(key: string, value: string): Buffer {
  return Buffer.from(JSON.stringify([key, value]))
}

/** Reads what {@link encodeFactRecord} wrote. */
export function decodeFactRecord(value: Buffer): [key: string, value: string] {
  return JSON.parse(value.toString()) as [string, string]
}

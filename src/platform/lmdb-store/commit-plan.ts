// What one batch does to the file: its net changes as operations, the room they need, and what the
// index says once they are on the disk. A plan is made when nothing else is being written, so what
// it reads is what it will change; until `settle` it changes nothing but the numbers it takes.

import type { ChannelMark, StorableMessage } from '../../ports/index.ts'
import type { QueueChange, StoreBatch } from '../../store/index.ts'
import type { LmdbEnvironment, Operation } from './lmdb-environment.ts'
import {
  encodeFactRecord,
  encodeMarkRecord,
  encodeQueueRecord,
  messageKey,
  recordKey,
  recordKinds,
  runBounds,
  sequenceOf
} from './record-keys.ts'
import type { RecordNumbers } from './record-numbers.ts'
import type { QueueState, StoreIndex } from './store-index.ts'

/** What a value costs beside its bytes: its key and the page's entry for it. */
const entryBytes = 32
/** Pages are not filled to the last byte, small values least predictably. */
const fillShare = 0.6
const pageBytes = 8_192
/** Share of a page that belongs to a message of a removed queue; its length is not looked up. */
const sweptBytes = pageBytes / 4

/** See the top of this file. */
export class CommitPlan {
  readonly operations: Operation[] = []
  /** Room that messages which are put may need. */
  bytesNeeded = 0
  /** Encoded bytes put less those removed. */
  bytesGrown = 0
  /** Bytes of the file's map that this touches, about. */
  bytesTouched = 0
  private readonly index: StoreIndex
  private readonly environment: LmdbEnvironment
  private readonly effects: (() => void)[] = []
  private readonly taken: { readonly numbers: RecordNumbers; readonly number: number }[] = []

  constructor(index: StoreIndex, environment: LmdbEnvironment) {
    this.index = index
    this.environment = environment
  }

  /** True if it leaves no less room than there is, though it may take some on the way. */
  get isShrinking(): boolean {
    return this.bytesNeeded === 0 || this.bytesGrown <= 0
  }

  /** Adds a batch; call once. */
  add(batch: StoreBatch): void {
    for (const [name, change] of batch.queues) this.addQueue(name, change)
    for (const [channel, mark] of batch.marks) this.addMark(channel, mark)
    for (const [key, value] of batch.facts) this.addFact(key, value)
  }

  /** Adds the deletion of up to `count` messages of removed queues. */
  addSweep(count: number): void {
    const [number] = this.index.deadRuns
    if (number === undefined) return
    const keys = this.environment.keys(...runBounds(number), count)
    for (const key of keys) this.operations.push({ key, value: undefined })
    this.bytesTouched += keys.length * sweptBytes
    if (keys.length === count) return
    this.operations.push({ key: recordKey(recordKinds.deadRun, number), value: undefined })
    this.effects.push(() => {
      // Two plans may have found the end of the same run.
      if (this.index.deadRuns.delete(number)) this.index.queueNumbers.giveBack(number)
    })
  }

  /** The operations are on the disk: the index says so, too. */
  settle(): void {
    for (const effect of this.effects) effect()
  }

  /** Nothing of the plan took effect. */
  drop(): void {
    for (const { numbers, number } of this.taken) numbers.giveBack(number)
  }

  private addQueue(name: string, change: QueueChange): void {
    const { index } = this
    const before = index.queues.get(name)
    if (change.isCleared && before !== undefined) this.bury(before)
    const kept = change.isCleared ? undefined : this.withHighest(before)
    let { count, bytes, number, highest }: Draft = kept ?? emptyQueue
    const bytesBefore = bytes
    const operationsBefore = this.operations.length
    for (const [sequence, message] of change.messages) {
      const length = this.lengthOf(kept, sequence)
      if (message === undefined && length < 0) continue
      number ??= this.take(index.queueNumbers)
      const key = messageKey(number, sequence)
      if (length >= 0) {
        count -= 1
        bytes -= length
        this.bytesTouched += length
      }
      const value = message === undefined ? undefined : this.encode(message)
      if (value !== undefined) {
        count += 1
        bytes += value.length
        highest = Math.max(highest, sequence)
      }
      this.operations.push({ key, value })
    }
    this.bytesGrown += bytes - bytesBefore
    if (number === undefined) {
      if (change.isCleared) this.effects.push(() => index.queues.delete(name))
      return
    }
    if (this.operations.length === operationsBefore) return
    this.setQueue(name, { number, count, bytes, highest })
  }

  private setQueue(name: string, after: QueueState): void {
    const { index } = this
    const key = recordKey(recordKinds.queue, after.number)
    if (after.count > 0) {
      this.operations.push({ key, value: encodeQueueRecord(name, after.count, after.bytes) })
      this.effects.push(() => index.queues.set(name, after))
      return
    }
    this.operations.push({ key, value: undefined })
    this.effects.push(() => {
      index.queues.delete(name)
      index.queueNumbers.giveBack(after.number)
    })
  }

  /** A removed queue's messages stay for now, out of sight, so that any queue goes at once. */
  private bury({ number, bytes }: QueueState): void {
    this.bytesGrown -= bytes
    this.operations.push({ key: recordKey(recordKinds.queue, number), value: undefined })
    this.operations.push({ key: recordKey(recordKinds.deadRun, number), value: Buffer.of(1) })
    this.effects.push(() => this.index.deadRuns.add(number))
  }

  private addMark(channel: string, mark: ChannelMark): void {
    const { marks, markNumbers } = this.index
    const number = marks.get(channel)?.number ?? this.take(markNumbers)
    const value = encodeMarkRecord(channel, mark)
    this.operations.push({ key: recordKey(recordKinds.mark, number), value })
    this.effects.push(() => marks.set(channel, { number, mark }))
  }

  private addFact(name: string, text: string | undefined): void {
    const { facts, factNumbers } = this.index
    const before = facts.get(name)
    if (text === undefined) {
      if (before === undefined) return
      this.operations.push({ key: recordKey(recordKinds.fact, before.number), value: undefined })
      this.effects.push(() => {
        facts.delete(name)
        factNumbers.giveBack(before.number)
      })
      return
    }
    const number = before?.number ?? this.take(factNumbers)
    const value = encodeFactRecord(name, text)
    // It is small, and without it nothing could be delivered and removed: it takes room as a
    // removal does.
    this.bytesGrown += before === undefined ? value.length : text.length - before.value.length
    this.operations.push({ key: recordKey(recordKinds.fact, number), value })
    this.effects.push(() => facts.set(name, { number, value: text }))
  }

  private encode(message: StorableMessage): Buffer {
    const value = message.encode()
    this.need(value.length)
    // Pages are written past the map; what is looked up in it on the way is a small part of them.
    this.bytesTouched += value.length / 16
    return value
  }

  private need(bytes: number): void {
    // Long values have pages of their own.
    const isLong = bytes > pageBytes / 2
    this.bytesNeeded += isLong
      ? Math.ceil((bytes + entryBytes) / pageBytes) * pageBytes + entryBytes
      : (bytes + entryBytes) / fillShare
  }

  private take(numbers: RecordNumbers): number {
    const number = numbers.take()
    this.taken.push({ numbers, number })
    return number
  }

  private withHighest(state: QueueState | undefined): Kept | undefined {
    if (state === undefined) return undefined
    const { highest } = state
    if (highest !== undefined) return { ...state, highest }
    const key = this.environment.lastKey(...runBounds(state.number))
    return { ...state, highest: key === undefined ? Number.NEGATIVE_INFINITY : sequenceOf(key) }
  }

  /** Length of a message as it is on the disk; -1 if it is absent. */
  private lengthOf(kept: Kept | undefined, sequence: number): number {
    if (kept === undefined || sequence > kept.highest) return -1
    return this.environment.sizeOf(messageKey(kept.number, sequence))
  }
}

type Kept = QueueState & { readonly highest: number }

interface Draft {
  count: number
  bytes: number
  number: number | undefined
  highest: number
}

const emptyQueue: Draft = {
  count: 0,
  bytes: 0,
  number: undefined,
  highest: Number.NEGATIVE_INFINITY
}

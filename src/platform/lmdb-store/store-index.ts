// What a store keeps in memory of itself: which queues there are and how much they hold, marks,
// facts, and runs of messages that are still to be deleted. It is as of the last batch that is on
// the disk; messages themselves are not in it.

import type { ChannelMark } from '../../ports/index.ts'
import type { LmdbEnvironment } from './lmdb-environment.ts'
import {
  decodeFactRecord,
  decodeMarkRecord,
  decodeQueueRecord,
  recordBounds,
  recordKinds,
  recordNumberOf
} from './record-keys.ts'
import { RecordNumbers } from './record-numbers.ts'

/** A queue that holds messages. */
export interface QueueState {
  readonly number: number
  readonly count: number
  /** Encoded length of all its messages. */
  readonly bytes: number
  /** No message has a higher sequence; undefined if that was not looked up so far. */
  readonly highest: number | undefined
}

/** A channel's mark and where it is kept. */
export interface MarkState {
  readonly number: number
  readonly mark: ChannelMark
}

/** A fact and where it is kept. */
export interface FactState {
  readonly number: number
  readonly value: string
}

/** See the top of this file. */
export class StoreIndex {
  readonly queues = new Map<string, QueueState>()
  readonly marks = new Map<string, MarkState>()
  readonly facts = new Map<string, FactState>()
  /** Numbers of removed queues whose messages are still there, oldest first. */
  readonly deadRuns = new Set<number>()
  readonly queueNumbers = new RecordNumbers()
  readonly markNumbers = new RecordNumbers()
  readonly factNumbers = new RecordNumbers()

  /** Reads the index of a store. Takes time with the number of queues, not of messages. */
  static read(environment: LmdbEnvironment): StoreIndex {
    const index = new StoreIndex()
    for (const { key, value } of environment.entries(...recordBounds(recordKinds.queue))) {
      const number = recordNumberOf(key)
      const { name, count, bytes } = decodeQueueRecord(value)
      index.queueNumbers.noteUsed(number)
      index.queues.set(name, { number, count, bytes, highest: undefined })
    }
    for (const { key } of environment.entries(...recordBounds(recordKinds.deadRun))) {
      index.queueNumbers.noteUsed(recordNumberOf(key))
      index.deadRuns.add(recordNumberOf(key))
    }
    for (const { key, value } of environment.entries(...recordBounds(recordKinds.mark))) {
      const [channel, mark] = decodeMarkRecord(value)
      index.markNumbers.noteUsed(recordNumberOf(key))
      index.marks.set(channel, { number: recordNumberOf(key), mark })
    }
    for (const { key, value } of environment.entries(...recordBounds(recordKinds.fact))) {
      const [name, text] = decodeFactRecord(value)
      index.factNumbers.noteUsed(recordNumberOf(key))
      index.facts.set(name, { number: recordNumberOf(key), value: text })
    }
    environment.endReads()
    return index
  }
}

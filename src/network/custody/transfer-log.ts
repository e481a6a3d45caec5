// Messages on their way to other brokers, in the store: one log for each channel.
// Records are numbered in the order they were written; each stays until its owner is done
// with it. What is not persistent is never written.

import type { DestinationTable, StoredQueue, StoreWriter } from '../../broker/index.ts'
import type { Clock } from '../../ports/index.ts'
import { readTransfer, storableTransfer, type TransferRecord } from './transfer-record.ts'

/** Records read at a time. */
const pageRecords = 512

/** What a log stands on. */
export interface TransferLogDeps {
  readonly store: StoreWriter
  readonly clock: Clock
  readonly destinations: DestinationTable
}

/** A record and its number in the log. */
export interface LoggedTransfer extends TransferRecord {
  readonly number: number
}

/** See the top of this file. */
export class TransferLog implements StoredQueue {
  readonly name: string
  /** What has a number up to this one is on disk, or settled. */
  storedUpTo = 0
  /** Told when that has risen. */
  onProgress: () => void = () => {}
  private readonly deps: TransferLogDeps
  private last = 0

  constructor(name: string, deps: TransferLogDeps) {
    this.name = name
    this.deps = deps
  }

  /**
   * Writes a record; answers its number, from 1.
   * @param state 'sent' for one that may be taken, and so be removed, at any moment
   */
  put(record: TransferRecord, state: 'waits' | 'sent' = 'waits'): number {
    const { store, clock } = this.deps
    this.last += 1
    store.put(this, this.last, storableTransfer(record, clock), state === 'sent')
    return this.last
  }

  remove(number: number): void {
    this.deps.store.remove(this, number)
  }

  /** Calls back when what was put and removed so far is on disk; with an error if it is not. */
  whenDurable(callback: (error: Error | undefined) => void): void {
    this.deps.store.whenDurable(callback)
  }

  onStored(upTo: number): void {
    this.storedUpTo = Math.max(this.storedUpTo, upTo)
    this.onProgress()
  }

  /** What an earlier life left, oldest first. To be called before anything is put. */
  recover(): LoggedTransfer[] {
    const { store, destinations, clock } = this.deps
    const found: LoggedTransfer[] = []
    for (;;) {
      const page = store.read(this.name, this.last, pageRecords)
      for (const { sequence, bytes } of page) {
        found.push({ ...readTransfer(bytes, destinations, clock), number: sequence })
        this.last = sequence
      }
      if (page.length === 0) break
    }
    this.storedUpTo = this.last
    return found
  }
}

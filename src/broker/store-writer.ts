// Gathers the turn's store changes into one batch, commits it at the end of the turn, and tells
// those who wait (producers' receipts, custody acknowledgements) when it is durable. A message
// stored and settled within one turn never reaches the store at all.

import { mark, type PostroadError } from '../base/index.ts'
import type { Clock, MessageStore, QueueSummary, StorableMessage } from '../ports/index.ts'

/** Called when everything written before is durable, or with the error that prevented it. */
export type DurableCallback = (error: PostroadError | undefined) => void

/** Writes a broker's persistent messages, batch by batch. */
export class StoreWriter {
  private readonly clock: Clock
  private readonly store: MessageStore
  private readonly added = new Map<string, Map<number, StorableMessage>>()
  private waiting: DurableCallback[] = []
  private isScheduled = false
  /** Who waits for each commit under way, oldest first. */
  private underWay: DurableCallback[][] = []

  constructor(clock: Clock, store: MessageStore) {
    this.clock = clock
    this.store = store
  }

  /** False where nothing survives the process: the queue itself is the store, a copy only costs. */
  get isWanted(): boolean {
    return this.store.isDurable
  }

  /** What the store holds of a queue, from this life or an earlier one. */
  summary(queue: string): QueueSummary | undefined {
    return this.isWanted ? this.store.summary(queue) : undefined
  }

  put(queue: string, sequence: number, message: StorableMessage): void {
    if (!this.isWanted) return
    let ofQueue = this.added.get(queue)
    if (ofQueue === undefined) {
      ofQueue = new Map()
      this.added.set(queue, ofQueue)
    }
    ofQueue.set(sequence, message)
    this.scheduleCommit()
  }

  remove(queue: string, sequence: number): void {
    if (!this.isWanted) return
    if (this.added.get(queue)?.delete(sequence)) return
    this.store.remove(queue, sequence)
    this.scheduleCommit()
  }

  removeQueue(queue: string): void {
    this.added.delete(queue)
    this.store.removeQueue(queue)
    this.scheduleCommit()
  }

  setFact(key: string, value: string | undefined): void {
    this.store.setFact(key, value)
    this.scheduleCommit()
  }

  /** Calls back, at once or later, when all that was written so far is durable. */
  whenDurable(callback: DurableCallback): void {
    if (!this.isScheduled && this.underWay.length === 0) callback(undefined)
    else {
      this.scheduleCommit()
      this.waiting.push(callback)
    }
  }

  private scheduleCommit(): void {
    if (this.isScheduled) return
    this.isScheduled = true
    this.clock.endOfTurn(this.commit)
  }

  private readonly commit = (): void => {
    this.isScheduled = false
    for (const [queue, messages] of this.added) {
      for (const [sequence, message] of messages) this.store.put(queue, sequence, message)
    }
    this.added.clear()
    this.underWay.push(this.waiting)
    this.waiting = []
    this.store.commit((error) => {
      if (error !== undefined) {
        mark('store-commit-failed')
        this.failAll(error)
      }
      // Commits are done in order, so that this is the oldest one.
      for (const callback of this.underWay.shift()!) callback(error)
    })
  }

  /** Whoever waits asked for all that was written before, and some of that is lost. */
  private failAll(error: PostroadError): void {
    const fail = (callback: DurableCallback): DurableCallback => {
      return () => callback(error)
    }
    this.underWay = this.underWay.map((callbacks) => callbacks.map(fail))
    this.waiting = this.waiting.map(fail)
  }
}

// Gathers a broker's store changes into batches, commits them, and tells those who wait (receipts
// of producers, custody acknowledgements) when they are durable. What waits for a consumer is
// written at the end of the turn; what a consumer has been given is held back a moment, since it is
// settled then as a rule, and what is stored and settled within one batch never reaches the store.
//
// Invariant: nobody is told that something is durable which is neither on disk nor settled. When
// the store fails, its changes are kept and tried again, and those who wait are told so.

import { mark, type PostroadError } from '../base/index.ts'
import {
  type Cancel,
  type ChannelMark,
  type Clock,
  type Logger,
  type MessageStore,
  type QueueSummary,
  type StoredMessage,
  type StoreUsage,
  silentLogger
} from '../ports/index.ts'
import { FlowGate } from './flow-gate.ts'
import { StoreFailure } from './store-failure.ts'
import { type StoredQueue, type WritableMessage, WriteBatch } from './write-batch.ts'

/** Called when everything written before is durable, or with the error that prevented it. */
export type DurableCallback = (error: PostroadError | undefined) => void

/** Commits under way at a time: the disk has the next one ready when it is done with one. */
const underWayMax = 2
/** How long what may soon be settled, or only removes, is held back. */
const holdBackMs = 2
/** How long marks are held back that go with nothing else. */
const markHoldBackMs = 50
/** Read at a time: no turn takes long, and memory is not filled by a page of large messages. */
const readBytesMax = 1024 * 1024
/** A store that failed is tried again after this. */
const retryMs = 1_000
/** A fact that is written to see whether a store that could not be written works again. */
const probeKey = 'store probe'
/** A store that was full takes messages again with so much room, or such a share of its bound. */
const roomBytesMin = 1024 * 1024
const roomShareMin = 1 / 64

interface Commit {
  readonly batch: WriteBatch
  readonly waiting: DurableCallback[]
  /** True if it holds all that was not written so far: then it shows whether the store works. */
  isWhole: boolean
}

/** Writes a broker's persistent messages, batch by batch. */
export class StoreWriter {
  /** Opens when a store that failed works again. */
  readonly gate = new FlowGate('store')
  /** Told when a store that failed works again. */
  onWorkingAgain: () => void = () => {}
  private readonly clock: Clock
  private readonly store: MessageStore
  private readonly failing: StoreFailure
  private batch = new WriteBatch()
  private waiting: DurableCallback[] = []
  private isUrgent = false
  /** True while a commit at the end of this turn, or a look whether there is one, is due. */
  private isTurnDue = false
  private cancelTimer: Cancel | undefined = undefined
  private cancelMarkTimer: Cancel | undefined = undefined
  private areMarksDue = false
  /** When the first of the open batch was held back; -1 while nothing is. */
  private heldSinceMs = -1
  /** Oldest first. */
  private readonly underWay: Commit[] = []
  private isClosed = false

  constructor(clock: Clock, store: MessageStore, logger: Logger = silentLogger) {
    this.clock = clock
    this.store = store
    this.failing = new StoreFailure(clock, logger)
  }

  /** False where nothing survives the process: the queue itself is the store, a copy only costs. */
  get isWanted(): boolean {
    return this.store.isDurable
  }

  /** Why the store takes nothing just now; undefined while it does. */
  get failure(): PostroadError | undefined {
    return this.failing.error
  }

  /** Since when it takes nothing, in monotonic time; undefined while it does. */
  get failingSinceMs(): number | undefined {
    return this.failing.sinceMs
  }

  /** 'memory', 'lmdb' …; for people. */
  get kind(): string {
    return this.store.kind
  }

  /** How full the store is. A store on disk is measured for it: not for every message. */
  usage(): StoreUsage {
    return this.store.usage()
  }

  /** @param isDelivered true if a consumer has it, and may be done with it at any moment */
  put(queue: StoredQueue, sequence: number, message: WritableMessage, isDelivered: boolean): void {
    if (!this.isWanted) return
    this.batch.put(queue, sequence, message)
    this.commitSoon(!isDelivered)
  }

  remove(queue: StoredQueue, sequence: number): void {
    if (!this.isWanted) return
    const wasNeverWritten = this.batch.remove(queue, sequence)
    if (!wasNeverWritten) this.commitSoon(false)
    else if (this.batch.messages === 0) {
      if (!this.batch.isOwed) this.heldSinceMs = -1
      if (this.waiting.length > 0) this.lookAtEndOfTurn()
    }
  }

  removeQueue(queue: StoredQueue): void {
    if (!this.isWanted) return
    this.batch.removeQueue(queue)
    this.commitSoon(false)
  }

  setFact(key: string, value: string | undefined): void {
    this.batch.setFact(key, value)
    this.commitSoon(false)
  }

  setMark(channel: string, mark: ChannelMark): void {
    this.batch.setMark(channel, mark)
    if (!this.isClosed)
      this.cancelMarkTimer ??= this.clock.schedule(markHoldBackMs, this.onMarkTimer)
  }

  /** Names of queues that hold messages on disk. */
  queues(): string[] {
    return this.store.queues()
  }

  summary(queue: string): QueueSummary | undefined {
    return this.store.summary(queue)
  }

  mark(channel: string): ChannelMark | undefined {
    return this.store.mark(channel)
  }

  fact(key: string): string | undefined {
    return this.store.fact(key)
  }

  factKeys(prefix: string): string[] {
    return this.store.factKeys(prefix)
  }

  /**
   * Messages on disk with a sequence over `after`, in order: up to `countMax`, and no more bytes
   * than are read at a time, but at least one if there is one.
   */
  read(queue: string, after: number, countMax: number): StoredMessage[] {
    return this.isClosed ? [] : this.store.read(queue, after, { countMax, bytesMax: readBytesMax })
  }

  /** What a consumer had been given waits again: it is not about to be settled. */
  hurry(): void {
    if (this.batch.messages > 0) this.commitSoon(true)
  }

  /** Calls back, at once or later, when all that was written so far is durable or settled. */
  whenDurable(callback: DurableCallback): void {
    if (this.batch.isOwed) {
      this.waiting.push(callback)
      // Removals alone are held back for nobody's sake.
      if (this.batch.messages === 0) this.commitSoon(true)
    } else if (this.underWay.length > 0) this.underWay.at(-1)!.waiting.push(callback)
    else callback(undefined)
  }

  /** Closes the store once all that was written so far is durable, or cannot be. */
  close(done: () => void): void {
    if (this.hasMarksAlone) {
      this.areMarksDue = true
      this.look()
    }
    this.whenDurable((error) => {
      if (this.isClosed) return
      if (error === undefined && this.hasMarksAlone) {
        this.close(done)
        return
      }
      // What the last timers of the broker still write is of a life that is over.
      this.isClosed = true
      this.cancelTimer?.()
      this.cancelMarkTimer?.()
      this.store.close(() => done())
    })
  }

  private get hasMarksAlone(): boolean {
    return !this.batch.isOwed && !this.batch.isEmpty
  }

  private commitSoon(isUrgent: boolean): void {
    if (this.isClosed) return
    if (isUrgent && !this.isUrgent) {
      this.isUrgent = true
      this.lookAtEndOfTurn()
    } else if (!isUrgent && !this.isUrgent && this.heldSinceMs < 0) {
      this.heldSinceMs = this.clock.monotonicMs()
      this.cancelTimer ??= this.clock.schedule(holdBackMs, this.onTimer)
    }
  }

  private lookAtEndOfTurn(): void {
    if (this.isTurnDue) return
    this.isTurnDue = true
    this.clock.endOfTurn(this.onEndOfTurn)
  }

  private readonly onTimer = (): void => {
    this.cancelTimer = undefined
    if (this.isClosed) return
    if (this.failure === undefined) {
      // What it was set for may be settled, and something else be held back since.
      if (this.heldSinceMs < 0) return
      const leftMs = this.heldSinceMs + holdBackMs - this.clock.monotonicMs()
      if (leftMs > 0) {
        this.cancelTimer = this.clock.schedule(leftMs, this.onTimer)
        return
      }
    }
    this.isUrgent = true
    this.look()
  }

  private readonly onMarkTimer = (): void => {
    this.cancelMarkTimer = undefined
    // With anything else they are written when that is.
    if (this.isClosed || !this.hasMarksAlone) return
    this.areMarksDue = true
    this.look()
  }

  private readonly onEndOfTurn = (): void => {
    this.isTurnDue = false
    this.look()
  }

  /** Commits what is urgent, and lets go whose messages were all settled meanwhile. */
  private look(): void {
    if (this.isClosed) return
    const { batch } = this
    if (!batch.isOwed) {
      this.letGo()
      // A store that failed is tried again, to know when it fails no more.
      const { failure } = this
      const isTry = this.isUrgent && failure !== undefined
      this.isUrgent = isTry || (this.areMarksDue && !batch.isEmpty)
      if (!this.isUrgent) return
      // A full one is asked for room; to any other only a write and its flush can tell.
      if (failure?.code === 'LOCAL_STORE_FAILED') batch.setFact(probeKey, 'tried')
    }
    // Removals alone hold back nobody who did not ask for them.
    if (!this.isUrgent && batch.messages === 0 && this.waiting.length > 0) this.isUrgent = true
    const mayCommit = this.failure === undefined || this.cancelTimer === undefined
    if (this.isUrgent && this.underWay.length < underWayMax && mayCommit) this.commit()
  }

  /** Nothing is to be written any more: who waits has to wait for earlier commits only. */
  private letGo(): void {
    if (this.waiting.length === 0) return
    const { waiting } = this
    this.waiting = []
    const last = this.underWay.at(-1)
    if (last !== undefined) last.waiting.push(...waiting)
    else for (const callback of waiting) callback(undefined)
  }

  private commit(): void {
    const commit: Commit = { batch: this.batch, waiting: this.waiting, isWhole: true }
    this.batch = new WriteBatch()
    this.waiting = []
    this.isUrgent = false
    this.areMarksDue = false
    this.heldSinceMs = -1
    this.underWay.push(commit)
    commit.batch.writeTo(this.store)
    this.store.commit((error) => this.onCommitted(commit, error))
  }

  private onCommitted(commit: Commit, error: PostroadError | undefined): void {
    const { batch, waiting, isWhole } = commit
    // Commits are done in order, so that this is the oldest one.
    this.underWay.shift()
    if (error === undefined) {
      if (this.failure !== undefined && isWhole) this.onWorking()
      batch.tellStored()
    } else this.onFailed(batch, error)
    for (const callback of waiting) callback(error)
    this.look()
  }

  /** A store that failed has done what was asked. That it could remove messages means no room. */
  private onWorking(): void {
    if (this.failure!.code === 'LOCAL_STORE_FULL' && !this.hasRoomAgain) {
      mark('store-still-full')
      this.retryLater()
      return
    }
    mark('store-works-again')
    this.failing.end()
    if (this.store.fact(probeKey) !== undefined) this.setFact(probeKey, undefined)
    this.onWorkingAgain()
    this.gate.open()
  }

  /** Whom it takes a message from must not be told at once that it does not fit after all. */
  private get hasRoomAgain(): boolean {
    const { bytesFree, bytesMax } = this.store.usage()
    return bytesFree >= Math.min(roomBytesMin, bytesMax * roomShareMin)
  }

  private retryLater(): void {
    this.cancelTimer?.()
    this.cancelTimer = this.clock.schedule(retryMs, this.onTimer)
  }

  private onFailed(batch: WriteBatch, error: PostroadError): void {
    mark('store-commit-failed')
    this.failing.begin(error)
    // Whoever waits asked for all that was written before, and some of that is not.
    for (const later of this.underWay) {
      failAll(later.waiting, error)
      later.isWhole = false
      batch.yieldTo(later.batch)
    }
    failAll(this.waiting, error)
    batch.giveTo(this.batch)
    this.retryLater()
  }
}

/** True for the error of a store that is full by its own bound, not by its disk. */
export function isBoundReached({ code, facts }: PostroadError): boolean {
  return code === 'LOCAL_STORE_FULL' && facts.bytesMax !== undefined
}

function failAll(waiting: DurableCallback[], error: PostroadError): void {
  for (let at = 0; at < waiting.length; at += 1) {
    const callback = waiting[at]!
    waiting[at] = () => callback(error)
  }
}

// The message store on LMDB. Commits that come while one is being written are written together by
// the next; if such a group fails, each of its commits is tried by itself, so that each gets its
// own answer. `done` is called when a commit is on the disk, in order.
//
// Invariant: the index says what is on the disk as of the last commit that is done.

import { assert, messageOf, PostroadError } from '../../base/index.ts'
import type {
  ChannelMark,
  MessageStore,
  QueueSummary,
  ReadLimits,
  StorableMessage,
  StoredMessage,
  StoreUsage
} from '../../ports/index.ts'
import { StoreBatch } from '../../store/index.ts'
import { CommitPlan } from './commit-plan.ts'
import { DiskReserve } from './disk-reserve.ts'
import type { LmdbEnvironment, Space } from './lmdb-environment.ts'
import { readRun, runEnds } from './read-run.ts'
import { StoreIndex } from './store-index.ts'

/** What an open store is made of. */
export interface LmdbStoreParts {
  readonly environment: LmdbEnvironment
  readonly storeId: string
  /** Bound of the store; a sixteenth of it, 64 MiB at most, is kept for removals. */
  readonly bytesMax: number
}

type Done = (error: PostroadError | undefined) => void

interface PendingCommit {
  readonly batch: StoreBatch
  readonly done: Done
}

const mib = 1024 * 1024
/** Messages put or removed that are written together, but for a single commit that has more. */
const groupChangesMax = 8_192
/** Messages of removed queues that are deleted with each commit, and when there is none. */
const sweepWithCommit = 256
const sweepAlone = 4_096
/** So much of the file is read and written until its map is given back to the system. */
const mapTouchedBytesMax = 48 * mib
/**
 * A commit looks at the page it writes behind, and the system maps those around it that are in its
 * cache, which are those of the commits before.
 */
const mappedAroundBytes = 64 * 1024

/** See the top of this file. */
export class LmdbStore implements MessageStore {
  readonly kind = 'lmdb'
  readonly isDurable = true
  readonly storeId: string
  private readonly environment: LmdbEnvironment
  private readonly reserve: DiskReserve
  private readonly bytesMax: number
  private readonly bytesKept: number
  private index: StoreIndex
  /** As it was measured last; that costs more than a small commit, so it is done when it counts. */
  private measured: Space
  /** Room that was given out since. */
  private bytesGivenSince = 0
  private isMeasured = true
  private batch = new StoreBatch()
  private pending: PendingCommit[] = []
  private isBusy = false
  private isBroken = false
  /** The disk had no room for what was put last: it is looked at before more is tried. */
  private isDiskFull = false
  private bytesTouched = 0
  private onIdle: (() => void) | undefined = undefined
  private isClosed = false

  constructor({ environment, storeId, bytesMax }: LmdbStoreParts) {
    this.environment = environment
    this.storeId = storeId
    this.bytesMax = bytesMax
    this.bytesKept = Math.min(bytesMax / 16, 64 * mib)
    this.reserve = new DiskReserve(environment.options.directory, Math.min(bytesMax / 16, 8 * mib))
    this.index = StoreIndex.read(environment)
    this.measured = environment.space()
  }

  put(queue: string, sequence: number, message: StorableMessage): void {
    this.open().put(queue, sequence, message)
  }

  remove(queue: string, sequence: number): void {
    this.open().remove(queue, sequence)
  }

  removeQueue(queue: string): void {
    this.open().removeQueue(queue)
  }

  setMark(channel: string, mark: ChannelMark): void {
    this.open().setMark(channel, mark)
  }

  setFact(key: string, value: string | undefined): void {
    this.open().setFact(key, value)
  }

  commit(done: Done): void {
    this.pending.push({ batch: this.open(), done })
    this.batch = new StoreBatch()
    if (!this.isBusy) void this.work()
  }

  queues(): string[] {
    return [...this.index.queues.keys()]
  }

  summary(queue: string): QueueSummary | undefined {
    const state = this.index.queues.get(queue)
    if (state === undefined) return undefined
    const ends = this.reading(() => runEnds(this.environment, state.number))
    // Between the end of a write and its `done` the file may be ahead of the index.
    if (ends === undefined) return undefined
    const { count, bytes } = state
    return { count, bytes, firstSequence: ends[0], lastSequence: ends[1] }
  }

  read(queue: string, after: number, limits: ReadLimits): StoredMessage[] {
    const state = this.index.queues.get(queue)
    if (state === undefined) return []
    const found = this.reading(() => readRun(this.environment, state.number, after, limits))
    for (const { bytes } of found) this.bytesTouched += bytes.length
    if (this.bytesTouched > mapTouchedBytesMax && !this.isBusy) void this.work()
    return found
  }

  mark(channel: string): ChannelMark | undefined {
    return this.index.marks.get(channel)?.mark
  }

  fact(key: string): string | undefined {
    return this.index.facts.get(key)?.value
  }

  factKeys(prefix: string): string[] {
    return [...this.index.facts.keys()].filter((key) => key.startsWith(prefix)).sort()
  }

  usage(): StoreUsage {
    const { bytesMax, bytesKept } = this
    try {
      const { liveBytes: bytesUsed } = this.isClosed ? this.measured : this.space()
      const bytesLeft = Math.max(0, bytesMax - bytesKept - bytesUsed)
      return { bytesUsed, bytesMax, bytesFree: Math.min(bytesLeft, this.roomOnDisk()) }
    } catch {
      this.isBroken = true
      return { bytesUsed: this.measured.liveBytes, bytesMax, bytesFree: 0 }
    }
  }

  close(done: Done): void {
    this.open()
    this.isClosed = true
    const finish = (): void => {
      this.environment.close().then(
        () => done(undefined),
        (error: unknown) => done(this.failure('closed', error))
      )
    }
    if (this.isBusy) this.onIdle = finish
    else finish()
  }

  private open(): StoreBatch {
    assert(!this.isClosed, 'a closed store is not used again')
    return this.batch
  }

  /** Writes what is pending, then tidies up, until there is nothing to do. */
  private async work(): Promise<void> {
    this.isBusy = true
    try {
      await this.writePending()
      while (this.index.deadRuns.size > 0 && !this.isClosed && !this.isBroken) {
        if ((await this.write(new StoreBatch(), sweepAlone)) !== undefined) break
        await this.writePending()
      }
    } finally {
      this.isBusy = false
    }
    if (this.pending.length > 0) void this.work()
    else this.onIdle?.()
  }

  private async writePending(): Promise<void> {
    while (this.pending.length > 0) {
      await this.writeGroup(this.takeGroup())
      await this.giveMapBack()
    }
    await this.giveMapBack()
  }

  private takeGroup(): PendingCommit[] {
    let changes = 0
    let length = 0
    for (const { batch } of this.pending) {
      changes += batch.changes
      if (length > 0 && changes > groupChangesMax) break
      length += 1
    }
    return this.pending.splice(0, length)
  }

  private async writeGroup(group: readonly PendingCommit[]): Promise<void> {
    if (group.length > 1) {
      const whole = new StoreBatch()
      for (const { batch } of group) whole.absorb(batch)
      if ((await this.write(whole, sweepWithCommit)) === undefined) {
        for (const { done } of group) done(undefined)
        return
      }
    }
    for (const [at, { batch, done }] of group.entries()) {
      const error = await this.write(batch, sweepWithCommit)
      if (error === undefined) {
        done(undefined)
        continue
      }
      // Nothing may be on disk without what came before it: what was begun meanwhile fails as well.
      const doomed = [...group.slice(at), ...this.pending.splice(0)]
      for (const one of doomed) one.done(error)
      return
    }
  }

  /** Makes a batch durable; answers why it is not. */
  private async write(batch: StoreBatch, sweepCount: number): Promise<PostroadError | undefined> {
    let plan: CommitPlan | undefined
    try {
      if (this.isBroken) await this.mend()
      plan = new CommitPlan(this.index, this.environment)
      plan.add(batch)
      plan.addSweep(sweepCount)
      this.environment.endReads()
      await this.makeRoom(plan)
      if (plan.operations.length > 0) await this.writePlan(plan)
      if (!plan.isShrinking) this.isDiskFull = false
      plan.settle()
    } catch (error) {
      plan?.drop()
      return this.failure('written', error)
    }
    this.bytesTouched += plan.bytesTouched + mappedAroundBytes
    this.bytesGivenSince += plan.bytesNeeded
    this.isMeasured = false
    this.reserve.noteCommit()
    return undefined
  }

  private async writePlan(plan: CommitPlan): Promise<void> {
    try {
      await this.environment.write(plan.operations)
    } catch (error) {
      // Who removes more than is put gets the room that was kept for that. What could not be put
      // before is tried again together with removals, and must not keep those from the disk.
      if (isFull(error) && !plan.isShrinking) this.isDiskFull = true
      const mayTakeReserve = isFull(error) && plan.isShrinking
      if (!mayTakeReserve || !this.reserve.release()) throw error
      await this.environment.write(plan.operations)
    }
  }

  /** Checks that there is room for what is put, waiting for removed queues to be deleted. */
  private async makeRoom({ bytesNeeded, bytesGrown, isShrinking }: CommitPlan): Promise<void> {
    if (bytesNeeded === 0) return
    const bytesMax = bytesGrown > 0 ? this.bytesMax - this.bytesKept : this.bytesMax
    const mayFit = this.measured.liveBytes + this.bytesGivenSince + bytesNeeded <= bytesMax
    while (!mayFit && this.space().liveBytes + bytesNeeded > bytesMax) {
      if (this.index.deadRuns.size === 0) throw this.full(bytesNeeded)
      const sweep = new CommitPlan(this.index, this.environment)
      sweep.addSweep(sweepAlone)
      this.environment.endReads()
      await this.writePlan(sweep)
      sweep.settle()
      this.isMeasured = false
    }
    if (isShrinking || (this.reserve.isHeld && !this.isDiskFull)) return
    if (this.roomOnDisk() < bytesNeeded) throw this.diskFull()
  }

  /** What may be put without a look at the bound: pages of the file that are free, or the disk. */
  private roomOnDisk(): number {
    const { fileBytes, liveBytes } = this.isClosed ? this.measured : this.space()
    // What removals need is in the reserve, or as much of the file is left alone: never more, or a
    // small file would take nothing again, however empty it became.
    const bytesLeftAlone = Math.min(this.bytesKept, this.reserve.isHeld ? 0 : this.reserve.bytes)
    const freeInFile = Math.max(0, fileBytes - liveBytes - bytesLeftAlone)
    return Math.max(freeInFile, this.reserve.freeBytes)
  }

  /** What was read stays in the memory of the process for as long as the file is open. */
  private async giveMapBack(): Promise<void> {
    if (this.bytesTouched < mapTouchedBytesMax) return
    this.bytesTouched = 0
    try {
      await this.environment.reopen()
    } catch {
      this.isBroken = true
    }
  }

  /** After a failure nobody knows what the library remembers, and what reached the disk. */
  private async mend(): Promise<void> {
    await this.environment.reopen()
    this.index = StoreIndex.read(this.environment)
    this.isMeasured = false
    this.isBroken = false
  }

  private space(): Space {
    if (!this.isMeasured) {
      this.measured = this.environment.space()
      this.bytesGivenSince = 0
      this.isMeasured = true
    }
    return this.measured
  }

  private reading<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      throw this.failure('read', error)
    }
  }

  private failure(what: string, error: unknown): PostroadError {
    if (isFull(error)) return error
    this.isBroken = true
    if (error instanceof PostroadError) return error
    const { directory } = this.environment.options
    const text = `store "${directory}" could not be ${what}: ${messageOf(error)}`
    return new PostroadError('LOCAL_STORE_FAILED', text, { directory }, error)
  }

  private full(bytesNeeded: number): PostroadError {
    const { directory } = this.environment.options
    const { bytesMax } = this
    const bytesUsed = this.space().liveBytes
    const text =
      `the store "${directory}" uses ${bytesUsed} of ${bytesMax} bytes, some of them kept for ` +
      `removals; a batch that needs ${Math.ceil(bytesNeeded)} more does not fit: let consumers ` +
      'catch up, or raise store.sizeMax'
    return new PostroadError('LOCAL_STORE_FULL', text, { directory, bytesUsed, bytesMax })
  }

  private diskFull(): PostroadError {
    const { directory } = this.environment.options
    const text = `the disk of store "${directory}" is full: make room on it`
    return new PostroadError('LOCAL_STORE_FULL', text, { directory })
  }
}

function isFull(error: unknown): error is PostroadError {
  return error instanceof PostroadError && error.code === 'LOCAL_STORE_FULL'
}

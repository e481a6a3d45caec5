// A durable store on virtual time. Commits take a while, end in order, and may fail when told to. A
// crash loses what was not committed; of the commits under way, the first few may have reached the
// disk although nobody was told so, as on a real machine.

import { assert, PostroadError } from '../../src/base/index.ts'
import {
  type ChannelMark,
  type MessageStore,
  type QueueSummary,
  type ReadLimits,
  randomHex,
  type StorableMessage,
  type StoredMessage,
  type StoreUsage
} from '../../src/ports/index.ts'
import { StoreBatch, StoreImage } from '../../src/store/index.ts'
import type { SimScheduler } from '../scheduler.ts'
import type { SimLoop } from './sim-loop.ts'

/** What a {@link SimStore} is made of. */
export interface SimStoreOptions {
  readonly name: string
  /** What survived an earlier life, from {@link SimStore.crash}; empty by default. */
  readonly image?: StoreImage
  /** Shortest and longest commit; 0.1 and 5 ms by default. */
  readonly commitMsMin?: number
  readonly commitMsMax?: number
  /** Most bytes held by a new image; 1 GiB by default. */
  readonly bytesMax?: number
  /** False to be asked for nothing that outlives the process; true by default. */
  readonly isDurable?: boolean
  /** Told of each step of a commit, at the moment it happens. */
  readonly onStep?: (step: StoreStep) => void
  /** What the process runs in, which is told of ends of commits; by default nothing holds it up. */
  readonly loop?: SimLoop
}

/**
 * A step of a commit: it is handed to the disk; it is on the disk, and nobody has been told; those
 * who wait have been told.
 */
export type StoreStep = 'store-begun' | 'store-committed' | 'store-told'

type Done = (error: PostroadError | undefined) => void

interface PendingCommit {
  readonly batch: StoreBatch
  readonly done: Done
  readonly failure: string | undefined
  /** One before it has failed, and takes it with it. */
  doom: PostroadError | undefined
}

/** A {@link MessageStore} that can crash and fail. */
export class SimStore implements MessageStore {
  readonly kind = 'sim'
  readonly isDurable: boolean
  private readonly scheduler: SimScheduler
  private readonly random
  private readonly options: SimStoreOptions
  private readonly image: StoreImage
  private batch = new StoreBatch()
  private pending: PendingCommit[] = []
  private busyUntilUs = 0
  private failures: string[] = []
  private fault: string | undefined = undefined
  /** How long each commit takes; undefined for as ever. */
  private commitMs: number | undefined = undefined
  private state: 'open' | 'closed' | 'crashed' = 'open'

  constructor(scheduler: SimScheduler, options: SimStoreOptions) {
    this.scheduler = scheduler
    this.options = options
    this.isDurable = options.isDurable ?? true
    const label = `${options.name}/${scheduler.steps}`
    this.random = scheduler.random.fork(`store/${label}`)
    const storeId = randomHex(scheduler.random.fork(`store-id/${label}`), 16)
    this.image = options.image ?? new StoreImage(options.bytesMax ?? 1024 ** 3, storeId)
  }

  /** Makes the next commit fail with `reason`, and the one after for a second call, and so on. */
  failNextCommit(reason = 'the disk failed'): void {
    this.failures.push(reason)
  }

  /** Makes every commit that ends from now on fail with `reason`, until called with undefined. */
  setFault(reason: string | undefined): void {
    this.scheduler.trace('store-fault', this.options.name, reason ?? '')
    this.fault = reason
  }

  /** Makes each commit take so long from now on; undefined for as ever. */
  setCommitMs(ms: number | undefined): void {
    this.scheduler.trace('store-speed', this.options.name, ms ?? 0)
    this.commitMs = ms
  }

  /** What is on the disk now, as a copy of it has it. */
  copyImage(): StoreImage {
    return this.image.copy()
  }

  /** True if a message is on the disk. */
  holds(queue: string, sequence: number): boolean {
    return this.image.holds(queue, sequence)
  }

  /** Encoded bytes of all messages on the disk. */
  get bytes(): number {
    return this.image.bytes
  }

  /**
   * Crashes the store: no `done` is called any more. Answers what is on the disk, for the next
   * life's store. Committed batches are; the open batch is not; commits under way are up to some
   * point drawn from the seed.
   */
  crash(): StoreImage {
    this.state = 'crashed'
    let survivors = this.random.integer(0, this.pending.length)
    this.scheduler.trace('store-crash', this.options.name, survivors)
    for (const commit of this.pending) {
      if (survivors === 0) break
      survivors -= 1
      const isFailing = commit.doom !== undefined || (commit.failure ?? this.fault) !== undefined
      if (isFailing || this.image.apply(commit.batch) !== undefined) break
    }
    this.pending = []
    return this.image
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
    const batch = this.open()
    this.batch = new StoreBatch()
    this.pending.push({ batch, done, failure: this.failures.shift(), doom: undefined })
    this.afterDisk(() => this.finish())
    this.options.onStep?.('store-begun')
  }

  queues(): string[] {
    return this.image.queues()
  }

  get storeId(): string {
    return this.image.storeId
  }

  summary(queue: string): QueueSummary | undefined {
    return this.image.summary(queue)
  }

  read(queue: string, after: number, limits: ReadLimits): StoredMessage[] {
    return this.image.read(queue, after, limits)
  }

  usage(): StoreUsage {
    return this.image.usage()
  }

  mark(channel: string): ChannelMark | undefined {
    return this.image.mark(channel)
  }

  fact(key: string): string | undefined {
    return this.image.fact(key)
  }

  factKeys(prefix: string): string[] {
    return this.image.factKeys(prefix)
  }

  close(done: Done): void {
    this.open()
    this.state = 'closed'
    this.afterDisk(() => this.tell(() => done(undefined)))
  }

  private open(): StoreBatch {
    assert(this.state !== 'closed', 'a closed store is not used again')
    return this.batch
  }

  /** One disk: commits end in the order they began, each at a time of its own. */
  private afterDisk(task: () => void): void {
    const { commitMsMin = 0.1, commitMsMax = 5 } = this.options
    const drawnMs = commitMsMin + (commitMsMax - commitMsMin) * this.random.float()
    const tookMs = this.commitMs ?? drawnMs
    const { nowUs } = this.scheduler
    this.busyUntilUs = Math.max(this.busyUntilUs, nowUs) + 1 + Math.ceil(tookMs * 1_000)
    this.scheduler.atUs(this.busyUntilUs, () => {
      if (this.state !== 'crashed') task()
    })
  }

  private finish(): void {
    const commit = this.pending.shift()!
    const error = commit.doom ?? this.write(commit)
    this.scheduler.trace('store-commit', this.options.name, error?.message ?? '')
    // Nothing may be on the disk without what came before it.
    if (error !== undefined) for (const later of this.pending) later.doom = error
    else this.options.onStep?.('store-committed')
    this.tell(() => {
      commit.done(error)
      if (error === undefined) this.options.onStep?.('store-told')
    })
  }

  private write({ batch, failure = this.fault }: PendingCommit): PostroadError | undefined {
    if (failure === undefined) return this.image.apply(batch)
    const text = `commit failed: ${failure}`
    return new PostroadError('LOCAL_STORE_FAILED', text, { store: this.options.name })
  }

  /** The disk goes on while the process does not: it is told when it has time. */
  private tell(task: () => void): void {
    const { loop } = this.options
    // It may have crashed at the very step before.
    if (this.state === 'crashed') return
    if (loop === undefined) task()
    else {
      loop.enter('input', () => {
        if (this.state !== 'crashed') task()
      })
    }
  }
}

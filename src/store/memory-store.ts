// A message store that lives as long as the process. It keeps the contract of a durable one
// (batches are whole, `done` comes later and in order, reads see committed batches only), so that a
// broker behaves alike on either.

import { assert, type PostroadError } from '../base/index.ts'
import type {
  ChannelMark,
  MessageStore,
  QueueSummary,
  ReadLimits,
  StorableMessage,
  StoredMessage,
  StoreUsage
} from '../ports/index.ts'
import { StoreBatch } from './store-batch.ts'
import { StoreImage } from './store-image.ts'

/** What {@link createMemoryStore} needs. */
export interface MemoryStoreOptions {
  /** Runs a task soon, never at once, in the order given; made from clock.endOfTurn. */
  readonly soon: (task: () => void) => void
  /** Most bytes of encoded messages held; 512 MiB by default. A commit over it fails. */
  readonly bytesMax?: number
  /** Random, from whoever may draw; 'memory' by default, where nobody compares it. */
  readonly storeId?: string
}

const bytesMaxDefault = 512 * 1024 * 1024

/** Makes an empty store. */
export function createMemoryStore(options: MemoryStoreOptions): MessageStore {
  return new MemoryStore(options)
}

type Done = (error: PostroadError | undefined) => void

interface PendingCommit {
  /** One before it has failed, and takes it with it. */
  doom: PostroadError | undefined
}

class MemoryStore implements MessageStore {
  readonly kind = 'memory'
  readonly isDurable = false
  private readonly soon: (task: () => void) => void
  private readonly image: StoreImage
  private batch = new StoreBatch()
  private readonly pending: PendingCommit[] = []
  private isClosed = false

  constructor(options: MemoryStoreOptions) {
    this.soon = options.soon
    this.image = new StoreImage(options.bytesMax ?? bytesMaxDefault, options.storeId ?? 'memory')
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

  get storeId(): string {
    return this.image.storeId
  }

  commit(done: Done): void {
    const batch = this.open()
    this.batch = new StoreBatch()
    const commit: PendingCommit = { doom: undefined }
    this.pending.push(commit)
    this.soon(() => {
      this.pending.shift()
      const error = commit.doom ?? this.image.apply(batch)
      if (error !== undefined) for (const later of this.pending) later.doom = error
      done(error)
    })
  }

  queues(): string[] {
    return this.image.queues()
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
    this.isClosed = true
    this.soon(() => done(undefined))
  }

  private open(): StoreBatch {
    assert(!this.isClosed, 'a closed store is not used again')
    return this.batch
  }
}

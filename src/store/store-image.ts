// The committed content of a store held in memory: what reads see. Only whole batches change it,
// and a batch that would take it over its bound changes nothing.

import { PostroadError } from '../base/index.ts'
import type {
  ChannelMark,
  QueueSummary,
  ReadLimits,
  StoredMessage,
  StoreUsage
} from '../ports/index.ts'
import { MessageShelf } from './message-shelf.ts'
import type { QueueChange, StoreBatch } from './store-batch.ts'

/** Committed queues, marks and facts. */
export class StoreImage {
  readonly bytesMax: number
  readonly storeId: string
  private bytesHeld = 0
  private readonly shelves = new Map<string, MessageShelf>()
  private readonly marks = new Map<string, ChannelMark>()
  private readonly facts = new Map<string, string>()

  /** @param bytesMax most bytes of encoded messages held at once */
  constructor(bytesMax: number, storeId: string) {
    this.bytesMax = bytesMax
    this.storeId = storeId
  }

  /** Encoded bytes of all messages held. */
  get bytes(): number {
    return this.bytesHeld
  }

  /** An image of its own with the same content, as a copy of a disk is. */
  copy(): StoreImage {
    const copy = new StoreImage(this.bytesMax, this.storeId)
    for (const [queue, shelf] of this.shelves) copy.shelves.set(queue, shelf.copy())
    for (const [channel, mark] of this.marks) copy.marks.set(channel, mark)
    for (const [key, value] of this.facts) copy.facts.set(key, value)
    copy.bytesHeld = this.bytesHeld
    return copy
  }

  /** True if `queue` holds a message with that sequence. */
  holds(queue: string, sequence: number): boolean {
    return this.shelves.get(queue)?.holds(sequence) ?? false
  }

  /** Applies all of a batch; LOCAL_STORE_FULL, and nothing of it, if it does not fit. */
  apply(batch: StoreBatch): PostroadError | undefined {
    let growth = 0
    for (const [queue, change] of batch.queues) growth += this.growthOf(queue, change)
    if (growth > 0 && this.bytesHeld + growth > this.bytesMax) return this.full(growth)
    for (const [queue, change] of batch.queues) this.applyChange(queue, change)
    for (const [channel, mark] of batch.marks) this.marks.set(channel, mark)
    for (const [key, value] of batch.facts) {
      if (value === undefined) this.facts.delete(key)
      else this.facts.set(key, value)
    }
    this.bytesHeld += growth
    return undefined
  }

  queues(): string[] {
    return [...this.shelves.keys()]
  }

  summary(queue: string): QueueSummary | undefined {
    return this.shelves.get(queue)?.summary()
  }

  read(queue: string, after: number, limits: ReadLimits): StoredMessage[] {
    return this.shelves.get(queue)?.read(after, limits) ?? []
  }

  usage(): StoreUsage {
    const { bytesHeld: bytesUsed, bytesMax } = this
    return { bytesUsed, bytesMax, bytesFree: Math.max(0, bytesMax - bytesUsed) }
  }

  mark(channel: string): ChannelMark | undefined {
    return this.marks.get(channel)
  }

  fact(key: string): string | undefined {
    return this.facts.get(key)
  }

  factKeys(prefix: string): string[] {
    return [...this.facts.keys()].filter((key) => key.startsWith(prefix)).sort()
  }

  private growthOf(queue: string, change: QueueChange): number {
    const shelf = this.shelves.get(queue)
    let growth = 0
    if (change.isCleared && shelf !== undefined) growth -= shelf.bytes
    for (const [sequence, message] of change.messages) {
      growth += message?.encodedBytes ?? 0
      if (!change.isCleared && shelf !== undefined) growth -= shelf.bytesOf(sequence)
    }
    return growth
  }

  private applyChange(queue: string, change: QueueChange): void {
    if (change.isCleared) this.shelves.delete(queue)
    let shelf = this.shelves.get(queue)
    for (const [sequence, message] of change.messages) {
      if (message === undefined) {
        shelf?.remove(sequence)
        continue
      }
      if (shelf === undefined) {
        shelf = new MessageShelf()
        this.shelves.set(queue, shelf)
      }
      shelf.put(sequence, message.encode())
    }
    if (shelf?.size === 0) this.shelves.delete(queue)
  }

  private full(growth: number): PostroadError {
    const { bytesHeld, bytesMax } = this
    const text =
      `the store holds ${bytesHeld} bytes and may hold ${bytesMax}; a batch of ${growth} more ` +
      'does not fit: let consumers catch up, or raise its bound'
    return new PostroadError('LOCAL_STORE_FULL', text, { bytesHeld, bytesMax, growth })
  }
}

// The stored messages of one queue, ordered by sequence. Appending at the end and removing anywhere
// are cheap, as a queue does both for every message; reading from any place is a binary search.

import type { QueueSummary, ReadLimits, StoredMessage } from '../ports/index.ts'

/** Removed sequences kept as gaps before the order is rebuilt. */
const gapsMin = 64

/** An ordered shelf of encoded messages. Holds what it is given; bounds are its owner's. */
export class MessageShelf {
  private readonly messages = new Map<number, Buffer>()
  /** Rising; may name sequences that are gone since, the gaps, but none at its ends. */
  private order: number[] = []
  /** Where the order begins: what was worked off from the head stands before. */
  private headAt = 0
  private bytesHeld = 0

  get size(): number {
    return this.messages.size
  }

  /** Encoded length of all messages. */
  get bytes(): number {
    return this.bytesHeld
  }

  /** Encoded length of one message; 0 if it is absent. */
  bytesOf(sequence: number): number {
    return this.messages.get(sequence)?.length ?? 0
  }

  holds(sequence: number): boolean {
    return this.messages.has(sequence)
  }

  /** What is held; undefined for nothing. */
  summary(): QueueSummary | undefined {
    const { size, bytes, order, headAt } = this
    if (size === 0) return undefined
    return { count: size, bytes, firstSequence: order[headAt]!, lastSequence: order.at(-1)! }
  }

  /** A shelf of its own with the same messages; their bytes are shared, as nobody changes them. */
  copy(): MessageShelf {
    const copy = new MessageShelf()
    for (const [sequence, bytes] of this.messages) copy.messages.set(sequence, bytes)
    copy.order = this.order.slice(this.headAt)
    copy.bytesHeld = this.bytesHeld
    return copy
  }

  put(sequence: number, bytes: Buffer): void {
    this.bytesHeld += bytes.length - this.bytesOf(sequence)
    this.messages.set(sequence, bytes)
    const { order } = this
    const last = order.at(-1)
    if (last === undefined || sequence > last) {
      order.push(sequence)
      return
    }
    const at = this.firstAt(sequence)
    if (order[at] !== sequence) order.splice(at, 0, sequence)
  }

  remove(sequence: number): void {
    this.bytesHeld -= this.bytesOf(sequence)
    if (!this.messages.delete(sequence)) return
    const { order, messages } = this
    while (order.length > this.headAt && !messages.has(order.at(-1)!)) order.pop()
    while (this.headAt < order.length && !messages.has(order[this.headAt]!)) this.headAt += 1
    const gaps = order.length - messages.size
    if (gaps > gapsMin && gaps > messages.size) {
      this.order = order.filter((kept) => messages.has(kept))
      this.headAt = 0
    }
  }

  /** Messages with a sequence over `after`, in order. */
  read(after: number, { countMax, bytesMax }: ReadLimits): StoredMessage[] {
    const found: StoredMessage[] = []
    const { order } = this
    let bytesFound = 0
    let at = this.firstAt(after)
    if (order[at] === after) at += 1
    for (; at < order.length && found.length < countMax; at += 1) {
      const sequence = order[at]!
      const bytes = this.messages.get(sequence)
      if (bytes === undefined) continue
      bytesFound += bytes.length
      if (bytesFound > bytesMax && found.length > 0) break
      found.push({ sequence, bytes })
    }
    return found
  }

  /** Index in `order` of the first sequence that is `sequence` or more. */
  private firstAt(sequence: number): number {
    const { order } = this
    let low = this.headAt
    let high = order.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (order[middle]! >= sequence) high = middle
      else low = middle + 1
    }
    return low
  }
}

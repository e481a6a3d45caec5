// The stored messages of one queue, ordered by sequence. Appending at the end and removing anywhere
// are cheap, as a queue does both for every message; reading from any place is a binary search.

import type { QueueSummary, StoredMessage } from '../ports/index.ts'

/** Removed sequences kept as gaps before the order is rebuilt. */
const gapsMin = 64

/** An ordered shelf of encoded messages. Holds what it is given; bounds are its owner's. */
export class MessageShelf {
  private readonly messages = new Map<number, Buffer>()
  /** Rising; may name sequences that are gone since, the gaps. */
  private order: number[] = []
  private bytesHeld = 0

  get size(): number {
    return this.messages.size
  }

  /** Encoded length of all messages. */
  get bytes(): number {
    return this.bytesHeld
  }

  /** Undefined if it is empty. */
  summary(): QueueSummary | undefined {
    const first = this.order.find((sequence) => this.messages.has(sequence))
    const last = this.order.findLast((sequence) => this.messages.has(sequence))
    if (first === undefined || last === undefined) return undefined
    const { size: count, bytes } = this
    return { count, bytes, firstSequence: first, lastSequence: last }
  }

  /** Encoded length of one message; 0 if it is absent. */
  bytesOf(sequence: number): number {
    return this.messages.get(sequence)?.length ?? 0
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
    const at = this.firstAfter(sequence - 1)
    if (order[at] !== sequence) order.splice(at, 0, sequence)
  }

  remove(sequence: number): void {
    this.bytesHeld -= this.bytesOf(sequence)
    if (!this.messages.delete(sequence)) return
    const gaps = this.order.length - this.messages.size
    if (gaps > gapsMin && gaps > this.messages.size) {
      this.order = this.order.filter((kept) => this.messages.has(kept))
    }
  }

  /** Up to `count` messages with a sequence over `after`, in order. */
  read(after: number, count: number): StoredMessage[] {
    const found: StoredMessage[] = []
    const { order } = this
    for (let at = this.firstAfter(after); at < order.length && found.length < count; at += 1) {
      const sequence = order[at]!
      const bytes = this.messages.get(sequence)
      if (bytes !== undefined) found.push({ sequence, bytes })
    }
    return found
  }

  /** Index in `order` of the first sequence over `after`. */
  private firstAfter(after: number): number {
    const { order } = this
    let low = 0
    let high = order.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (order[middle]! > after) high = middle
      else low = middle + 1
    }
    return low
  }
}

// One message's place in one queue, and the ordered list of those that wait. A doubly linked list,
// because selectors take from the middle and a dead consumer's messages go back to where they were.

import type { Message } from './message.ts'
import type { Queue } from './queue.ts'

/**
 * Where an entry stands: waiting in its queue, with a consumer, done with, or left to the store,
 * from which another one will be made.
 */
export type EntryState = 'ready' | 'delivered' | 'settled' | 'paged'

/** One message's place in a queue. */
export class QueueEntry {
  readonly message: Message
  readonly queue: Queue
  /** Position: rises with arrival, kept across redelivery. */
  readonly sequence: number
  state: EntryState = 'ready'
  isRedelivered: boolean
  /**
   * True if it came over a bridge: such a message is not sent on while a consumer here wants it.
   */
  readonly isForwarded: boolean
  /** True if it is in the store, or on its way there. */
  isStored = false
  /** What it takes of the spool, from when it was put there; the message may change on its way. */
  spooledBytes = 0
  /** How often a consumer refused it (NACK). */
  refusals = 0
  /** Connections that died with it unacknowledged. */
  losses = 0
  /**
   * While it waits: whether the filters of all consumers here leave it out, once that was
   * asked.
   */
  isUnwanted: boolean | undefined = undefined
  next: QueueEntry | undefined = undefined
  previous: QueueEntry | undefined = undefined

  constructor(message: Message, queue: Queue, sequence: number, isForwarded: boolean) {
    this.message = message
    this.queue = queue
    this.sequence = sequence
    this.isRedelivered = message.isRedelivered
    this.isForwarded = isForwarded
  }
}

/** No entries. */
export const noEntries: readonly QueueEntry[] = []

/** The entries that wait, in order of sequence. */
export class EntryList {
  head: QueueEntry | undefined = undefined
  tail: QueueEntry | undefined = undefined
  length = 0

  /** Adds an entry whose sequence is above all others. */
  append(entry: QueueEntry): void {
    this.insertAfter(entry, this.tail)
  }

  /** Puts entries, sorted by sequence, back in their places. */
  merge(entries: readonly QueueEntry[]): void {
    if (entries.length === 0) return
    let after = this.lastBefore(entries[0]!.sequence)
    let next = after === undefined ? this.head : after.next
    for (const entry of entries) {
      while (next !== undefined && next.sequence < entry.sequence) {
        after = next
        next = next.next
      }
      this.insertAfter(entry, after)
      after = entry
    }
  }

  /** The last entry with a lower sequence, searched for from the nearer end. */
  private lastBefore(sequence: number): QueueEntry | undefined {
    const { head, tail } = this
    if (head === undefined || tail === undefined || head.sequence > sequence) return undefined
    if (sequence - head.sequence > tail.sequence - sequence) {
      let last: QueueEntry | undefined = tail
      while (last !== undefined && last.sequence > sequence) last = last.previous
      return last
    }
    let last = head
    while (last.next !== undefined && last.next.sequence < sequence) last = last.next
    return last
  }

  remove(entry: QueueEntry): void {
    const { previous, next } = entry
    if (previous === undefined) this.head = next
    else previous.next = next
    if (next === undefined) this.tail = previous
    else next.previous = previous
    entry.next = undefined
    entry.previous = undefined
    this.length -= 1
  }

  private insertAfter(entry: QueueEntry, after: QueueEntry | undefined): void {
    const next = after === undefined ? this.head : after.next
    entry.previous = after
    entry.next = next
    if (after === undefined) this.head = entry
    else after.next = entry
    if (next === undefined) this.tail = entry
    else next.previous = entry
    this.length += 1
  }
}

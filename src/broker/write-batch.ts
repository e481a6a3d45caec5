// What one commit of a broker's store changes: messages put and removed, whole queues removed,
// facts and marks set. A message put and removed in one batch leaves nothing behind. A batch that
// failed gives its changes to the one after it, which knows better where both change the same.

import type { ChannelMark, MessageStore, StorableMessage } from '../ports/index.ts'

/** A message that is told when it is written. */
export interface WritableMessage extends StorableMessage {
  /** The batch it is in goes to the store: from here on it may be on disk. */
  onWriting(): void
}

/** A queue as the store's writer knows it. */
export interface StoredQueue {
  readonly name: string
  /** Everything put up to and including that sequence is on disk. */
  onStored(upTo: number): void
}

/** See the top of this file. */
export class WriteBatch {
  private readonly puts = new Map<StoredQueue, Map<number, WritableMessage>>()
  private readonly removals = new Map<StoredQueue, Set<number>>()
  private readonly endedQueues = new Set<string>()
  private readonly facts = new Map<string, string | undefined>()
  private readonly marks = new Map<string, ChannelMark>()
  private putCount = 0
  private removalCount = 0

  /** Messages it puts. */
  get messages(): number {
    return this.putCount
  }

  get isEmpty(): boolean {
    return !this.isOwed && this.marks.size === 0
  }

  /**
   * True if it holds more than marks. What a mark covers and is settled already need not be known
   * to a later life: the other end would send it again, and say that it may be known.
   */
  get isOwed(): boolean {
    const others = this.removalCount + this.endedQueues.size + this.facts.size
    return this.putCount + others > 0
  }

  put(queue: StoredQueue, sequence: number, message: WritableMessage): void {
    let ofQueue = this.puts.get(queue)
    if (ofQueue === undefined) {
      ofQueue = new Map()
      this.puts.set(queue, ofQueue)
    }
    this.putCount -= ofQueue.size
    ofQueue.set(sequence, message)
    this.putCount += ofQueue.size
  }

  /** True if the message was put in this batch, and so is not even written. */
  remove(queue: StoredQueue, sequence: number): boolean {
    if (this.puts.get(queue)?.delete(sequence)) {
      this.putCount -= 1
      return true
    }
    let ofQueue = this.removals.get(queue)
    if (ofQueue === undefined) {
      ofQueue = new Set()
      this.removals.set(queue, ofQueue)
    }
    if (!ofQueue.has(sequence)) this.removalCount += 1
    ofQueue.add(sequence)
    return false
  }

  /** Removes a queue with all it holds; nothing is put into it any more. */
  removeQueue(queue: StoredQueue): void {
    this.putCount -= this.puts.get(queue)?.size ?? 0
    this.puts.delete(queue)
    this.removalCount -= this.removals.get(queue)?.size ?? 0
    this.removals.delete(queue)
    this.endedQueues.add(queue.name)
  }

  setFact(key: string, value: string | undefined): void {
    this.facts.set(key, value)
  }

  setMark(channel: string, mark: ChannelMark): void {
    this.marks.set(channel, mark)
  }

  /** Hands all changes to the store's open batch. */
  writeTo(store: MessageStore): void {
    for (const name of this.endedQueues) store.removeQueue(name)
    for (const [{ name }, sequences] of this.removals) {
      for (const sequence of sequences) store.remove(name, sequence)
    }
    for (const [{ name }, messages] of this.puts) {
      for (const [sequence, message] of messages) {
        message.onWriting()
        store.put(name, sequence, message)
      }
    }
    for (const [key, value] of this.facts) store.setFact(key, value)
    for (const [channel, mark] of this.marks) store.setMark(channel, mark)
  }

  /** It is on disk: tells every queue how far it is. */
  tellStored(): void {
    for (const [queue, messages] of this.puts) {
      let upTo = Number.NEGATIVE_INFINITY
      for (const sequence of messages.keys()) if (sequence > upTo) upTo = sequence
      if (messages.size > 0) queue.onStored(upTo)
    }
  }

  /** It came to nothing, but `later` is under way already: what that one changes stands. */
  yieldTo(later: WriteBatch): void {
    for (const [queue, messages] of this.puts) {
      for (const sequence of messages.keys()) {
        const isChanged = later.endedQueues.has(queue.name) || later.changes(queue, sequence)
        if (isChanged) this.putCount -= messages.delete(sequence) ? 1 : 0
      }
    }
    for (const [queue, sequences] of this.removals) {
      for (const sequence of sequences) {
        if (later.changes(queue, sequence)) this.removalCount -= sequences.delete(sequence) ? 1 : 0
      }
    }
    for (const key of later.facts.keys()) this.facts.delete(key)
    for (const channel of later.marks.keys()) this.marks.delete(channel)
  }

  /** It came to nothing: `later` writes what it has not changed itself. */
  giveTo(later: WriteBatch): void {
    for (const name of this.endedQueues) later.endedQueues.add(name)
    for (const [queue, messages] of this.puts) {
      for (const [sequence, message] of messages) {
        const isChanged = later.endedQueues.has(queue.name) || later.changes(queue, sequence)
        if (!isChanged) later.put(queue, sequence, message)
      }
    }
    for (const [queue, sequences] of this.removals) {
      if (later.endedQueues.has(queue.name)) continue
      for (const sequence of sequences) {
        if (!later.puts.get(queue)?.has(sequence)) later.remove(queue, sequence)
      }
    }
    for (const [key, value] of this.facts) if (!later.facts.has(key)) later.facts.set(key, value)
    for (const [channel, mark] of this.marks) {
      if (!later.marks.has(channel)) later.marks.set(channel, mark)
    }
  }

  private changes(queue: StoredQueue, sequence: number): boolean {
    const isPut = this.puts.get(queue)?.has(sequence) ?? false
    return isPut || (this.removals.get(queue)?.has(sequence) ?? false)
  }
}

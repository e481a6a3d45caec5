// The open batch of a store: what changed since the last commit, in its net effect. A message put
// and removed within one batch leaves nothing behind, so it is never even encoded.

import type { ChannelMark, StorableMessage } from '../ports/index.ts'

/** What a batch does to one queue. */
export interface QueueChange {
  /** True if the queue loses all it held before this batch. */
  isCleared: boolean
  /** Messages put, by sequence; undefined where one is removed. */
  readonly messages: Map<number, StorableMessage | undefined>
}

/** Net changes to queues, channel marks and facts. */
export class StoreBatch {
  readonly queues = new Map<string, QueueChange>()
  readonly marks = new Map<string, ChannelMark>()
  /** Facts set; undefined where one is deleted. */
  readonly facts = new Map<string, string | undefined>()
  /** Messages put or removed so far; those that cancel out count as well. */
  changes = 0

  put(queue: string, sequence: number, message: StorableMessage): void {
    this.changes += 1
    this.changeOf(queue).messages.set(sequence, message)
  }

  remove(queue: string, sequence: number): void {
    this.changes += 1
    this.changeOf(queue).messages.set(sequence, undefined)
  }

  removeQueue(queue: string): void {
    const change = this.changeOf(queue)
    change.isCleared = true
    change.messages.clear()
  }

  setMark(channel: string, mark: ChannelMark): void {
    this.marks.set(channel, mark)
  }

  setFact(key: string, value: string | undefined): void {
    this.facts.set(key, value)
  }

  /** Adds what a later batch does, so that both are one. */
  absorb(later: StoreBatch): void {
    this.changes += later.changes
    for (const [queue, change] of later.queues) {
      if (change.isCleared) this.removeQueue(queue)
      const { messages } = this.changeOf(queue)
      for (const [sequence, message] of change.messages) messages.set(sequence, message)
    }
    for (const [channel, mark] of later.marks) this.marks.set(channel, mark)
    for (const [key, value] of later.facts) this.facts.set(key, value)
  }

  private changeOf(queue: string): QueueChange {
    let change = this.queues.get(queue)
    if (change === undefined) {
      change = { isCleared: false, messages: new Map() }
      this.queues.set(queue, change)
    }
    return change
  }
}

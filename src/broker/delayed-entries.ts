// Messages that were refused and wait for their next delivery. To their queue they are delivered:
// nothing is searched or skipped for them while they wait, and a queue without any pays nothing.
// When their time has come they are given back, and stand in their old places.
// Invariant: one timer for all of them, set for the earliest, and none while there are none.

import { Heap } from '../base/index.ts'
import type { Cancel, Clock } from '../ports/index.ts'
import type { Queue } from './queue.ts'
import type { QueueEntry } from './queue-entry.ts'

interface Delayed {
  readonly dueMs: number
  readonly entry: QueueEntry
}

/** See the top of this file. */
export class DelayedEntries {
  private readonly clock: Clock
  private readonly heap = new Heap<Delayed>((a, b) => a.dueMs < b.dueMs)
  private cancelTimer: Cancel = () => {}
  private timerMs = Number.POSITIVE_INFINITY

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Messages that wait here. */
  get size(): number {
    return this.heap.size
  }

  /** Takes a delivered entry, to be given back to its queue after a pause, or when it expires. */
  add(entry: QueueEntry, delayMs: number): void {
    const { expiresAtMs } = entry.message
    const atMs = this.clock.monotonicMs() + delayMs
    const dueMs = expiresAtMs > 0 ? Math.min(atMs, expiresAtMs) : atMs
    this.heap.push({ dueMs, entry })
    entry.queue.delayed += 1
    if (dueMs < this.timerMs) this.setTimer(dueMs)
  }

  private setTimer(dueMs: number): void {
    this.cancelTimer()
    this.timerMs = dueMs
    const waitMs = Math.max(0, dueMs - this.clock.monotonicMs())
    this.cancelTimer = this.clock.schedule(waitMs, () => this.onDue())
  }

  private onDue(): void {
    const nowMs = this.clock.monotonicMs()
    const byQueue = new Map<Queue, QueueEntry[]>()
    for (let next = this.heap.peek(); next !== undefined; next = this.heap.peek()) {
      if (next.dueMs > nowMs) break
      this.heap.pop()
      const { entry } = next
      entry.queue.delayed -= 1
      const ofQueue = byQueue.get(entry.queue)
      if (ofQueue === undefined) byQueue.set(entry.queue, [entry])
      else ofQueue.push(entry)
    }
    this.timerMs = Number.POSITIVE_INFINITY
    // Set before anything is offered: what is refused at once may come here again.
    const next = this.heap.peek()
    if (next !== undefined) this.setTimer(next.dueMs)
    for (const [queue, entries] of byQueue) queue.giveBack(entries, true)
  }
}

// Bytes that wait in this broker's queues, against one bound, and the compaction of messages that
// turn out to wait: after a moment they move out of the socket chunk they arrived in. Most messages
// are gone by then, and cost no copy.

import { mark } from '../base/index.ts'
import type { Clock } from '../ports/index.ts'
import { FlowGate } from './flow-gate.ts'
import type { QueueEntry } from './queue-entry.ts'

/** Below this share of the bound a full account opens its gate again. */
export const reopenShare = 0.8
/** Over this share of the bound queues on disk hold next to nothing in memory. */
const tightShare = 0.7
/** A message that waits is left in its socket chunk for one to two of these. */
const compactMs = 20

/** The memory of one broker's queues. */
export class MemoryAccount {
  readonly bytesMax: number
  readonly gate = new FlowGate('broker memory')
  private readonly clock: Clock
  private used = 0
  /** Entries that began to wait in this interval, and in the one before. */
  private young: QueueEntry[] = []
  private old: QueueEntry[] = []
  private isScheduled = false

  constructor(clock: Clock, bytesMax: number) {
    this.clock = clock
    this.bytesMax = bytesMax
  }

  get bytesUsed(): number {
    return this.used
  }

  get isFull(): boolean {
    return this.used >= this.bytesMax
  }

  /** True while queues that are kept on disk should hold as little as they can in memory. */
  get isTight(): boolean {
    return this.used >= this.bytesMax * tightShare
  }

  /** Bytes there is room for until then; 0 while it is so. */
  get bytesUntilTight(): number {
    return Math.max(0, Math.floor(this.bytesMax * tightShare) - this.used)
  }

  /** True when it is so far from full that those held back may go on. */
  get hasRoomAgain(): boolean {
    return this.used <= this.bytesMax * reopenShare
  }

  add(bytes: number): void {
    this.used += bytes
  }

  release(bytes: number): void {
    this.used -= bytes
    if (this.gate.waiters === 0 || !this.hasRoomAgain) return
    mark('memory-room-again')
    this.gate.open()
  }

  /** Moves the entry's message out of its socket chunk soon, if it still waits then. */
  compactLater(entry: QueueEntry): void {
    this.young.push(entry)
    if (!this.isScheduled) this.schedule()
  }

  private schedule(): void {
    this.isScheduled = true
    this.clock.schedule(compactMs, this.compactOld)
  }

  private readonly compactOld = (): void => {
    for (const { state, message } of this.old) {
      if (state === 'ready' || state === 'delivered') message.compact()
    }
    this.old = this.young
    this.young = []
    this.isScheduled = false
    if (this.old.length > 0) this.schedule()
  }
}

// Bytes that wait in this broker's queues, against one bound, and the compaction of messages that
// turn out to wait: at the end of the turn they move out of the socket chunk they arrived in.

import type { Clock } from '../ports/index.ts'
import { FlowGate } from './flow-gate.ts'
import type { QueueEntry } from './queue-entry.ts'

/** Below this share of the bound a full account opens its gate again. */
export const reopenShare = 0.8

/** The memory of one broker's queues. */
export class MemoryAccount {
  readonly bytesMax: number
  readonly gate = new FlowGate('broker memory')
  private readonly clock: Clock
  private used = 0
  private toCompact: QueueEntry[] = []

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

  add(bytes: number): void {
    this.used += bytes
  }

  release(bytes: number): void {
    this.used -= bytes
    if (this.gate.waiters > 0 && this.used <= this.bytesMax * reopenShare) this.gate.open()
  }

  /** Moves the entry's message out of its socket chunk at the end of the turn, if it still waits. */
  compactLater(entry: QueueEntry): void {
    if (this.toCompact.length === 0) this.clock.endOfTurn(this.compactNow)
    this.toCompact.push(entry)
  }

  private readonly compactNow = (): void => {
    const entries = this.toCompact
    this.toCompact = []
    for (const entry of entries) if (entry.state !== 'settled') entry.message.compact()
  }
}

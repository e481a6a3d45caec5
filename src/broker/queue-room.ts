// Whether one queue has room, and where its producers wait while it has none: by its own bounds, or
// for want of room in the spool, of which it knows its share.
// Invariant: while somebody waits at the gate, either the queue is over 80 % of a bound, or it is
// told when the spool has room again.

import { mark } from '../base/index.ts'
import { FlowGate } from './flow-gate.ts'
import { reopenShare } from './memory-account.ts'
import type { Message } from './message.ts'
import type { Queue } from './queue.ts'
import type { QueueEntry } from './queue-entry.ts'
import { storedBytes } from './stored-message.ts'

/** See the top of this file. */
export class QueueRoom {
  readonly gate: FlowGate
  /** Bytes on disk of what is not persistent, put there in this life. */
  spooledBytes = 0
  private readonly queue: Queue
  /** While producers wait for the spool. */
  private leaveSpool: (() => void) | undefined = undefined

  constructor(queue: Queue) {
    this.queue = queue
    this.gate = new FlowGate(`${queue.kind}://${queue.name}`)
  }

  get isFull(): boolean {
    const { held, heldBytes, options } = this.queue
    return held >= options.messagesMax || heldBytes >= options.bytesMax
  }

  /** True when the queue is so far from full that those held back may go on. */
  get hasRoomAgain(): boolean {
    const { held, heldBytes, options } = this.queue
    const { messagesMax, bytesMax } = options
    return held <= messagesMax * reopenShare && heldBytes <= bytesMax * reopenShare
  }

  /**
   * The gate that the producer of a message must wait at before sending more; undefined for none,
   * as where the next message will be refused.
   * @param isBehind the message waits behind what the queue holds in memory
   */
  gateAfter({ isPersistent }: Message, isBehind: boolean): FlowGate | undefined {
    const isWaiting = this.queue.options.whenFull === 'wait'
    if (this.isFull) {
      mark('queue-full')
      return isWaiting ? this.gate : undefined
    }
    if (!isWaiting) return undefined
    if (!isBehind || isPersistent || !this.queue.context.spool.isFull) return undefined
    mark('queue-waits-for-spool')
    this.watchSpool()
    return this.gate
  }

  /** Lets producers go on if they may. */
  openIfRoom(): void {
    if (this.gate.waiters === 0 || !this.hasRoomAgain) return
    const isSpoolNeeded = this.leaveSpool !== undefined && this.queue.mustWaitBehind
    if (isSpoolNeeded && !this.queue.context.spool.hasRoomAgain) return
    mark('queue-room-again')
    this.open()
  }

  /** A message is put on disk; it counts here if that is for want of memory only. */
  noteStored(entry: QueueEntry): void {
    if (entry.message.isPersistent) return
    entry.spooledBytes = storedBytes(entry.message)
    this.spooledBytes += entry.spooledBytes
    this.queue.context.spool.add(entry.spooledBytes)
  }

  /** Something is removed from disk that takes so much of the spool; 0 for all that does not. */
  noteRemoved(bytes: number): void {
    if (bytes === 0) return
    this.spooledBytes -= bytes
    this.queue.context.spool.release(bytes)
  }

  /** The queue ends, with all it holds. */
  end(): void {
    const bytes = this.spooledBytes
    this.spooledBytes = 0
    this.queue.context.spool.release(bytes)
    this.open()
  }

  private open(): void {
    this.leaveSpool?.()
    this.leaveSpool = undefined
    this.gate.open()
  }

  private watchSpool(): void {
    this.leaveSpool ??= this.queue.context.spool.gate.wait(() => {
      this.leaveSpool = undefined
      if (this.gate.waiters === 0) return
      // Others may have been quicker.
      this.watchSpool()
      this.openIfRoom()
    })
  }
}

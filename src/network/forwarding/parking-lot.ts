// Messages parked under keys, oldest first under each, within one bound in messages and bytes.
// Knows nothing of why they wait; they leave all of a key together, or when their time is over.

import type { Message, NonDeliveryReason } from '../../broker/index.ts'

/** One message that waits for a way. */
export interface ParkedMessage {
  readonly message: Message
  readonly targets: readonly string[]
  /** What it is given up for when its time is over. */
  readonly reason: NonDeliveryReason
  /** Monotonic time at which it is given up. */
  readonly untilMs: number
}

/** See the top of this file. */
export class ParkingLot {
  private readonly messagesMax: number
  private readonly bytesMax: number
  private readonly byKey = new Map<string, ParkedMessage[]>()
  private count = 0
  private bytes = 0

  constructor(messagesMax: number, bytesMax: number) {
    this.messagesMax = messagesMax
    this.bytesMax = bytesMax
  }

  get length(): number {
    return this.count
  }

  get bytesHeld(): number {
    return this.bytes
  }

  /** Adds behind the others of its key; 'full' leaves the lot as it was. */
  add(key: string, parked: ParkedMessage): 'accepted' | 'full' {
    const { sizeBytes } = parked.message
    const isFull = this.count >= this.messagesMax || this.bytes + sizeBytes > this.bytesMax
    if (isFull) return 'full'
    const list = this.byKey.get(key)
    if (list === undefined) this.byKey.set(key, [parked])
    else list.push(parked)
    this.count += 1
    this.bytes += sizeBytes
    return 'accepted'
  }

  /** Takes out what is parked under a key. */
  take(key: string): readonly ParkedMessage[] {
    const list = this.byKey.get(key)
    if (list === undefined) return none
    this.byKey.delete(key)
    this.account(list)
    return list
  }

  /** Everything parked, oldest first under each key. */
  *all(): Generator<ParkedMessage> {
    for (const list of this.byKey.values()) yield* list
  }

  /** The keys under which something is parked. */
  keys(): string[] {
    return [...this.byKey.keys()]
  }

  /** Takes out everything for which `isOver` holds, oldest first under each key. */
  takeIf(isOver: (parked: ParkedMessage) => boolean): readonly ParkedMessage[] {
    const over: ParkedMessage[] = []
    for (const [key, list] of this.byKey) {
      const kept = list.filter((parked) => {
        if (!isOver(parked)) return true
        over.push(parked)
        return false
      })
      if (kept.length === 0) this.byKey.delete(key)
      else if (kept.length < list.length) this.byKey.set(key, kept)
    }
    this.account(over)
    return over
  }

  private account(taken: readonly ParkedMessage[]): void {
    this.count -= taken.length
    for (const { message } of taken) this.bytes -= message.sizeBytes
  }
}

const none: readonly ParkedMessage[] = []

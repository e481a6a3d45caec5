// Messages in this broker's custody that have targets and no way there just now: the path is cut,
// or a guard found them going in circles. They are tried again whenever the map changes, for as
// long as the destination's patience; then they are given up, counted under a reason. Bounded in
// bytes.

import { RingQueue } from '../../base/index.ts'
import type { Message, NonDeliveryReason } from '../../broker/index.ts'
import type { Clock } from '../../ports/index.ts'

/** One message that waits for a way. */
export interface ParkedMessage {
  readonly message: Message
  readonly targets: readonly string[]
  readonly reason: NonDeliveryReason
  readonly untilMs: number
}

/** Bounds of the parking. */
export interface ParkingLimits {
  readonly messagesMax: number
  readonly bytesMax: number
  /** How long a message waits for a route. */
  readonly patienceMs: number
}

/** Safe defaults. */
export const defaultParkingLimits: ParkingLimits = {
  messagesMax: 100_000,
  bytesMax: 64 * 1024 * 1024,
  patienceMs: 30_000
}

/** Messages that wait for a route. */
export class Parking {
  private readonly clock: Clock
  private readonly limits: ParkingLimits
  private readonly giveUp: (message: Message, reason: NonDeliveryReason) => void
  private parked: RingQueue<ParkedMessage>
  private bytes = 0

  constructor(
    clock: Clock,
    limits: ParkingLimits,
    giveUp: (message: Message, reason: NonDeliveryReason) => void
  ) {
    this.clock = clock
    this.limits = limits
    this.giveUp = giveUp
    this.parked = new RingQueue(limits.messagesMax)
  }

  get length(): number {
    return this.parked.length
  }

  get bytesHeld(): number {
    return this.bytes
  }

  /** Takes a message in, or gives it up if the parking is full. */
  park(message: Message, targets: readonly string[], reason: NonDeliveryReason): void {
    const { sizeBytes } = message
    const isFull =
      this.parked.length >= this.limits.messagesMax || this.bytes + sizeBytes > this.limits.bytesMax
    if (isFull) {
      this.giveUp(message, 'parking-full')
      return
    }
    message.compact()
    const untilMs = this.clock.monotonicMs() + this.limits.patienceMs
    this.parked.push({ message, targets, reason, untilMs })
    this.bytes += sizeBytes
  }

  /** Takes everything out, oldest first, to be tried again. */
  takeAll(): ParkedMessage[] {
    const all = [...this.parked]
    this.parked.clear()
    this.bytes = 0
    return all
  }

  /** Puts one back that still has no way, keeping its patience. */
  putBack(parked: ParkedMessage): void {
    this.parked.push(parked)
    this.bytes += parked.message.sizeBytes
  }

  /** Gives up what has waited too long or expired. */
  sweep(): void {
    const nowMs = this.clock.monotonicMs()
    for (let first = this.parked.at(0); first !== undefined; first = this.parked.at(0)) {
      const { expiresAtMs } = first.message
      const isExpired = expiresAtMs > 0 && expiresAtMs <= nowMs
      if (!isExpired && first.untilMs > nowMs) return
      this.parked.shift()
      this.bytes -= first.message.sizeBytes
      this.giveUp(first.message, isExpired ? 'expired' : first.reason)
    }
  }
}

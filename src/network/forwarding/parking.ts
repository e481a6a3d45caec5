// Messages in this broker's custody that have targets and no way there just now, in memory: those
// that are not persistent, and of a broker without a store all. (Others wait in parking places.)
// Those without a route (the path is cut, or a guard found them going in circles) are tried again
// when the map changes, and from time to time; those for a full bridge when it has room. Each kind
// has a bound of its own, so that a broker that is gone takes no place from those that are only
// busy. What waits for longer than its patience is given up and counted under its reason.

import { mark } from '../../base/index.ts'
import type { Message, NonDeliveryReason } from '../../broker/index.ts'
import type { Clock } from '../../ports/index.ts'
import { type ParkedMessage, ParkingLot } from './parking-lot.ts'

/** Bounds of the parking: of messages without a route, and again of those for full bridges. */
export interface ParkingLimits {
  readonly messagesMax: number
  readonly bytesMax: number
  /** How long a message waits in all. */
  readonly patienceMs: number
}

/** Safe defaults. */
export const defaultParkingLimits: ParkingLimits = {
  messagesMax: 100_000,
  bytesMax: 64 * 1024 * 1024,
  patienceMs: 30_000
}

/** The only key of the lot without routes. */
const anywhere = ''

/** Messages that wait for a route or for room. */
export class Parking {
  private readonly clock: Clock
  private readonly patienceMs: number
  private readonly giveUp: (message: Message, reason: NonDeliveryReason) => void
  private readonly routeless: ParkingLot
  /** By the neighbour whose bridge is full. */
  private readonly roomless: ParkingLot

  constructor(
    clock: Clock,
    limits: ParkingLimits,
    giveUp: (message: Message, reason: NonDeliveryReason) => void
  ) {
    this.clock = clock
    this.patienceMs = limits.patienceMs
    this.giveUp = giveUp
    this.routeless = new ParkingLot(limits.messagesMax, limits.bytesMax)
    this.roomless = new ParkingLot(limits.messagesMax, limits.bytesMax)
  }

  get length(): number {
    return this.routeless.length + this.roomless.length
  }

  get bytesHeld(): number {
    return this.routeless.bytesHeld + this.roomless.bytesHeld
  }

  /** Bytes of messages for full bridges. */
  get bytesForRoom(): number {
    return this.roomless.bytesHeld
  }

  /** When a message that begins to wait now is given up. */
  untilMs(): number {
    return this.clock.monotonicMs() + this.patienceMs
  }

  /** Parks a message until there may be another route, or gives it up if there is no place. */
  parkForRoute(parked: ParkedMessage): void {
    mark('parked-for-a-route')
    this.park(this.routeless, anywhere, parked)
  }

  /** Parks a message until the bridge to `nextHop` has room, or gives it up as above. */
  parkForRoom(parked: ParkedMessage, nextHop: string): void {
    mark('parked-for-room')
    this.park(this.roomless, nextHop, parked)
  }

  /** Everything parked, for whoever wants to see it. */
  *all(): Generator<ParkedMessage> {
    yield* this.routeless.all()
    yield* this.roomless.all()
  }

  /** Takes out what has no route, oldest first. */
  takeForRoute(): readonly ParkedMessage[] {
    return this.routeless.take(anywhere)
  }

  /** Takes out what waits for room on the bridge to `nextHop`, oldest first. */
  takeForRoom(nextHop: string): readonly ParkedMessage[] {
    return this.roomless.take(nextHop)
  }

  /** The neighbours to whose full bridges something waits. */
  hopsWaitedFor(): string[] {
    return this.roomless.keys()
  }

  /** True when the message has expired; it is then given up. */
  giveUpIfExpired({ message }: ParkedMessage): boolean {
    const { expiresAtMs } = message
    if (expiresAtMs === 0 || expiresAtMs > this.clock.monotonicMs()) return false
    mark('parked-until-expired')
    this.giveUp(message, 'expired')
    return true
  }

  /** Gives up what has waited too long or expired. */
  sweep(): void {
    const nowMs = this.clock.monotonicMs()
    const isOver = ({ message, untilMs }: ParkedMessage): boolean =>
      untilMs <= nowMs || (message.expiresAtMs > 0 && message.expiresAtMs <= nowMs)
    for (const lot of [this.routeless, this.roomless]) {
      for (const parked of lot.takeIf(isOver)) {
        if (this.giveUpIfExpired(parked)) continue
        mark('parked-too-long')
        this.giveUp(parked.message, parked.reason)
      }
    }
  }

  private park(lot: ParkingLot, key: string, parked: ParkedMessage): void {
    const { message } = parked
    if (lot.add(key, parked) === 'accepted') message.compact()
    else {
      mark('parking-full')
      this.giveUp(message, 'parking-full')
    }
  }
}

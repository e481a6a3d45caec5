// How many messages of one queue may be on their way to one other broker: what that broker last
// granted, less those it has not counted as arrived. Until it has said something, a guess by the
// weight of its demand. What is lost on the way, or comes there by somebody else's choice, makes
// both ends count differently; each grant, and now and then a sweep, puts that right.
// Invariant: 0 <= confirmed <= sent, and room is what was granted less what lies between the two.

import { mark } from '../../base/index.ts'
import type { QueueGrant } from '../bridge-protocol/index.ts'

/** Sweeps without a word, while messages wait for one, before a broker is thought to be mute. */
const silentSweepsMax = 2

/** See the top of this file. */
export class FarWindow {
  /** How many more may leave. Below 0 when less was granted than is on its way. */
  room = 0
  /** Deliveries the far consumers take at once, as far as is known. */
  capacity = 1
  private weight = 0
  private granted = 0
  private sent = 0
  /** Of those sent, how many have arrived or are thought to have. */
  private confirmed = 0
  /** What the other end had counted when it spoke last. */
  private arrived: number | undefined = undefined
  private silentSweeps = 0

  /** How many may have come there in the end, by the count of the other end. */
  get limit(): number {
    return (this.arrived ?? 0) + this.granted
  }

  /** One more is on its way. */
  take(): void {
    this.sent += 1
    this.room -= 1
  }

  /** Demand of another weight is news of the consumers there; 0 tells nothing of them. */
  onWeight(weight: number): void {
    if (weight === 0 || weight === this.weight) return
    const isMore = weight > this.weight
    this.weight = weight
    const least = leastCapacity(weight)
    // The middle between this weight and the next.
    this.capacity = Math.max(1, Math.floor(least * 1.5))
    if (isMore) this.granted = Math.max(this.granted, guess(weight))
    this.update()
  }

  /** The other end has said how many it takes. */
  onGrant({ arrived, room, capacity }: Pick<QueueGrant, 'arrived' | 'room' | 'capacity'>): void {
    const before = this.arrived
    const isNewCount = before !== undefined && arrived < before
    if (isNewCount) mark('grant-counted-anew')
    const news = isNewCount ? arrived : arrived - (before ?? 0)
    this.confirmed = Math.min(this.sent, this.confirmed + news)
    this.arrived = arrived
    this.granted = room
    this.capacity = Math.max(1, capacity)
    this.silentSweeps = 0
    this.update()
  }

  /** The way there has changed: who knows what became of that on the old one. */
  startOver(): void {
    this.confirmed = this.sent
    this.update()
  }

  /**
   * Periodic work while there is no room. What has not arrived by now, a sweep after it left, went
   * somewhere else; and a broker that says nothing cannot be waited for.
   */
  sweep(): void {
    this.silentSweeps += 1
    if (this.confirmed < this.sent) {
      mark('grant-for-what-never-arrived')
      this.confirmed = this.sent
    }
    if (this.silentSweeps > silentSweepsMax) {
      mark('grant-never-came')
      this.silentSweeps = 0
      this.granted = Math.max(this.granted, guess(this.weight))
    }
    this.update()
  }

  private update(): void {
    this.room = this.granted - (this.sent - this.confirmed)
  }
}

/** The least credit that has a weight. */
function leastCapacity(weight: number): number {
  return 2 ** (Math.max(1, weight) - 1)
}

/** What consumers of that weight are thought to take: between one and two times their credit. */
function guess(weight: number): number {
  return 2 * leastCapacity(weight)
}

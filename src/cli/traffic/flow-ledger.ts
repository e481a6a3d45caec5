// The account of one flow: the numbered messages of one producer towards one receiver, which may be
// a group of consumers that share a queue. Says what is under way, lost or doubled.
//
// A flow counts from when it listens: what is sent before a subscription is known at the producer's
// broker is nobody's loss. Bounded in what is under way and in how far back doubles are recognised.

/** A message not seen for so long counts as lost; should it come after all, it does no longer. */
export const lostAfterMs = 10_000
const underWayMax = 1_000_000
const rememberedMax = 65_536

/** One flow. */
export class FlowLedger {
  isListening: boolean
  /** Deliveries that are due, made or not. */
  due = 0
  received = 0
  duplicated = 0
  /** Number to when it was sent, oldest first. */
  private readonly underWay = new Map<number, number>()
  private readonly seen = new Set<number>()
  private givenUp = 0

  constructor(isListening: boolean) {
    this.isListening = isListening
  }

  /** Deliveries due and not made, lost ones included. */
  get missing(): number {
    return this.underWay.size + this.givenUp
  }

  sent(number: number, nowMs: number): void {
    if (!this.isListening) return
    this.due += 1
    if (this.underWay.size >= underWayMax) {
      const [oldest] = this.underWay.keys()
      this.underWay.delete(oldest!)
      this.givenUp += 1
    }
    this.underWay.set(number, nowMs)
  }

  arrived(number: number): void {
    if (this.seen.has(number)) {
      this.duplicated += 1
      return
    }
    this.seen.add(number)
    if (this.seen.size > rememberedMax) {
      const [oldest] = this.seen
      this.seen.delete(oldest!)
    }
    if (this.underWay.delete(number)) this.received += 1
  }

  /** The producer never learned whether its broker took the message: it is due no longer. */
  forget(number: number): void {
    if (this.underWay.delete(number)) this.due -= 1
  }

  /** Deliveries due for too long. */
  lost(nowMs: number): number {
    let count = this.givenUp
    for (const sentAtMs of this.underWay.values()) {
      if (nowMs - sentAtMs < lostAfterMs) break
      count += 1
    }
    return count
  }
}

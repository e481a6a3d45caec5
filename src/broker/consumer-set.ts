// The consumers of one queue and the choice among them: local ones first, in turn; then proxies of
// other brokers, cheapest first and in turn among equals. Says nothing of messages but their
// filter.

import type { Consumer } from './consumer.ts'
import type { Message } from './message.ts'
import type { QueueEntry } from './queue-entry.ts'

/** A consumer's place at one queue. */
export class ConsumerSlot {
  readonly consumer: Consumer
  /** Last waiting entry this consumer's filter was tried on, so that none is tried twice. */
  cursor: QueueEntry | undefined = undefined

  constructor(consumer: Consumer) {
    this.consumer = consumer
  }
}

/** Consumers of a queue, in order of preference. */
export class ConsumerSet {
  readonly local: ConsumerSlot[] = []
  readonly remote: ConsumerSlot[] = []
  private localTurn = 0
  private remoteTurn = 0

  add(consumer: Consumer): ConsumerSlot {
    const slot = new ConsumerSlot(consumer)
    if (consumer.cost === 0) {
      this.local.push(slot)
    } else {
      this.remote.push(slot)
      this.sortRemote()
    }
    return slot
  }

  remove(consumer: Consumer): boolean {
    const at = this.local.findIndex((slot) => slot.consumer === consumer)
    if (at >= 0) {
      this.local.splice(at, 1)
      // The one whose turn it was keeps it.
      if (at < this.localTurn) this.localTurn -= 1
      if (this.localTurn >= this.local.length) this.localTurn = 0
      return true
    }
    const remoteAt = this.remote.findIndex((slot) => slot.consumer === consumer)
    if (remoteAt < 0) return false
    this.remote.splice(remoteAt, 1)
    return true
  }

  find(consumer: Consumer): ConsumerSlot | undefined {
    const slots = consumer.cost === 0 ? this.local : this.remote
    return slots.find((slot) => slot.consumer === consumer)
  }

  /** To be called when the cost of a proxy changed. */
  sortRemote(): void {
    this.remote.sort((a, b) => a.consumer.cost - b.consumer.cost)
  }

  /** Whether some local consumer would ever take the message, credit or not. */
  isWantedHere(message: Message): boolean {
    for (const { consumer } of this.local) {
      if (consumer.filter === undefined || consumer.filter.matches(message)) return true
    }
    return false
  }

  /** The consumer to take the message now, if any has credit and wants it. */
  pick(message: Message, isForwarded: boolean): Consumer | undefined {
    const consumer = this.pickLocal(message)
    if (consumer !== undefined || this.remote.length === 0) return consumer
    // A message sent here for our consumers stays while they exist: it would only go in circles.
    if (isForwarded && this.isWantedHere(message)) return undefined
    return this.pickRemote(message)
  }

  private pickLocal(message: Message): Consumer | undefined {
    const { local } = this
    const count = local.length
    for (let i = 0; i < count; i += 1) {
      let at = this.localTurn + i
      if (at >= count) at -= count
      const consumer = local[at]!.consumer
      if (consumer.credit > 0 && wants(consumer, message)) {
        this.localTurn = at + 1 >= count ? 0 : at + 1
        return consumer
      }
    }
    return undefined
  }

  private pickRemote(message: Message): Consumer | undefined {
    const { remote } = this
    let cheapest = Number.POSITIVE_INFINITY
    let equals = 0
    for (const { consumer } of remote) {
      if (consumer.cost > cheapest) break
      if (consumer.credit <= 0 || !wants(consumer, message)) continue
      cheapest = consumer.cost
      equals += 1
    }
    if (equals === 0) return undefined
    let skip = this.remoteTurn++ % equals
    for (const { consumer } of remote) {
      if (consumer.cost !== cheapest || consumer.credit <= 0 || !wants(consumer, message)) continue
      if (skip === 0) return consumer
      skip -= 1
    }
    return undefined
  }
}

function wants(consumer: Consumer, message: Message): boolean {
  return consumer.filter === undefined || consumer.filter.matches(message)
}

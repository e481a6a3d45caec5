// The consumers of one queue and the choice among them: local ones first, in turn; then proxies of
// other brokers, cheapest first and by their capacity among equals. Says nothing of messages but
// their filter. Invariant: proxies are in order of cost, whatever order they came in.

import { mark } from '../base/index.ts'
import type { Consumer } from './consumer.ts'
import type { Message } from './message.ts'
import type { QueueEntry } from './queue-entry.ts'

/** A consumer's place at one queue. */
export class ConsumerSlot {
  readonly consumer: Consumer
  /**
   * Last waiting entry a local consumer's filter was tried on, so that none is tried twice. Always
   * undefined without a filter, which takes whatever is first, and for proxies.
   */
  cursor: QueueEntry | undefined = undefined
  /** With a filter: the last message of the queue's backlog it was tried on, by its sequence. */
  searched = Number.NEGATIVE_INFINITY
  /** For proxies: the earliest has its turn next. A large capacity makes turns come soon. */
  turn = 0
  /** Told when something waits; undefined where the owner of the consumer need not know. */
  readonly onBacklog: (() => void) | undefined

  constructor(consumer: Consumer, onBacklog: (() => void) | undefined) {
    this.consumer = consumer
    this.onBacklog = onBacklog
  }
}

/** Consumers of a queue, in order of preference. */
export class ConsumerSet {
  /** Consumers of this broker, in order of arrival. */
  readonly local: ConsumerSlot[] = []
  /** Proxies of other brokers' consumers, cheapest first. */
  readonly remote: ConsumerSlot[] = []
  /** Slots of the local consumers that have a filter. */
  readonly filtered: ConsumerSlot[] = []
  /**
   * Slots that look through the backlog for what they take: those, and choosy proxies unless
   * somebody here takes everything.
   */
  searchers: readonly ConsumerSlot[] = []
  /** Slots whose owners want to know when something waits. */
  readonly told: ConsumerSlot[] = []
  private readonly slots = new Map<Consumer, ConsumerSlot>()
  private localTurn = 0
  /** The latest turn a proxy has had. */
  private remoteTurn = 0

  add(consumer: Consumer, onBacklog?: () => void): ConsumerSlot {
    const slot = new ConsumerSlot(consumer, onBacklog)
    this.slots.set(consumer, slot)
    if (consumer.cost > 0) {
      let at = this.remote.length
      while (at > 0 && this.remote[at - 1]!.consumer.cost > consumer.cost) at -= 1
      this.remote.splice(at, 0, slot)
      this.listSearchers()
      return slot
    }
    this.local.push(slot)
    if (consumer.filter !== undefined) this.filtered.push(slot)
    this.listSearchers()
    if (onBacklog !== undefined) this.told.push(slot)
    return slot
  }

  remove(consumer: Consumer): boolean {
    const slot = this.slots.get(consumer)
    if (slot === undefined) return false
    this.slots.delete(consumer)
    if (consumer.cost > 0) {
      take(this.remote, slot)
      this.listSearchers()
      return true
    }
    if (consumer.filter !== undefined) take(this.filtered, slot)
    // What it wanted may go elsewhere.
    for (const other of this.remote) other.searched = Number.NEGATIVE_INFINITY
    if (slot.onBacklog !== undefined) take(this.told, slot)
    const at = take(this.local, slot)
    // The one whose turn it was keeps it.
    if (at < this.localTurn) this.localTurn -= 1
    if (this.localTurn >= this.local.length) this.localTurn = 0
    this.listSearchers()
    return true
  }

  find(consumer: Consumer): ConsumerSlot | undefined {
    return this.slots.get(consumer)
  }

  /** To be called when the cost of a proxy changed. */
  sortRemote(): void {
    this.remote.sort((a, b) => a.consumer.cost - b.consumer.cost)
    this.listSearchers()
  }

  private listSearchers(): void {
    const { filtered, local, remote } = this
    const choosy = filtered.length < local.length ? [] : remote.filter(isChoosy)
    this.searchers = choosy.length === 0 ? filtered : [...filtered, ...choosy]
  }

  /** Deliveries that the consumers here take at once, all together. */
  get capacity(): number {
    let sum = 0
    for (const { consumer } of this.local) sum += consumer.capacity ?? 1
    return sum
  }

  /** Whether a consumer here would take something now. */
  get hasLocalCredit(): boolean {
    for (const { consumer } of this.local) if (consumer.credit > 0) return true
    return false
  }

  /** Whether some proxy would take something now. */
  get hasRemoteCredit(): boolean {
    for (const { consumer } of this.remote) if (consumer.credit > 0) return true
    return false
  }

  /** Whether any consumer would take something now. */
  get hasCredit(): boolean {
    return this.hasLocalCredit || this.hasRemoteCredit
  }

  /** The consumer to take the message now, if any has credit and wants it. */
  pick(message: Message, isForwarded: boolean): Consumer | undefined {
    return this.pickLocal(message) ?? this.pickRemote(message, isForwarded)
  }

  /** The proxy to take the message now, if any has credit and wants it. */
  pickRemote(message: Message, isForwarded: boolean): Consumer | undefined {
    let next: ConsumerSlot | undefined
    for (const slot of this.remote) {
      const { consumer } = slot
      if (next !== undefined && consumer.cost > next.consumer.cost) break
      if (consumer.credit <= 0 || (next !== undefined && slot.turn >= next.turn)) continue
      if (wants(consumer, message)) next = slot
    }
    if (next === undefined) return undefined
    // A message sent here for our consumers stays while they exist: it would only go in circles.
    if (isForwarded && this.isWantedHere(message)) {
      mark('queue-forwarded-message-stays')
      return undefined
    }
    // One that had no credit when its turn came does not catch up on what it missed.
    this.remoteTurn = Math.max(this.remoteTurn, next.turn)
    next.turn = this.remoteTurn + 1 / (next.consumer.capacity ?? 1)
    return next.consumer
  }

  private pickLocal(message: Message): Consumer | undefined {
    const { local } = this
    const count = local.length
    for (let i = 0; i < count; i += 1) {
      let at = this.localTurn + i
      if (at >= count) at -= count
      const { consumer } = local[at]!
      if (consumer.credit > 0 && wants(consumer, message)) {
        this.localTurn = at + 1 >= count ? 0 : at + 1
        return consumer
      }
    }
    return undefined
  }

  /** True if there are local consumers and none of them takes just anything. */
  get isChoosy(): boolean {
    return this.filtered.length > 0 && this.filtered.length === this.local.length
  }

  /** Whether some local consumer would ever take the message, credit or not. */
  isWantedHere(message: Message): boolean {
    // Any consumer without a filter takes it, and that is told without asking a filter.
    if (this.filtered.length < this.local.length) return true
    for (const { consumer } of this.filtered) if (wants(consumer, message)) return true
    return false
  }
}

/** Offers a message to a proxy; one that refuses is not asked again before it says so. */
export function isTakenBy(proxy: Consumer, message: Message): boolean {
  if (proxy.offer!(message)) return true
  mark('queue-proxy-refused')
  proxy.credit = 0
  return false
}

/** Takes an item out; answers where it was, or -1. */
function take<T>(items: T[], item: T): number {
  const at = items.indexOf(item)
  if (at >= 0) items.splice(at, 1)
  return at
}

function wants(consumer: Consumer, message: Message): boolean {
  return consumer.filter === undefined || consumer.filter.matches(message)
}

function isChoosy({ consumer }: ConsumerSlot): boolean {
  return consumer.isChoosy === true
}

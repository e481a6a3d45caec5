// A queue: messages in order, each to one consumer. Also the buffer behind every topic
// subscription. It never says no: who publishes into a full queue is given a gate to wait at.
// Invariant between calls: no waiting entry has a consumer with credit that may take it.

import { assert, mark } from '../base/index.ts'
import type { QueueSummary } from '../ports/index.ts'
import { Backlog, type BacklogOwner, type StoredPlace } from './backlog.ts'
import type { Consumer } from './consumer.ts'
import { ConsumerSet, type ConsumerSlot, isTakenBy } from './consumer-set.ts'
import { DeliveredMark } from './delivered-mark.ts'
import type { FlowGate } from './flow-gate.ts'
import type { Message } from './message.ts'
import type { NonDeliveryReason } from './non-delivery.ts'
import type { QueueContext } from './queue-context.ts'
import { EntryList, noEntries as none, QueueEntry } from './queue-entry.ts'
import type { QueueKind, QueueOptions } from './queue-options.ts'
import { hasEased, isStrained } from './queue-pressure.ts'
import { QueueRoom } from './queue-room.ts'
import { isWindowFull } from './queue-window.ts'
import { storableMessage, storedBytes } from './stored-message.ts'
import { UnwantedCount } from './unwanted-count.ts'

/** Messages in order, competing consumers. */
export class Queue implements BacklogOwner {
  readonly kind: QueueKind
  readonly name: string
  readonly gate: FlowGate
  readonly consumers = new ConsumerSet()
  readonly ready = new EntryList()
  /** Entries with consumers, not settled. */
  delivered = 0
  /** Of those, refused ones that wait for their next delivery. */
  delayed = 0
  /** Bytes, in memory, of waiting and delivered messages. */
  bytes = 0
  /** Counters since the start. */
  enqueued = 0
  dispatched = 0
  settled = 0
  expired = 0
  isRemoved = false
  /** Who wants to know, in the middle of things, when so many are settled. */
  watch: { readonly settledAt: number; onSettled(): void } | undefined = undefined
  /** True while other brokers should send no more; see `demandBacklogMessagesMax`. */
  isPressed = false
  /** Sweeps since the last arrival. */
  idleSweeps = 0
  readonly context: QueueContext
  readonly options: QueueOptions
  readonly room: QueueRoom
  /** The place of the latest arrival; rises with each. */
  sequence = 0
  /** Falls with each message that comes back, so that it sorts before all others. */
  private lowSequence = 0
  private enqueuedAtSweep = 0
  private expiring = 0
  private readonly unwanted = new UnwantedCount(this.ready, this.consumers)
  /** What waits behind the window in memory; only where there is a store to keep it. */
  readonly backlog: Backlog | undefined = undefined
  private readonly deliveredMark: DeliveredMark
  /** True while no consumer at all has credit: arrivals need not ask. */
  private isStarved = false

  constructor(context: QueueContext, options: QueueOptions) {
    this.context = context
    this.options = options
    this.kind = options.kind
    this.name = options.name
    this.room = new QueueRoom(this)
    this.gate = this.room.gate
    this.deliveredMark = new DeliveredMark(context.store, options)
    if (options.isStored && context.store.isWanted) this.backlog = new Backlog(context, this)
  }

  /** False where messages for other brokers pass through: those hold nobody back. */
  get isForConsumersHere(): boolean {
    return this.consumers.local.length > 0 || this.options.isDurable
  }

  /** Waiting messages that the filters of all consumers here leave out, as far as is known. */
  countUnwanted(): number {
    const behind = this.backlog?.isUnwanted === true ? this.backlog.length : 0
    return this.unwanted.count() + behind
  }

  /** Messages that wait, in memory or not. */
  get waiting(): number {
    return this.ready.length + (this.backlog?.length ?? 0)
  }

  /** Messages held: waiting and delivered. */
  get held(): number {
    return this.waiting + this.delivered
  }

  /** Bytes of all messages held, in memory or only in the store. */
  get heldBytes(): number {
    return this.bytes + (this.backlog?.storedBytes ?? 0)
  }

  get isFull(): boolean {
    return this.room.isFull
  }

  /**
   * Takes a message in, always; hands it to a consumer at once if one has credit.
   * @param isForwarded it came over a bridge
   * @returns the gate its producer must wait at before sending more, if this queue is now full
   */
  enqueue(message: Message, isForwarded: boolean): FlowGate | undefined {
    this.enqueued += 1
    const isBehind = this.mustWaitBehind
    if (isBehind) this.enqueueBehind(message, isForwarded)
    else if (this.isStarved || !this.dispatchNew(message, isForwarded)) {
      const entry = this.hold(message, isForwarded, 'waits')
      this.ready.append(entry)
      if (this.ready.length === 1) this.tellBacklog()
      this.context.memory.compactLater(entry)
      if (!this.isStarved) this.isStarved = !this.consumers.hasCredit
    }
    this.notePressure()
    return this.room.gateAfter(message, isBehind)
  }

  /** @param onBacklog told when something begins to wait here, whoever it is for */
  addConsumer(consumer: Consumer, onBacklog?: () => void): void {
    this.consumers.add(consumer, onBacklog)
    if (consumer.cost === 0) this.unwanted.forgetAll()
    this.idleSweeps = 0
    this.onCredit(consumer)
    if (this.waiting > 0) onBacklog?.()
  }

  /**
   * Takes a consumer away.
   * @param unsettled what it was given and has not settled; it goes back to its old places
   * @param maySeen true if the consumer may have seen them
   */
  removeConsumer(
    consumer: Consumer,
    unsettled: readonly QueueEntry[] = none,
    maySeen = true
  ): void {
    const isHere = this.consumers.remove(consumer)
    if (isHere && consumer.cost === 0) this.unwanted.forgetAll()
    this.idleSweeps = 0
    const returned = this.putBack(unsettled, maySeen)
    // Messages held here for it alone may now go on to other brokers, all in their order.
    const mayGoOn = isHere && consumer.cost === 0 && this.consumers.remote.length > 0
    if (mayGoOn) {
      mark('queue-offers-all-to-others')
      this.offerAll(returned)
    } else this.offer(returned)
    this.notePressure()
  }

  /** A consumer's credit rose from zero. */
  onCredit(consumer: Consumer): void {
    this.isStarved = false
    if (this.ready.head !== undefined) {
      if (consumer.cost > 0) this.serveRemote()
      else this.serve(this.consumers.find(consumer))
    }
    if (consumer.credit > 0) {
      this.backlog?.refillSoon()
      this.backlog?.searchSoon()
    }
    this.notePressure()
  }

  /** The consumer is done with a delivered message. */
  settle(entry: QueueEntry): void {
    assert(entry.state === 'delivered', 'only a delivered message can be settled')
    this.delivered -= 1
    this.release(entry)
  }

  /**
   * Delivered messages come back to be delivered again, in their old places.
   * @param entries any order; all delivered and not settled
   * @param maySeen true if the consumer may have seen them: they are then flagged redelivered
   */
  giveBack(entries: readonly QueueEntry[], maySeen: boolean): void {
    this.offer(this.putBack(entries, maySeen))
    this.notePressure()
  }

  /**
   * Takes messages back that left for other brokers and could not get there, before all others.
   * @param messages oldest first
   */
  restore(messages: readonly Message[]): void {
    mark('queue-takes-back')
    this.lowSequence -= messages.length
    const entries = messages.map((message, index) => {
      const entry = this.hold(message, message.hasTravelled, 'waits', this.lowSequence + index)
      this.context.memory.compactLater(entry)
      return entry
    })
    this.merge(entries)
    this.offer(entries)
    this.notePressure()
  }

  /** Removes the waiting message at the head to make room; for topic subscriptions only. */
  dropHead(): Message | undefined {
    const entry = this.ready.head
    if (entry === undefined) return undefined
    this.takeOut(entry)
    this.release(entry)
    return entry.message
  }

  /** Periodic work: discards waiting messages whose time to live ran out. */
  sweep(nowMs: number): void {
    if (this.enqueued === this.enqueuedAtSweep) this.idleSweeps += 1
    else this.idleSweeps = 0
    this.enqueuedAtSweep = this.enqueued
    if (this.expiring > 0) {
      for (let entry = this.ready.head; entry !== undefined; ) {
        const { next } = entry
        this.discardIfExpired(entry, nowMs)
        entry = next
      }
    }
    this.backlog?.sweep()
    this.notePressure()
  }

  /** All that waits, in order, on disk too; nothing must change meanwhile. */
  *browse(): Generator<Message> {
    for (const { message } of this.browsePlaces()) yield message
  }

  /** As `browse`, with where each message stands. */
  *browsePlaces(): Generator<Pick<QueueEntry, 'message' | 'sequence'>> {
    for (let entry = this.ready.head; entry !== undefined; entry = entry.next) yield entry
    if (this.backlog !== undefined) yield* this.backlog.browse()
  }

  /** Ends the queue: what waits is dropped, what is delivered may still be settled. */
  remove(onDropped: (message: Message) => void): void {
    this.isRemoved = true
    for (const entry of this.backlog?.clear().entries ?? none) {
      onDropped(entry.message)
      this.leaveMemory(entry)
    }
    for (let entry = this.ready.head; entry !== undefined; entry = this.ready.head) {
      onDropped(entry.message)
      this.dropHead()
    }
    if (this.options.isStored) {
      this.context.store.removeQueue(this)
      this.deliveredMark.clear()
    }
    this.room.end()
  }

  /** Begins with what an earlier life left in the store. */
  recover(summary: QueueSummary): void {
    mark('queue-recovered')
    this.sequence = Math.max(this.sequence, summary.lastSequence)
    this.lowSequence = Math.min(this.lowSequence, summary.firstSequence)
    this.deliveredMark.recover(summary.lastSequence)
    this.backlog!.recover(summary)
    // The broker's own consumers were there before: nothing else would tell them.
    if (this.consumers.hasCredit) this.backlog!.refillSoon()
  }

  // What the backlog and the store's writer ask for.

  onStored(upTo: number): void {
    this.backlog?.onStored(upTo)
    this.notePressure()
  }

  revive(message: Message, sequence: number): QueueEntry {
    const entry = new QueueEntry(message, this, sequence, message.hasTravelled)
    if (this.deliveredMark.isSeen(sequence)) {
      mark('queue-may-have-been-delivered')
      entry.isRedelivered = true
    }
    entry.isStored = true
    // What an earlier life put aside for want of memory does not come back.
    if (!message.isPersistent) entry.spooledBytes = storedBytes(message)
    this.account(message)
    return entry
  }

  takeIn(entries: readonly QueueEntry[]): void {
    this.merge(entries)
    this.offer(entries)
    this.notePressure()
    this.room.openIfRoom()
  }

  leaveMemory({ message }: QueueEntry): void {
    this.bytes -= message.sizeBytes
    this.context.memory.release(message.sizeBytes)
    if (message.expiresAtMs > 0) this.expiring -= 1
  }

  deliver({ consumer }: ConsumerSlot, entry: QueueEntry): boolean {
    if (consumer.offer !== undefined && !this.offerEntry(consumer, entry)) return false
    this.dispatch(consumer, entry)
    return true
  }

  giveUpStored({ message, sequence, spooledBytes }: StoredPlace, reason: NonDeliveryReason): void {
    this.countSettled()
    if (reason === 'expired') this.expired += 1
    this.context.store.remove(this, sequence)
    this.room.noteRemoved(spooledBytes)
    this.context.discard(message, reason)
    this.room.openIfRoom()
  }

  coverDelivered(upTo: number): boolean {
    return this.deliveredMark.cover(upTo)
  }

  /** True while something older waits in the store, or the window in memory is full. */
  get mustWaitBehind(): boolean {
    const { backlog } = this
    if (backlog === undefined || backlog.isFirst) return backlog !== undefined
    return isWindowFull(this)
  }

  private enqueueBehind(message: Message, isForwarded: boolean): void {
    if (this.backlog!.length === 0) mark('queue-waits-in-store')
    const entry = this.hold(message, isForwarded, 'behind')
    this.context.memory.compactLater(entry)
    const wasEmpty = this.waiting === 0
    this.backlog!.append(entry)
    if (wasEmpty && this.waiting > 0) this.tellBacklog()
  }

  /** Gives a local consumer what waits, from where its filter stopped last. */
  private serve(slot: ConsumerSlot | undefined): void {
    if (slot === undefined) return
    const { consumer } = slot
    const nowMs = this.nowForExpiry()
    let entry = slot.cursor === undefined ? this.ready.head : slot.cursor.next
    while (entry !== undefined && consumer.credit > 0) {
      const { next } = entry
      if (!this.discardIfExpired(entry, nowMs)) {
        const isWanted = consumer.filter === undefined || consumer.filter.matches(entry.message)
        if (isWanted) this.dispatchWaiting(consumer, entry)
        else slot.cursor = entry
      }
      entry = next
    }
  }

  /** Offers what waits to the proxies: the cheapest with credit, in turn among equals. */
  private serveRemote(): void {
    const { consumers } = this
    const nowMs = this.nowForExpiry()
    let entry = this.ready.head
    while (entry !== undefined && consumers.hasRemoteCredit) {
      const { next } = entry
      if (!this.discardIfExpired(entry, nowMs)) this.offerRemote(entry)
      entry = next
    }
  }

  /** Puts delivered entries back among those that wait; answers them in order. */
  private putBack(entries: readonly QueueEntry[], maySeen: boolean): readonly QueueEntry[] {
    if (entries.length === 0) return entries
    if (this.isRemoved) {
      mark('queue-gone-before-settling')
      for (const entry of entries) this.settle(entry)
      return none
    }
    const sorted = [...entries].sort((a, b) => a.sequence - b.sequence)
    for (const entry of sorted) {
      assert(entry.state === 'delivered', 'only a delivered message can come back')
      entry.state = 'ready'
      if (maySeen) entry.isRedelivered = true
    }
    mark('queue-redelivers')
    this.delivered -= sorted.length
    // They were held back from the store in the hope that they would be settled at once.
    this.context.store.hurry()
    const { backlog } = this
    if (backlog === undefined || backlog.length === 0) {
      this.merge(sorted)
      return sorted
    }
    const inMemory = sorted.filter((entry) => !backlog.takeBack(entry))
    this.merge(inMemory)
    backlog.refillSoon()
    backlog.searchSoon()
    return inMemory
  }

  /** Offers entries that came back, in order. All others were offered before and stay. */
  private offer(entries: readonly QueueEntry[]): void {
    const nowMs = this.nowForExpiry()
    const isChoosing = this.consumers.filtered.length > 0
    for (const entry of entries) {
      if (!isChoosing && !this.consumers.hasCredit) return
      this.offerReturned(entry, nowMs)
    }
  }

  /** As `offer`, and offers every other entry to the proxies, all in one order. */
  private offerAll(entries: readonly QueueEntry[]): void {
    const nowMs = this.nowForExpiry()
    let at = 0
    for (let entry = this.ready.head; entry !== undefined; ) {
      const { next } = entry
      if (entry === entries[at]) {
        at += 1
        this.offerReturned(entry, nowMs)
      } else if (this.consumers.hasRemoteCredit) {
        if (!this.discardIfExpired(entry, nowMs)) this.offerRemote(entry)
      } else if (at === entries.length) return
      entry = next
    }
  }

  private offerReturned(entry: QueueEntry, nowMs: number): void {
    if (this.discardIfExpired(entry, nowMs)) return
    const { message, isForwarded } = entry
    for (;;) {
      const consumer = this.consumers.pick(message, isForwarded)
      if (consumer === undefined) break
      if (this.dispatchWaiting(consumer, entry)) return
    }
    // Those with credit have refused it just now; others must not pass it by when they have some.
    for (const slot of this.consumers.filtered) {
      const { consumer, cursor } = slot
      if (consumer.credit > 0 || cursor === undefined) continue
      if (cursor.sequence <= entry.sequence) continue
      mark('queue-filter-looks-back')
      slot.cursor = entry.previous
    }
  }

  private offerRemote(entry: QueueEntry): void {
    const { message, isForwarded } = entry
    for (;;) {
      const consumer = this.consumers.pickRemote(message, isForwarded)
      if (consumer === undefined || this.dispatchWaiting(consumer, entry)) return
    }
  }

  private nowForExpiry(): number {
    return this.expiring > 0 ? this.context.clock.monotonicMs() : 0
  }

  /** Hands a new message to whoever takes it; false if it must wait. */
  private dispatchNew(message: Message, isForwarded: boolean): boolean {
    for (;;) {
      const consumer = this.consumers.pick(message, isForwarded)
      if (consumer === undefined) return false
      if (consumer.offer !== undefined) {
        if (!isTakenBy(consumer, message)) continue
        this.dispatched += 1
        this.countSettled()
        return true
      }
      if (consumer.settlesOnDispatch) {
        consumer.credit -= 1
        this.dispatched += 1
        this.countSettled()
        consumer.deliver(message, undefined, message.isRedelivered)
        return true
      }
      const entry = this.hold(message, isForwarded, 'delivered')
      this.context.memory.compactLater(entry)
      this.dispatch(consumer, entry)
      return true
    }
  }

  /** Hands a waiting entry to a consumer; false if it did not take it. */
  private dispatchWaiting(consumer: Consumer, entry: QueueEntry): boolean {
    if (consumer.offer !== undefined && !this.offerEntry(consumer, entry)) return false
    this.takeOut(entry)
    this.dispatch(consumer, entry)
    return true
  }

  /** Gives an entry that waits no more to a consumer here; a proxy has taken it already. */
  private dispatch(consumer: Consumer, entry: QueueEntry): void {
    const { message, isRedelivered } = entry
    if (consumer.offer !== undefined) {
      this.release(entry)
      return
    }
    consumer.credit -= 1
    this.dispatched += 1
    if (consumer.settlesOnDispatch) {
      this.release(entry)
      consumer.deliver(message, undefined, isRedelivered)
      return
    }
    entry.state = 'delivered'
    this.delivered += 1
    consumer.deliver(message, entry, isRedelivered)
  }

  private offerEntry(proxy: Consumer, { message, isRedelivered }: QueueEntry): boolean {
    // The next broker knows of nothing but the message.
    if (isRedelivered) message.isRedelivered = true
    const isTaken = isTakenBy(proxy, message)
    if (isTaken) this.dispatched += 1
    return isTaken
  }

  private takeOut(entry: QueueEntry): void {
    for (const slot of this.consumers.filtered) {
      if (slot.cursor === entry) slot.cursor = entry.previous
    }
    this.ready.remove(entry)
    this.unwanted.forget(entry)
    // Where nothing waits an arrival must ask: an empty queue is not told of credit.
    if (this.ready.length === 0) this.isStarved = false
    this.backlog?.refillSoon()
  }

  private merge(entries: readonly QueueEntry[]): void {
    const wasEmpty = this.ready.length === 0
    this.ready.merge(entries)
    if (wasEmpty && entries.length > 0) this.tellBacklog()
  }

  private tellBacklog(): void {
    for (const slot of this.consumers.told) slot.onBacklog!()
  }

  /** @param place where it goes: what waits behind the window needs the store, persistent or not */
  private hold(
    message: Message,
    isForwarded: boolean,
    place: 'waits' | 'delivered' | 'behind',
    sequence = ++this.sequence
  ): QueueEntry {
    const entry = new QueueEntry(message, this, sequence, isForwarded)
    this.account(message)
    if (this.backlog !== undefined && (message.isPersistent || place === 'behind')) {
      entry.isStored = true
      if (place !== 'behind') this.backlog.pass(sequence)
      this.room.noteStored(entry)
      const storable = storableMessage(message, this.context.clock)
      this.context.store.put(this, sequence, storable, place === 'delivered')
    }
    return entry
  }

  private countSettled(): void {
    this.settled += 1
    const { watch } = this
    if (watch !== undefined && this.settled >= watch.settledAt) watch.onSettled()
  }

  private account(message: Message): void {
    const { sizeBytes } = message
    this.bytes += sizeBytes
    this.context.memory.add(sizeBytes)
    if (message.expiresAtMs > 0) this.expiring += 1
  }

  private release(entry: QueueEntry): void {
    entry.state = 'settled'
    this.countSettled()
    this.leaveMemory(entry)
    if (entry.isStored && !this.isRemoved) {
      this.context.store.remove(this, entry.sequence)
      this.room.noteRemoved(entry.spooledBytes)
      this.backlog!.forget(entry.sequence)
    }
    if (this.isPressed) this.notePressure()
    this.room.openIfRoom()
  }

  private discardIfExpired(entry: QueueEntry, nowMs: number): boolean {
    const { expiresAtMs } = entry.message
    if (expiresAtMs === 0 || expiresAtMs > nowMs) return false
    mark('message-expired-waiting')
    this.takeOut(entry)
    this.expired += 1
    this.release(entry)
    this.context.discard(entry.message, 'expired')
    return true
  }

  private notePressure(): void {
    const isPressed = this.isPressed ? !hasEased(this) : isStrained(this)
    if (isPressed === this.isPressed) return
    this.isPressed = isPressed
    this.options.onPressure(isPressed)
  }
}

// A queue: messages in order, each to one consumer. Also the buffer behind every topic
// subscription. It never says no: who publishes into a full queue is given a gate to wait at.
// Invariant between calls: no waiting entry has a consumer with credit that may take it.

import { assert, mark } from '../base/index.ts'
import type { Consumer } from './consumer.ts'
import { ConsumerSet, type ConsumerSlot } from './consumer-set.ts'
import { FlowGate } from './flow-gate.ts'
import { reopenShare } from './memory-account.ts'
import type { Message } from './message.ts'
import type { QueueContext } from './queue-context.ts'
import { EntryList, QueueEntry } from './queue-entry.ts'
import { storableMessage } from './stored-message.ts'

/** What a queue is for: clients' queue, a connection's temporary queue, or a topic subscription. */
export type QueueKind = 'queue' | 'temp-queue' | 'subscription'

/** Settings of one queue. */
export interface QueueOptions {
  readonly kind: QueueKind
  readonly name: string
  readonly messagesMax: number
  readonly bytesMax: number
  /** Whether its persistent messages are kept in the store. */
  readonly isStored: boolean
  /** Whether it waits for a consumer that may be away. */
  readonly isDurable: boolean
  /** Other brokers should send no more for consumers here, or may again. */
  onPressure(isPressed: boolean): void
}

/** Messages in order, competing consumers. */
export class Queue {
  readonly kind: QueueKind
  readonly name: string
  readonly gate: FlowGate
  readonly consumers = new ConsumerSet()
  readonly ready = new EntryList()
  /** Entries with consumers, not settled. */
  delivered = 0
  /** Bytes of waiting and delivered messages. */
  bytes = 0
  /** Counters since the start. */
  enqueued = 0
  dispatched = 0
  settled = 0
  expired = 0
  isRemoved = false
  /** True while other brokers should send no more; see `demandBacklogMessagesMax`. */
  isPressed = false
  /** Sweeps since the last arrival. */
  idleSweeps = 0
  private readonly context: QueueContext
  private readonly options: QueueOptions
  private sequence = 0
  /** Falls with each message that comes back, so that it sorts before all others. */
  private lowSequence = 0
  private enqueuedAtSweep = 0
  private expiring = 0
  /** Waiting entries of which it is known whether they are unwanted, and those that are. */
  private judged = 0
  private unwanted = 0
  /** True while no consumer at all has credit: arrivals need not ask. */
  private isStarved = false

  constructor(context: QueueContext, options: QueueOptions) {
    this.context = context
    this.options = options
    this.kind = options.kind
    this.name = options.name
    this.gate = new FlowGate(`${options.kind}://${options.name}`)
    const kept = options.isStored ? context.store.summary(options.name) : undefined
    if (kept === undefined) return
    // What the store holds from an earlier life keeps its places.
    this.sequence = Math.max(0, kept.lastSequence)
    this.lowSequence = Math.min(0, kept.firstSequence)
  }

  /** Messages held: waiting and delivered. */
  get held(): number {
    return this.ready.length + this.delivered
  }

  get isFull(): boolean {
    return this.held >= this.options.messagesMax || this.bytes >= this.options.bytesMax
  }

  /** Over its bounds, not only at them. */
  get isOverfull(): boolean {
    return this.held > this.options.messagesMax || this.bytes > this.options.bytesMax
  }

  get hasExpiring(): boolean {
    return this.expiring > 0
  }

  /**
   * Takes a message in, always; hands it to a consumer at once if one has credit.
   * @param isForwarded it came over a bridge
   * @returns the gate its producer must wait at before sending more, if this queue is now full
   */
  enqueue(message: Message, isForwarded: boolean): FlowGate | undefined {
    this.enqueued += 1
    if (this.isStarved || !this.dispatchNew(message, isForwarded)) {
      const entry = this.hold(message, isForwarded)
      this.ready.append(entry)
      if (this.ready.length === 1) this.tellBacklog()
      this.context.memory.compactLater(entry)
      if (!this.isStarved) this.isStarved = !this.consumers.hasCredit
    }
    this.notePressure()
    if (!this.isFull) return undefined
    mark('queue-full')
    return this.gate
  }

  /** @param onBacklog told when something begins to wait here, whoever it is for */
  addConsumer(consumer: Consumer, onBacklog?: () => void): void {
    this.consumers.add(consumer, onBacklog)
    if (consumer.cost === 0) this.forgetUnwanted()
    this.idleSweeps = 0
    this.onCredit(consumer)
    if (this.ready.length > 0) onBacklog?.()
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
    if (isHere && consumer.cost === 0) this.forgetUnwanted()
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
    this.notePressure()
  }

  /** The consumer is done with a delivered message. */
  settle(entry: QueueEntry): void {
    assert(entry.state === 'delivered', 'only a delivered message can be settled')
    entry.state = 'settled'
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
      const entry = this.hold(message, message.hasTravelled, this.lowSequence + index)
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
    entry.state = 'settled'
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
    this.notePressure()
  }

  /** Ends the queue: what waits is dropped, what is delivered may still be settled. */
  remove(onDropped: (message: Message) => void): void {
    this.isRemoved = true
    for (let entry = this.ready.head; entry !== undefined; entry = this.ready.head) {
      onDropped(entry.message)
      this.dropHead()
    }
    if (this.options.isStored) this.context.store.removeQueue(this.name)
    this.gate.open()
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
    this.merge(sorted)
    return sorted
  }

  /** Offers entries that came back, in order. All others were offered before and stay. */
  private offer(entries: readonly QueueEntry[]): void {
    const nowMs = this.nowForExpiry()
    for (const entry of entries) this.offerReturned(entry, nowMs)
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
        if (!this.offerTo(consumer, message)) continue
        this.settled += 1
        return true
      }
      consumer.credit -= 1
      this.dispatched += 1
      if (consumer.settlesOnDispatch) {
        this.settled += 1
        consumer.deliver(message, undefined, message.isRedelivered)
        return true
      }
      const entry = this.hold(message, isForwarded)
      entry.state = 'delivered'
      this.delivered += 1
      this.context.memory.compactLater(entry)
      consumer.deliver(message, entry, entry.isRedelivered)
      return true
    }
  }

  /** Hands a waiting entry to a consumer; false if it did not take it. */
  private dispatchWaiting(consumer: Consumer, entry: QueueEntry): boolean {
    const { message } = entry
    if (consumer.offer !== undefined) {
      // The next broker knows of nothing but the message.
      if (entry.isRedelivered) message.isRedelivered = true
      if (!this.offerTo(consumer, message)) return false
      this.takeOut(entry)
      entry.state = 'settled'
      this.release(entry)
      return true
    }
    this.takeOut(entry)
    consumer.credit -= 1
    this.dispatched += 1
    if (consumer.settlesOnDispatch) {
      entry.state = 'settled'
      this.release(entry)
      consumer.deliver(message, undefined, entry.isRedelivered)
      return true
    }
    entry.state = 'delivered'
    this.delivered += 1
    consumer.deliver(message, entry, entry.isRedelivered)
    return true
  }

  private offerTo(proxy: Consumer, message: Message): boolean {
    if (proxy.offer!(message)) {
      this.dispatched += 1
      return true
    }
    mark('queue-proxy-refused')
    // Whoever refuses is not asked again before it says so.
    proxy.credit = 0
    return false
  }

  private takeOut(entry: QueueEntry): void {
    for (const slot of this.consumers.filtered) {
      if (slot.cursor === entry) slot.cursor = entry.previous
    }
    this.ready.remove(entry)
    this.forgetJudgement(entry)
    // Where nothing waits an arrival must ask: an empty queue is not told of credit.
    if (this.ready.length === 0) this.isStarved = false
  }

  private merge(entries: readonly QueueEntry[]): void {
    const wasEmpty = this.ready.length === 0
    this.ready.merge(entries)
    if (wasEmpty && entries.length > 0) this.tellBacklog()
  }

  /** Waiting entries that the filters of all consumers here leave out. */
  private countUnwanted(): number {
    const { consumers, ready } = this
    if (!consumers.isChoosy) return 0
    // What was not asked about came last, or went back to where it was.
    for (let entry = ready.tail; this.judged < ready.length; entry = entry!.previous) {
      if (entry!.isUnwanted !== undefined) continue
      entry!.isUnwanted = !consumers.isWantedHere(entry!.message)
      this.judged += 1
      if (entry!.isUnwanted) this.unwanted += 1
    }
    return this.unwanted
  }

  /** Other consumers want other messages. */
  private forgetUnwanted(): void {
    for (let entry = this.ready.head; this.judged > 0; entry = entry!.next) {
      this.forgetJudgement(entry!)
    }
  }

  private forgetJudgement(entry: QueueEntry): void {
    if (entry.isUnwanted === undefined) return
    this.judged -= 1
    if (entry.isUnwanted) this.unwanted -= 1
    entry.isUnwanted = undefined
  }

  private tellBacklog(): void {
    for (const slot of this.consumers.told) slot.onBacklog!()
  }

  private hold(message: Message, isForwarded: boolean, sequence = ++this.sequence): QueueEntry {
    const entry = new QueueEntry(message, this, sequence, isForwarded)
    const { sizeBytes } = message
    this.bytes += sizeBytes
    this.context.memory.add(sizeBytes)
    if (message.expiresAtMs > 0) this.expiring += 1
    if (message.isPersistent && this.options.isStored && this.context.store.isWanted) {
      this.context.store.put(
        this.name,
        entry.sequence,
        storableMessage(message, this.context.clock)
      )
    }
    return entry
  }

  private release(entry: QueueEntry): void {
    const { message } = entry
    this.settled += 1
    this.bytes -= message.sizeBytes
    this.context.memory.release(message.sizeBytes)
    if (message.expiresAtMs > 0) this.expiring -= 1
    if (message.isPersistent && this.options.isStored && !this.isRemoved) {
      this.context.store.remove(this.name, entry.sequence)
    }
    if (this.isPressed) this.notePressure()
    if (this.gate.waiters > 0 && this.hasRoomAgain) {
      mark('queue-room-again')
      this.gate.open()
    }
  }

  private get hasRoomAgain(): boolean {
    const { messagesMax, bytesMax } = this.options
    return this.held <= messagesMax * reopenShare && this.bytes <= bytesMax * reopenShare
  }

  private discardIfExpired(entry: QueueEntry, nowMs: number): boolean {
    const { expiresAtMs } = entry.message
    if (expiresAtMs === 0 || expiresAtMs > nowMs) return false
    mark('message-expired-waiting')
    this.takeOut(entry)
    entry.state = 'settled'
    this.expired += 1
    this.release(entry)
    this.context.discard(entry.message, 'expired')
    return true
  }

  /**
   * Tells the broker when other brokers should send no more, and when they may again, with
   * hysteresis: too much waits for consumers here, or there is no room for it.
   */
  private notePressure(): void {
    const isPressed = this.isPressed ? !this.hasEased : this.isStrained
    if (isPressed === this.isPressed) return
    this.isPressed = isPressed
    this.options.onPressure(isPressed)
  }

  /** False where messages for other brokers pass through: those hold nobody back. */
  private get isForConsumersHere(): boolean {
    return this.consumers.local.length > 0 || this.options.isDurable
  }

  private get isStrained(): boolean {
    if (this.ready.length === 0 && !this.isFull) return false
    if (!this.isForConsumersHere) return false
    return this.isOverBacklogMark(1) || this.isFull || this.context.memory.isFull
  }

  private get hasEased(): boolean {
    if (!this.isForConsumersHere) return true
    if (this.isOverBacklogMark(0.5) || !this.hasRoomAgain) return false
    // While nothing waits here, it is not this queue that fills the memory.
    return this.ready.length === 0 || this.context.memory.hasRoomAgain
  }

  private isOverBacklogMark(share: number): boolean {
    // What is kept for a consumer that is away is bounded by the queue's size alone.
    if (this.options.isDurable) return false
    const waiting = this.ready.length
    const mark = this.context.limits.demandBacklogMessagesMax * share
    if (waiting === 0 || waiting < mark) return false
    // Nor does what the filters of all consumers here leave out keep away what they would take.
    const unwanted = this.countUnwanted()
    return waiting > unwanted && waiting - unwanted >= mark
  }
}

const none: readonly QueueEntry[] = []

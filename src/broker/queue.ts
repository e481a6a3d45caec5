// A queue: messages in order, each to one consumer. Also the buffer behind every topic
// subscription. Invariant between calls: no waiting entry has a consumer with credit that may take
// it.

import { assert } from '../base/index.ts'
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
  /** The backlog for consumers of this broker crossed its mark, either way. */
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
  /** True while more waits for local consumers than should; see `demandBacklogMessagesMax`. */
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
  /** True while no consumer at all has credit: arrivals need not ask. */
  private isStarved = false

  constructor(context: QueueContext, options: QueueOptions) {
    this.context = context
    this.options = options
    this.kind = options.kind
    this.name = options.name
    this.gate = new FlowGate(`${options.kind}://${options.name}`)
  }

  /** Messages held: waiting and delivered. */
  get held(): number {
    return this.ready.length + this.delivered
  }

  get isFull(): boolean {
    return this.held >= this.options.messagesMax || this.bytes >= this.options.bytesMax
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
    if (!this.isStarved) {
      const consumer = this.consumers.pick(message, isForwarded)
      if (consumer !== undefined) {
        this.dispatchNew(consumer, message, isForwarded)
        return this.isFull ? this.gate : undefined
      }
    }
    const entry = this.hold(message, isForwarded)
    this.ready.append(entry)
    this.context.memory.compactLater(entry)
    this.noteStarvation()
    this.notePressure()
    return this.isFull ? this.gate : undefined
  }

  addConsumer(consumer: Consumer): void {
    const slot = this.consumers.add(consumer)
    this.touch()
    this.serve(slot)
    this.notePressure()
  }

  /** Takes a consumer away. What it holds unsettled it must give back itself, afterwards. */
  removeConsumer(consumer: Consumer): void {
    if (!this.consumers.remove(consumer)) return
    this.touch()
    // Messages held here for it alone may now go on to other brokers.
    if (this.consumers.remote.length > 0) this.serveAll()
    this.notePressure()
  }

  /** A consumer's credit rose from zero. */
  onCredit(consumer: Consumer): void {
    const slot = this.consumers.find(consumer)
    if (slot !== undefined) this.serve(slot)
  }

  /** Offers what waits to every consumer again, as when a proxy's cost or reach changed. */
  serveAll(): void {
    for (const slot of [...this.consumers.local, ...this.consumers.remote]) {
      slot.cursor = undefined
      this.serve(slot)
    }
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
    if (this.isRemoved) {
      for (const entry of entries) this.settle(entry)
      return
    }
    const sorted = [...entries].sort((a, b) => a.sequence - b.sequence)
    for (const entry of sorted) {
      assert(entry.state === 'delivered', 'only a delivered message can come back')
      entry.state = 'ready'
      if (maySeen) entry.isRedelivered = true
    }
    this.delivered -= sorted.length
    this.ready.merge(sorted)
    this.serveAll()
    this.notePressure()
  }

  /**
   * Takes a message back that left for another broker and could not get there, before all others.
   * Several go back newest first.
   */
  restore(message: Message, isForwarded: boolean): void {
    const entry = this.hold(message, isForwarded, --this.lowSequence)
    this.context.memory.compactLater(entry)
    this.ready.merge([entry])
    this.serveAll()
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
    if (this.expiring === 0) return
    for (let entry = this.ready.head; entry !== undefined; ) {
      const { next } = entry
      this.discardIfExpired(entry, nowMs)
      entry = next
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

  private touch(): void {
    this.idleSweeps = 0
    this.isStarved = false
  }

  private serve(slot: ConsumerSlot): void {
    const { consumer } = slot
    this.isStarved = false
    const nowMs = this.expiring > 0 ? this.context.clock.monotonicMs() : 0
    let entry = slot.cursor === undefined ? this.ready.head : slot.cursor.next
    while (entry !== undefined && consumer.credit > 0) {
      const { next } = entry
      if (!this.discardIfExpired(entry, nowMs)) {
        if (this.mayTake(consumer, entry)) this.dispatchWaiting(consumer, entry)
        else slot.cursor = entry
      }
      entry = next
    }
    this.notePressure()
  }

  private mayTake(consumer: Consumer, entry: QueueEntry): boolean {
    const { message } = entry
    if (consumer.filter !== undefined && !consumer.filter.matches(message)) return false
    if (consumer.cost === 0) return true
    return !(entry.isForwarded && this.consumers.isWantedHere(message))
  }

  private dispatchNew(consumer: Consumer, message: Message, isForwarded: boolean): void {
    consumer.credit -= 1
    this.dispatched += 1
    if (consumer.settlesOnDispatch) {
      this.settled += 1
      consumer.deliver(message, undefined, message.isRedelivered)
      return
    }
    const entry = this.hold(message, isForwarded)
    entry.state = 'delivered'
    this.delivered += 1
    this.context.memory.compactLater(entry)
    consumer.deliver(message, entry, entry.isRedelivered)
  }

  private dispatchWaiting(consumer: Consumer, entry: QueueEntry): void {
    this.takeOut(entry)
    consumer.credit -= 1
    this.dispatched += 1
    if (consumer.settlesOnDispatch) {
      entry.state = 'settled'
      this.release(entry)
      consumer.deliver(entry.message, undefined, entry.isRedelivered)
      return
    }
    entry.state = 'delivered'
    this.delivered += 1
    consumer.deliver(entry.message, entry, entry.isRedelivered)
  }

  private takeOut(entry: QueueEntry): void {
    for (const slot of this.consumers.local) if (slot.cursor === entry) slot.cursor = entry.previous
    for (const slot of this.consumers.remote) {
      if (slot.cursor === entry) slot.cursor = entry.previous
    }
    this.ready.remove(entry)
  }

  private hold(message: Message, isForwarded: boolean, sequence = ++this.sequence): QueueEntry {
    const entry = new QueueEntry(message, this, sequence, isForwarded)
    const { sizeBytes } = message
    this.bytes += sizeBytes
    this.context.memory.add(sizeBytes)
    if (message.expiresAtMs > 0) this.expiring += 1
    if (message.isPersistent && this.options.isStored) {
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
    if (this.gate.waiters > 0 && this.hasRoomAgain()) this.gate.open()
  }

  private hasRoomAgain(): boolean {
    const { messagesMax, bytesMax } = this.options
    return this.held <= messagesMax * reopenShare && this.bytes <= bytesMax * reopenShare
  }

  private discardIfExpired(entry: QueueEntry, nowMs: number): boolean {
    const { expiresAtMs } = entry.message
    if (expiresAtMs === 0 || expiresAtMs > nowMs) return false
    this.takeOut(entry)
    entry.state = 'settled'
    this.expired += 1
    this.release(entry)
    this.context.discard(entry.message, 'expired')
    return true
  }

  private noteStarvation(): void {
    const { local, remote } = this.consumers
    for (const { consumer } of local) if (consumer.credit > 0) return
    for (const { consumer } of remote) if (consumer.credit > 0) return
    this.isStarved = true
  }

  /** Tells the broker when the backlog for local consumers crosses its mark, with hysteresis. */
  private notePressure(): void {
    const mark = this.context.limits.demandBacklogMessagesMax
    const waiting = this.consumers.local.length > 0 ? this.ready.length : 0
    if (!this.isPressed && waiting >= mark) this.isPressed = true
    else if (this.isPressed && waiting <= mark / 2) this.isPressed = false
    else return
    this.options.onPressure(this.isPressed)
  }
}

// What waits in a queue behind what it holds in memory: messages that are only in the store, and
// behind those the newest, which stay in memory until they are on disk. Pages come back in order as
// the queue's window empties. A consumer with a filter that finds nothing in memory is looked for
// among what is in the store, a piece at a time.
//
// Invariant: of one queue, everything in memory before the backlog is older than all of it, but for
// what came back; and a message is in one place: in memory, or counted here.

import { mark } from '../base/index.ts'
import type { QueueSummary, StoredMessage } from '../ports/index.ts'
import type { ConsumerSet, ConsumerSlot } from './consumer-set.ts'
import type { Message } from './message.ts'
import type { NonDeliveryReason } from './non-delivery.ts'
import type { QueueContext } from './queue-context.ts'
import { EntryList, type QueueEntry } from './queue-entry.ts'
import type { QueueKind } from './queue-options.ts'
import { windowMessages } from './queue-window.ts'
import { readStoredMessage, storedBytes } from './stored-message.ts'
import { WallSteps } from './wall-steps.ts'
import type { StoredQueue } from './write-batch.ts'

/** Messages of one page, and of one step of a search. */
const pageMessages = 256
/** At least so many, however little memory is left. */
const pageMessagesMin = 16
/** Searched for expired messages with each sweep, at most. */
const expirySearchMax = 16_384

/** A message in the store; an entry is one as well. */
export interface StoredPlace {
  readonly message: Message
  readonly sequence: number
  /** What it takes of the spool. */
  readonly spooledBytes: number
}

/** The queue, as its backlog knows it. */
export interface BacklogOwner extends StoredQueue {
  readonly kind: QueueKind
  readonly ready: EntryList
  readonly consumers: ConsumerSet
  readonly isRemoved: boolean
  /** An entry, in memory, for a message that is in the store already. */
  revive(message: Message, sequence: number): QueueEntry
  /** The entries wait in memory again. */
  takeIn(entries: readonly QueueEntry[]): void
  /** The entry's message is in the store, and leaves memory. */
  leaveMemory(entry: QueueEntry): void
  /**
   * Gives an entry that waits nowhere any more to a consumer that wants it; false if that is a
   * proxy without room: then it is as before.
   */
  deliver(slot: ConsumerSlot, entry: QueueEntry): boolean
  /** A message in the store is given up. */
  giveUpStored(place: StoredPlace, reason: NonDeliveryReason): void
  /**
   * Notes in the store that what has a sequence up to this one may have been delivered.
   * @returns true if that was noted before; else it is so once what is written now is on disk
   */
  coverDelivered(upTo: number): boolean
}

/** See the top of this file. Only queues that are stored have one. */
export class Backlog {
  private readonly context: QueueContext
  private readonly owner: BacklogOwner
  /** The newest, in memory until they are on disk. */
  private readonly tail = new EntryList()
  /** Read from the store, and about to wait in memory. */
  private reading: readonly QueueEntry[] = []
  private paged = 0
  private pagedBytes = 0
  /** Sequences of what is in the store only: those read, and the last one there is. */
  private readUpTo = Number.NEGATIVE_INFINITY
  private lastPaged = Number.NEGATIVE_INFINITY
  /** Messages of before this life end here; what was not persistent did not live on. */
  private lastRecovered = Number.NEGATIVE_INFINITY
  /**
   * Taken from among those in the store, and not removed there yet; with an entry, came back and
   * waits in its place, in memory.
   */
  private readonly taken = new Map<number, QueueEntry | undefined>()
  private returned = 0
  private mayExpire = false
  private expirySearched = Number.NEGATIVE_INFINITY
  private isExpirySearchDue = false
  private isRefillDue = false
  private isReading = false
  private isSearchDue = false
  private readonly steps: WallSteps

  constructor(context: QueueContext, owner: BacklogOwner) {
    this.context = context
    this.owner = owner
    this.steps = new WallSteps(context.clock)
  }

  /** Messages that wait here. */
  get length(): number {
    return this.paged + this.returned + this.reading.length + this.tail.length
  }

  /**
   * True if what comes must wait behind: something waits here. Of what is parked nothing may pass
   * what was given to a consumer and may come back, either.
   */
  get isFirst(): boolean {
    return this.length > 0 || (this.owner.kind === 'parked' && this.taken.size > 0)
  }

  /**
   * A message is put into the store that does not wait here: it is with a consumer, or in memory.
   */
  pass(sequence: number): void {
    this.owner.coverDelivered(sequence)
    // What older ones come back to may come to reach beyond it, and it must not be read there.
    if (this.taken.size > 0) this.taken.set(sequence, undefined)
  }

  /** Bytes of those that are in the store only. */
  get storedBytes(): number {
    return this.pagedBytes
  }

  /** Begins with what an earlier life left in the store. */
  recover({ count, bytes, firstSequence, lastSequence }: QueueSummary): void {
    this.paged = count
    this.pagedBytes = bytes
    this.readUpTo = firstSequence - 1
    this.lastPaged = lastSequence
    this.lastRecovered = lastSequence
    this.mayExpire = true
  }

  /** Adds an entry that was put into the store, behind all others. */
  append(entry: QueueEntry): void {
    const { message, sequence } = entry
    const last = this.lastSequence
    if (message.expiresAtMs > 0) {
      this.mayExpire = true
      this.steps.note(sequence)
    }
    // Nobody has been offered what is being read, which is older.
    const choosers = this.isReading ? [] : this.owner.consumers.searchers
    for (const slot of choosers) {
      const { consumer } = slot
      // One that has not seen all before it must not be given what is behind.
      if (slot.searched < last || consumer.credit <= 0) continue
      if (!this.isFor(slot, message)) {
        slot.searched = sequence
        continue
      }
      // It is written with the message itself.
      this.owner.coverDelivered(sequence)
      this.taken.set(sequence, undefined)
      if (this.owner.deliver(slot, entry)) return
      this.taken.delete(sequence)
    }
    this.tail.append(entry)
    if (this.paged === 0) this.refillSoon()
    this.searchSoon()
  }

  /** Takes back what was taken from among those in the store; false for any other entry. */
  takeBack(entry: QueueEntry): boolean {
    const { sequence } = entry
    if (sequence <= this.readUpTo || !this.taken.has(sequence)) return false
    if (sequence <= this.lastPaged) {
      this.taken.set(sequence, entry)
      this.returned += 1
    } else {
      this.taken.delete(sequence)
      this.tail.merge([entry])
    }
    // Whoever has passed it must look again.
    for (const slot of this.owner.consumers.searchers) {
      if (slot.searched >= sequence) slot.searched = sequence - 1
    }
    return true
  }

  /** What was put up to a sequence is on disk, and need not stay in memory. */
  onStored(upTo: number): void {
    // What is needed at once stays.
    if (this.paged === 0 && !this.isReading && this.hasRoomInWindow) return
    for (let entry = this.tail.head; entry !== undefined; entry = this.tail.head) {
      if (entry.sequence > upTo) return
      this.tail.remove(entry)
      if (this.paged + this.returned === 0) this.readUpTo = entry.sequence - 1
      this.lastPaged = entry.sequence
      if (entry.isRedelivered || entry.refusals > 0) {
        // The store knows nothing of that.
        this.taken.set(entry.sequence, entry)
        this.returned += 1
        continue
      }
      entry.state = 'paged'
      this.paged += 1
      this.pagedBytes += storedBytes(entry.message)
      this.owner.leaveMemory(entry)
    }
  }

  /** Fills the window in memory, soon, if it has become short. */
  refillSoon(): void {
    if (this.isRefillDue || this.isReading || this.length === 0 || !this.hasRoomInWindow) return
    this.isRefillDue = true
    this.context.clock.endOfTurn(this.refill)
  }

  /** Looks, soon, for what consumers with filters and credit may take. */
  searchSoon(): void {
    if (this.isSearchDue || this.length === 0 || this.nextSearcher() === undefined) return
    this.isSearchDue = true
    this.context.clock.schedule(0, this.search)
  }

  /** True if no consumer here has a filter that takes anything of this, as far as is known. */
  get isUnwanted(): boolean {
    const { consumers } = this.owner
    const last = this.lastSequence
    return consumers.isChoosy && consumers.filtered.every(({ searched }) => searched >= last)
  }

  /** Periodic work: discards what expired. */
  sweep(): void {
    const nowMs = this.context.clock.monotonicMs()
    if (!this.mayExpire) return
    for (let entry = this.tail.head; entry !== undefined; ) {
      const { next } = entry
      this.expireInTail(entry, nowMs)
      entry = next
    }
    for (const entry of [...this.taken.values()]) {
      if (entry !== undefined) this.expireReturned(entry, nowMs)
    }
    if (this.paged > 0 && !this.isExpirySearchDue) this.searchExpired(expirySearchMax)
  }

  /** All that waits here, in order; nothing must change meanwhile. */
  *browse(): Generator<Pick<QueueEntry, 'message' | 'sequence'>> {
    const { store } = this.context
    yield* this.reading
    let after = this.readUpTo
    while (this.paged + this.returned > 0 && after < this.lastPaged) {
      const piece = store.read(this.owner.name, after, pageMessages)
      for (const stored of piece) {
        const { sequence } = stored
        if (sequence > this.lastPaged) break
        const taken = this.taken.get(sequence)
        if (taken !== undefined) yield taken
        else if (!this.taken.has(sequence)) {
          yield { message: this.read(stored), sequence }
        }
      }
      if (piece.length === 0) break
      after = piece.at(-1)!.sequence
    }
    for (let entry = this.tail.head; entry !== undefined; entry = entry.next) yield entry
  }

  /** The queue ends: answers what was in memory, and how many were in the store only. */
  clear(): { readonly entries: readonly QueueEntry[]; readonly stored: number } {
    const entries = [...this.reading]
    for (let entry = this.tail.head; entry !== undefined; entry = this.tail.head) {
      this.tail.remove(entry)
      entries.push(entry)
    }
    for (const entry of this.taken.values()) if (entry !== undefined) entries.push(entry)
    const stored = this.paged
    this.reading = []
    this.returned = 0
    this.paged = 0
    this.pagedBytes = 0
    return { entries, stored }
  }

  private get lastSequence(): number {
    return this.tail.tail?.sequence ?? this.lastPaged
  }

  private get hasRoomInWindow(): boolean {
    return this.owner.ready.length <= windowMessages(this.context) / 2
  }

  private readonly refill = (): void => {
    this.isRefillDue = false
    if (this.owner.isRemoved || this.isReading || !this.hasRoomInWindow) return
    if (this.paged + this.returned > 0) this.readPage()
    else if (this.tail.length > 0) this.takeFromTail()
  }

  private takeFromTail(): void {
    const entries: QueueEntry[] = []
    const countMax = windowMessages(this.context)
    while (entries.length < countMax && this.tail.head !== undefined) {
      const entry = this.tail.head
      this.tail.remove(entry)
      entries.push(entry)
    }
    this.takeInCovered(entries, entries.at(-1)!.sequence)
  }

  /** Once they can be given to consumers, a later life must know that they may have been. */
  private takeInCovered(entries: readonly QueueEntry[], upTo: number): void {
    const takeIn = (): void => {
      if (this.owner.isRemoved) return
      this.isReading = false
      this.reading = []
      this.owner.takeIn(entries)
      this.refillSoon()
      this.searchSoon()
    }
    this.reading = entries
    this.isReading = true
    if (this.owner.coverDelivered(upTo)) takeIn()
    else this.context.store.whenDurable(takeIn)
  }

  private readPage(): void {
    const { store } = this.context
    const page = store.read(this.owner.name, this.readUpTo, this.pageMax)
    const entries: QueueEntry[] = []
    for (const stored of page) {
      const { sequence } = stored
      if (sequence > this.lastPaged) break
      this.readUpTo = sequence
      if (this.taken.has(sequence)) {
        const entry = this.reclaim(sequence)
        if (entry !== undefined) entries.push(entry)
        continue
      }
      const message = this.read(stored)
      if (this.isLeftOver(stored, message)) this.giveUpLeftOver(stored, message)
      else {
        this.paged -= 1
        this.pagedBytes -= stored.bytes.length
        entries.push(this.owner.revive(message, sequence))
      }
    }
    if (page.length === 0 || this.readUpTo >= this.lastPaged) this.endPaging()
    if (entries.length === 0) {
      this.refillSoon()
      return
    }
    this.takeInCovered(entries, this.readUpTo)
  }

  /** True for what an earlier life put aside for want of memory only: it died with that life. */
  private isLeftOver({ sequence }: StoredMessage, message: Message): boolean {
    return !message.isPersistent && sequence <= this.lastRecovered
  }

  private giveUpLeftOver(stored: StoredMessage, message: Message): void {
    mark('queue-spool-of-earlier-life')
    this.giveUpPaged(stored, message, 'not-persistent')
  }

  /** The entry of a message that came back, if it has, no longer counted here. */
  private reclaim(sequence: number): QueueEntry | undefined {
    const entry = this.taken.get(sequence)
    if (entry === undefined) return undefined
    this.returned -= 1
    this.taken.set(sequence, undefined)
    return entry
  }

  /** A page is not much larger than the window, nor than what memory has room for. */
  private get pageMax(): number {
    const { paged, pagedBytes } = this
    const window = Math.min(pageMessages, windowMessages(this.context))
    if (window <= pageMessagesMin || pagedBytes === 0) return window
    const fitting = Math.floor((this.context.memory.bytesUntilTight * paged) / pagedBytes)
    return Math.min(window, Math.max(pageMessagesMin, fitting))
  }

  /** Nothing is in the store only any more. */
  private endPaging(): void {
    this.paged = 0
    this.pagedBytes = 0
  }

  /** A consumer with a filter and credit that has not seen all that waits here. */
  private nextSearcher(): ConsumerSlot | undefined {
    // What is being read comes first.
    if (this.isReading) return undefined
    const last = this.lastSequence
    for (const slot of this.owner.consumers.searchers) {
      if (slot.consumer.credit > 0 && slot.searched < last) return slot
    }
    return undefined
  }

  private read({ bytes, sequence }: StoredMessage): Message {
    const { clock, destinations } = this.context
    // What an earlier life put there goes by the wall clock alone.
    const clockSetByMs = sequence > this.lastRecovered ? this.steps.setSince(sequence) : 0
    return readStoredMessage(bytes, destinations, clock, clockSetByMs)
  }

  private readonly search = (): void => {
    this.isSearchDue = false
    const slot = this.owner.isRemoved ? undefined : this.nextSearcher()
    if (slot === undefined) return
    if (!this.owner.coverDelivered(this.lastSequence)) {
      this.isSearchDue = true
      this.context.store.whenDurable(this.search)
      return
    }
    mark('queue-searches-backlog')
    if (this.paged + this.returned > 0 && slot.searched < this.lastPaged) this.searchStored(slot)
    else this.searchTail(slot)
    this.searchSoon()
  }

  private searchStored(slot: ConsumerSlot): void {
    const { clock, store } = this.context
    const { consumer } = slot
    const nowMs = clock.monotonicMs()
    const after = Math.max(slot.searched, this.readUpTo)
    const piece = store.read(this.owner.name, after, pageMessages)
    for (const stored of piece) {
      const { sequence } = stored
      if (sequence > this.lastPaged) break
      if (consumer.credit <= 0) return
      slot.searched = sequence
      if (this.taken.has(sequence)) {
        this.offerReturned(slot, sequence, nowMs)
        continue
      }
      const message = this.read(stored)
      if (isExpired(message, nowMs)) this.giveUpPaged(stored, message, 'expired')
      else if (this.isLeftOver(stored, message)) this.giveUpLeftOver(stored, message)
      else if (this.isFor(slot, message) && !this.giveStored(slot, message, stored)) return
    }
    const isEnd = piece.length === 0 || piece.at(-1)!.sequence >= this.lastPaged
    if (isEnd) slot.searched = Math.max(slot.searched, this.lastPaged)
  }

  /** Gives what is in the store to a consumer that looks for it; false if that has no room. */
  private giveStored(
    slot: ConsumerSlot,
    message: Message,
    { sequence, bytes }: StoredMessage
  ): boolean {
    this.paged -= 1
    this.pagedBytes -= bytes.length
    this.taken.set(sequence, undefined)
    const entry = this.owner.revive(message, sequence)
    if (this.owner.deliver(slot, entry)) return true
    this.owner.leaveMemory(entry)
    this.taken.delete(sequence)
    this.paged += 1
    this.pagedBytes += bytes.length
    slot.searched = sequence - 1
    return false
  }

  private offerReturned(slot: ConsumerSlot, sequence: number, nowMs: number): void {
    const entry = this.taken.get(sequence)
    if (entry === undefined || this.expireReturned(entry, nowMs)) return
    if (!this.isFor(slot, entry.message)) return
    this.reclaim(sequence)
    if (this.owner.deliver(slot, entry)) return
    this.taken.set(sequence, entry)
    this.returned += 1
    slot.searched = sequence - 1
  }

  /**
   * True for what a consumer may be given from behind. What was sent here for consumers of this
   * broker stays while they exist.
   */
  private isFor({ consumer }: ConsumerSlot, message: Message): boolean {
    if (!consumer.filter!.matches(message)) return false
    if (consumer.cost === 0 || !message.hasTravelled) return true
    return !this.owner.consumers.isWantedHere(message)
  }

  private expireReturned(entry: QueueEntry, nowMs: number): boolean {
    const { message, sequence } = entry
    if (!isExpired(message, nowMs)) return false
    this.reclaim(sequence)
    this.owner.leaveMemory(entry)
    this.owner.giveUpStored(entry, 'expired')
    this.forget(sequence)
    return true
  }

  private expireInTail(entry: QueueEntry, nowMs: number): boolean {
    const { message, sequence } = entry
    if (!isExpired(message, nowMs)) return false
    this.tail.remove(entry)
    this.taken.set(sequence, undefined)
    this.owner.leaveMemory(entry)
    this.owner.giveUpStored(entry, 'expired')
    this.forget(sequence)
    return true
  }

  private searchTail(slot: ConsumerSlot): void {
    const { consumer } = slot
    const nowMs = this.context.clock.monotonicMs()
    for (let entry = this.tail.head; entry !== undefined && consumer.credit > 0; ) {
      const { next, sequence } = entry
      if (sequence > slot.searched && !this.expireInTail(entry, nowMs)) {
        slot.searched = sequence
        if (this.isFor(slot, entry.message) && !this.giveFromTail(slot, entry)) return
      }
      entry = next
    }
  }

  private giveFromTail(slot: ConsumerSlot, entry: QueueEntry): boolean {
    const { sequence } = entry
    this.tail.remove(entry)
    this.taken.set(sequence, undefined)
    if (this.owner.deliver(slot, entry)) return true
    this.taken.delete(sequence)
    this.tail.merge([entry])
    slot.searched = sequence - 1
    return false
  }

  /** Consumers look again at all that waits here: their filters may take more of it. */
  searchAgain(): void {
    for (const slot of this.owner.consumers.searchers) slot.searched = Number.NEGATIVE_INFINITY
    this.searchSoon()
  }

  /** A message taken from among those in the store was settled, and is being removed there. */
  forget(sequence: number): void {
    if (!this.taken.has(sequence)) return
    this.context.store.whenDurable(() => this.taken.delete(sequence))
  }

  private searchExpired(left: number): void {
    const { clock, store } = this.context
    const nowMs = clock.monotonicMs()
    const after = Math.max(this.expirySearched, this.readUpTo)
    const piece = store.read(this.owner.name, after, pageMessages)
    for (const stored of piece) {
      this.expirySearched = stored.sequence
      if (stored.sequence > this.lastPaged) break
      if (this.taken.has(stored.sequence)) continue
      const message = this.read(stored)
      if (isExpired(message, nowMs)) this.giveUpPaged(stored, message, 'expired')
      else if (this.isLeftOver(stored, message)) this.giveUpLeftOver(stored, message)
    }
    if (piece.length === 0 || this.expirySearched >= this.lastPaged) {
      this.expirySearched = Number.NEGATIVE_INFINITY
      return
    }
    if (left <= pageMessages) return
    this.isExpirySearchDue = true
    clock.schedule(0, () => {
      this.isExpirySearchDue = false
      if (this.paged > 0 && !this.owner.isRemoved) this.searchExpired(left - pageMessages)
    })
  }

  private giveUpPaged(stored: StoredMessage, message: Message, reason: NonDeliveryReason): void {
    this.paged -= 1
    this.pagedBytes -= stored.bytes.length
    const { sequence, bytes } = stored
    this.taken.set(sequence, undefined)
    // What an earlier life spooled was never counted.
    const isSpooled = !message.isPersistent && !this.isLeftOver(stored, message)
    this.owner.giveUpStored(
      { message, sequence, spooledBytes: isSpooled ? bytes.length : 0 },
      reason
    )
    this.forget(sequence)
  }
}

function isExpired({ expiresAtMs }: Message, nowMs: number): boolean {
  return expiresAtMs > 0 && expiresAtMs <= nowMs
}

// Where the messages for one other broker wait that had no way there: in a queue of the store, with
// a small window in memory, in order. A place is the only consumer of its queue. What it is given
// it holds until the turn ends; then its owner sends that on, and it is settled in the same batch
// of the store as it enters the log of a bridge, or it goes back to where it was.
// Invariant: while something waits here nothing later for that broker goes another way.

import type {
  Consumer,
  FlowGate,
  Message,
  MessageFilter,
  Queue,
  QueueEntry
} from '../../broker/index.ts'
import { WaitingTimes } from './waiting-times.ts'

/** Why a message found no way on. */
export type WayFault = 'no-route' | 'bridge-full' | 'hop-limit' | 'path-loop'

/** Why nothing leaves a place just now; 'away' while its broker is out of reach. */
export type ParkedReason = WayFault | 'away'

/** What a place needs of its owner. */
export interface ParkingPlaceOwner {
  /** True for a message that may leave: it has a way there, or nobody wants it any more. */
  mayLeave(place: ParkingPlace, message: Message): boolean
  /** The place holds a message that is to be sent on when the turn ends. */
  onHeld(message: Message): void
  /** It holds one no more. */
  onHeldNoMore(message: Message): void
}

/** Messages given to a place at a time. */
const heldMax = 512

/** See the top of this file. */
export class ParkingPlace implements Consumer {
  credit = 0
  readonly cost = 0
  readonly settlesOnDispatch = false
  readonly filter: MessageFilter
  readonly target: string
  readonly queue: Queue
  readonly times = new WaitingTimes()
  /** Why nothing leaves; undefined while it may: then what stays here is kept out by filters. */
  reason: ParkedReason | undefined = 'away'
  /** True while it is given what may leave. */
  isOpen = false
  /** The neighbour whose bridge is full, if that is why. */
  fullHop: string | undefined = undefined
  /** Messages that may begin a new journey: they were here when the network last changed. */
  eager = 0
  /** How much more came than left since there has been a way. */
  grownMessages = 0
  grownBytes = 0
  /**
   * When filters keep something out that no durable subscription wants: give it up from then on.
   */
  keptOutDueMs: number | undefined = undefined
  /** No such message has a later sequence. */
  keptOutUpTo = 0
  /** Such messages are given up up to this sequence; undefined while none is looked for. */
  giveUpTo: number | undefined = undefined
  /** True if routes or demand have changed since everything here was looked at. */
  isStale = false
  private readonly owner: ParkingPlaceOwner
  private held: QueueEntry[] = []
  private heldAt = 0
  private isSorted = true

  constructor(target: string, queue: Queue, owner: ParkingPlaceOwner) {
    this.target = target
    this.queue = queue
    this.owner = owner
    this.filter = {
      text: `a way to ${target}`,
      matches: (message) => owner.mayLeave(this, message)
    }
    queue.addConsumer(this)
  }

  /** True while it has nothing at all. */
  get isEmpty(): boolean {
    return this.queue.held === 0
  }

  /** The next message to be sent on. */
  get next(): QueueEntry | undefined {
    if (!this.isSorted) this.sort()
    return this.held[this.heldAt]
  }

  /** Takes a message in, behind all others; answers the gate to wait at if this is too many. */
  add(message: Message): FlowGate | undefined {
    this.grow(message)
    return this.queue.enqueue(message, true)
  }

  /** Takes messages in that are older than all others here. */
  restore(messages: readonly Message[]): void {
    for (const message of messages) this.grow(message)
    this.queue.restore(messages)
  }

  /**
   * Everything that may leave is given to this place from now on, from the oldest on.
   * @param reason 'away' while that is only what nobody wants any more
   */
  open(reason?: 'away'): void {
    this.reason = reason
    this.fullHop = undefined
    this.isOpen = true
    this.isStale = false
    this.giveUpTo = undefined
    this.begin()
  }

  /** As above; and what filters keep out, and nobody wants for long, is given up to a sequence. */
  openToGiveUp(upTo: number): void {
    this.giveUpTo = upTo
    this.begin()
  }

  /** Nothing leaves until it is opened again; what was to be sent on goes back. */
  shut(reason: ParkedReason, fullHop?: string): void {
    this.reason = reason
    this.fullHop = fullHop
    this.isOpen = false
    this.credit = 0
    if (reason === 'away') {
      this.grownMessages = 0
      this.grownBytes = 0
    }
    this.giveBack()
  }

  deliver(_message: Message, entry: QueueEntry | undefined): void {
    const last = this.held.at(-1)
    if (last !== undefined && last.sequence > entry!.sequence) this.isSorted = false
    this.held.push(entry!)
    this.owner.onHeld(entry!.message)
  }

  /** The next message is done with: it is in another place now, or given up. */
  settleNext(): void {
    const entry = this.next!
    this.heldAt += 1
    if (this.heldAt === this.held.length) {
      this.held = []
      this.heldAt = 0
    }
    this.owner.onHeldNoMore(entry.message)
    if (this.eager > 0) this.eager -= 1
    if (this.grownMessages > 0) {
      this.grownMessages -= 1
      this.grownBytes = Math.max(0, this.grownBytes - entry.message.sizeBytes)
    }
    if (this.grownMessages === 0) this.grownBytes = 0
    entry.queue.settle(entry)
  }

  /** Takes as many as it may hold, once more. */
  renew(): void {
    if (!this.isOpen) return
    const before = this.credit
    this.credit = heldMax - (this.held.length - this.heldAt)
    if (before <= 0 && this.credit > 0) this.queue.onCredit(this)
  }

  /** Everything here ends; `onDropped` is told of what is in memory. */
  remove(onDropped: (message: Message) => void): void {
    for (let entry = this.next; entry !== undefined; entry = this.next) {
      onDropped(entry.message)
      this.settleNext()
    }
    this.isOpen = false
    this.credit = 0
    this.queue.remove(onDropped)
  }

  private begin(): void {
    // A consumer that comes anew looks at all of it again.
    this.queue.removeConsumer(this)
    this.credit = heldMax - (this.held.length - this.heldAt)
    this.queue.addConsumer(this)
  }

  private grow(message: Message): void {
    // What has no way gathers for as long as that lasts, and says nothing of how busy the way is.
    if (this.reason === 'away' || !this.owner.mayLeave(this, message)) return
    this.grownMessages += 1
    this.grownBytes += message.sizeBytes
  }

  private giveBack(): void {
    if (!this.isSorted) this.sort()
    const left = this.held.slice(this.heldAt)
    this.held = []
    this.heldAt = 0
    for (const { message } of left) this.owner.onHeldNoMore(message)
    // Nobody has seen these.
    if (left.length > 0) this.queue.giveBack(left, false)
  }

  private sort(): void {
    this.held = this.held.slice(this.heldAt).sort((a, b) => a.sequence - b.sequence)
    this.heldAt = 0
    this.isSorted = true
  }
}

// Takes chosen messages out of a dead-letter queue, in order, however much of it is on disk: as a
// consumer with a filter, so that the queue does the searching and other consumers go on beside it.
// What becomes of a letter is for the wish to say; the letter is settled in the same turn, so that
// both are in one batch of the store.
// Invariant: when it is done it holds nothing, and no more than a batch before that.

import { isPostroadError, mark, type PostroadError } from '../base/index.ts'
import type { Cancel, Clock } from '../ports/index.ts'
import type { Consumer, MessageFilter } from './consumer.ts'
import type { Message } from './message.ts'
import type { Queue } from './queue.ts'
import type { QueueEntry } from './queue-entry.ts'
import type { StoreWriter } from './store-writer.ts'

/** Which letters, and what is done with them. */
export interface DrainWish {
  readonly queue: Queue
  /** Letters to take, at most. */
  readonly messagesMax: number
  /** Which letters. */
  matches(letter: Message): boolean
  /**
   * Takes over a letter; false if that cannot be done now, which ends the work.
   * @throws PostroadError if it cannot be done, which ends the work as well
   */
  take(letter: Message): boolean
}

/** How it went. */
export interface DrainOutcome {
  /** Letters taken; all of that is on disk. */
  readonly taken: number
  /** Why it ended: all of it was looked at, enough were taken, no time or no room was left. */
  readonly end: 'searched' | 'enough' | 'time' | 'no-room'
  readonly error?: PostroadError
}

/** Letters under way at a time. */
const batchMax = 256
/** How often is looked whether it still gets on, and looks in vain before that is the end. */
const lookMs = 100
const vainLooksMax = 5
/** However long there is something to search, an answer comes about then. */
const workMsMax = 10_000

/** See the top of this file. Serves once. */
export class DeadLetterDrain implements Consumer {
  credit: number
  readonly filter: MessageFilter
  readonly cost = 0
  readonly settlesOnDispatch = false
  private readonly clock: Clock
  private readonly store: StoreWriter
  private readonly wish: DrainWish
  private readonly done: (outcome: DrainOutcome) => void
  private held: QueueEntry[] = []
  private taken = 0
  private isOver = false
  private progress = ''
  private vainLooks = 0
  private readonly endsAtMs: number
  private cancelLook: Cancel = () => {}

  /** @param done called once, later */
  constructor(
    { clock, store }: { readonly clock: Clock; readonly store: StoreWriter },
    wish: DrainWish,
    done: (outcome: DrainOutcome) => void
  ) {
    this.clock = clock
    this.store = store
    this.wish = wish
    this.done = done
    this.credit = Math.min(batchMax, wish.messagesMax)
    this.filter = { text: 'chosen dead letters', matches: (letter) => wish.matches(letter) }
    this.endsAtMs = clock.monotonicMs() + workMsMax
  }

  start(): void {
    this.wish.queue.addConsumer(this)
    this.lookLater()
  }

  /** For the queue, which is in the middle of its work: what is done waits for the turn's end. */
  deliver(_letter: Message, entry: QueueEntry | undefined): void {
    this.held.push(entry!)
    if (this.held.length === 1) this.clock.endOfTurn(this.takeHeld)
  }

  private readonly takeHeld = (): void => {
    if (this.isOver) return
    const { held, wish } = this
    this.held = []
    for (const [at, entry] of held.entries()) {
      const fault = this.takeOne(entry)
      if (fault === undefined) continue
      this.held = held.slice(at)
      this.finish(fault)
      return
    }
    if (this.taken >= wish.messagesMax) {
      this.finish({ end: 'enough' })
      return
    }
    // What was given meanwhile is under way as well.
    const before = this.credit
    this.credit = Math.min(batchMax, wish.messagesMax - this.taken) - this.held.length
    if (before <= 0 && this.credit > 0) wish.queue.onCredit(this)
  }

  /** Undefined if it went well. */
  private takeOne(entry: QueueEntry): Omit<DrainOutcome, 'taken'> | undefined {
    try {
      if (!this.wish.take(entry.message)) return { end: 'no-room' }
    } catch (error) {
      if (!isPostroadError(error)) throw error
      mark('dead-letter-move-refused')
      return { end: 'no-room', error: error as PostroadError }
    }
    entry.queue.settle(entry)
    this.taken += 1
    return undefined
  }

  private lookLater(): void {
    this.cancelLook = this.clock.schedule(lookMs, () => {
      const slot = this.wish.queue.consumers.find(this)
      const progress = `${this.taken} ${slot?.searched} ${slot?.cursor?.sequence}`
      this.vainLooks = progress === this.progress ? this.vainLooks + 1 : 0
      this.progress = progress
      if (this.vainLooks >= vainLooksMax) this.finish({ end: 'searched' })
      else if (this.clock.monotonicMs() >= this.endsAtMs) this.finish({ end: 'time' })
      else this.lookLater()
    })
  }

  private finish(how: Omit<DrainOutcome, 'taken'>): void {
    this.isOver = true
    this.cancelLook()
    this.credit = 0
    // Nobody has seen these.
    this.wish.queue.removeConsumer(this, this.held, false)
    this.held = []
    const { taken } = this
    this.store.whenDurable((error) => {
      this.done({ ...how, taken, ...(error === undefined ? {} : { error }) })
    })
  }
}

// One lane of the receiving half of the custody channel from one broker: takes messages in order,
// each once, and acknowledges custody in batches. It survives the connections it is attached to, so
// that a peer that resumes learns exactly how far this end got.
//
// Where there is a store, the mark is written in one batch with the message, and acknowledged once
// that is on disk, or nothing is left of it to be written. A message that this broker cannot take
// is rejected, and all that follows is dropped until the peer has put a void in its place and sends
// the rest again.
//
// Invariant: the high-water mark rises only after the owner has taken the message, and nothing is
// acknowledged that a later life of this broker would have to know and does not.

import { mark } from '../../base/index.ts'
import type { Cancel, Clock } from '../../ports/index.ts'
import type { Lane, Reception, Rejection, RejectionCode } from '../bridge-protocol/index.ts'

/** Acknowledged at the latest after so many messages, so many bytes, or so many milliseconds. */
const ackMessagesMax = 64
const ackBytesMax = 64 * 1024
const ackDelayMs = 2
/** How often a held-back acknowledgement asks whether the congestion is over. */
const congestedRetryMs = 20

/** Where the mark of one channel is kept. */
export interface IncomingStore {
  /** The mark an earlier life left. */
  readonly mark: Reception | undefined
  setMark(epoch: number, highWater: number): void
  /** Calls back when what was taken so far is on disk or settled; with an error if it is not. */
  whenDurable(callback: (error: Error | undefined) => void): void
}

/** The connection acknowledgements leave on, and whoever decides when they may. */
export interface IncomingPort {
  /** True while the owner does not want to be sent more. */
  isCongested(): boolean
  writeAck(lane: Lane, highWater: number): void
  writeReject(rejection: Rejection): void
}

/** See the top of this file. Two per remote broker. */
export class IncomingChannel {
  /** Epoch being received; 0 before the first. */
  epoch = 0
  /** Highest sequence of the epoch in the owner's custody. */
  highWater = 0
  /** What a later life of this broker would know of that, or need not: up to this sequence. */
  safeHighWater = 0
  /** Highest sequence acknowledged on the present connection. */
  private toldHighWater = 0
  /** Messages received again and dropped. */
  duplicates = 0
  private readonly lane: Lane
  private readonly clock: Clock
  private readonly onTimer: () => void
  private readonly onEndOfTurn: () => void
  private isTurnDue = false
  private port: IncomingPort | undefined = undefined
  private isOpen = false
  /** Sequence of the message rejected on the present connection that no VOID has replaced yet. */
  private rejected: number | undefined = undefined
  private dueMessages = 0
  private dueBytes = 0
  private cancelTimer: Cancel | undefined = undefined
  private readonly store: IncomingStore | undefined
  /** True until a message of the epoch has come in this life. */
  private isRecovered = false

  /** @param store undefined where nothing survives the process */
  constructor(lane: Lane, clock: Clock, store?: IncomingStore) {
    this.lane = lane
    this.clock = clock
    this.store = store
    const kept = store?.mark
    if (kept !== undefined) {
      mark('channel-mark-recovered')
      this.epoch = kept.epoch
      this.highWater = kept.highWater
      this.safeHighWater = kept.highWater
      this.isRecovered = true
    }
    this.onTimer = () => {
      this.cancelTimer = undefined
      this.acknowledge()
    }
    this.onEndOfTurn = () => {
      this.isTurnDue = false
      this.acknowledge()
    }
  }

  /** Goes on over a new connection; DATA follows its EPOCH. */
  attach(port: IncomingPort): void {
    this.port = port
    this.isOpen = false
    this.rejected = undefined
    this.toldHighWater = 0
  }

  /** The connection is gone. What was taken stays taken. */
  detach(): void {
    this.port = undefined
    this.isOpen = false
    this.settle()
  }

  /** Takes EPOCH; answers what is wrong with it, or undefined. */
  begin(epoch: number, first: number): string | undefined {
    if (this.isOpen) {
      mark('channel-epoch-twice')
      return 'EPOCH: came twice on one connection'
    }
    if (epoch === this.epoch && first > this.highWater + 1 && !this.isRecovered) {
      mark('channel-epoch-with-gap')
      return `EPOCH: first is ${first}, but ${this.highWater + 1} is the next one missing`
    }
    if (epoch === this.epoch) {
      mark('channel-resumed')
      // What lies between was acknowledged by an earlier life, whose disk has been set back since.
      this.highWater = Math.max(this.highWater, first - 1)
      this.safeHighWater = Math.max(this.safeHighWater, first - 1)
    } else {
      if (this.epoch !== 0) mark('channel-begun-anew')
      this.epoch = epoch
      this.highWater = first - 1
      this.safeHighWater = first - 1
    }
    this.isOpen = true
    return undefined
  }

  /**
   * What to do with DATA or VOID of that sequence. Only 'next' may be taken, and then `taken` or
   * `reject` follows.
   */
  judge(sequence: number): 'next' | 'duplicate' | 'gap' | 'behind-rejected' {
    if (!this.isOpen) return 'gap'
    if (this.rejected !== undefined && sequence > this.rejected) return 'behind-rejected'
    if (sequence === this.highWater + 1) return 'next'
    if (sequence > this.highWater || sequence === 0) return 'gap'
    mark('channel-duplicate-dropped')
    this.duplicates += 1
    // The peer has not seen our acknowledgement: say it again.
    this.becomeDue(0)
    return 'duplicate'
  }

  /** The owner has taken the message judged 'next', or there is none. */
  taken(frameBytes: number): void {
    this.highWater += 1
    this.isRecovered = false
    this.rejected = undefined
    if (this.store === undefined) this.safeHighWater = this.highWater
    else this.store.setMark(this.epoch, this.highWater)
    this.becomeDue(frameBytes)
  }

  /** The owner does not take the message judged 'next'. */
  reject(code: RejectionCode, text: string): void {
    mark('channel-message-refused')
    const { lane } = this
    this.rejected = this.highWater + 1
    this.port?.writeReject({ lane, sequence: this.rejected, code, text })
  }

  /** How far a later life of this broker would know that it got. */
  get reception(): Reception {
    return { epoch: this.epoch, highWater: this.safeHighWater }
  }

  /** Acknowledges what is due now, congested or not: the bridge is about to end. */
  acknowledgeFinally(): void {
    const { port } = this
    const isDue = this.dueMessages > 0 || this.toldHighWater < this.safeHighWater
    // Before its EPOCH nobody knows which one the connection goes on with.
    if (port !== undefined && isDue && this.isOpen) {
      mark('channel-last-ack')
      this.tell(port)
    }
    this.settle()
  }

  /** True while everything taken is safe. */
  get isSafe(): boolean {
    return this.safeHighWater === this.highWater
  }

  /** Calls back, at once or later, when everything taken so far is safe, or cannot be made so. */
  whenSafe(callback: () => void): void {
    this.secure(callback)
  }

  private becomeDue(frameBytes: number): void {
    this.dueMessages += 1
    this.dueBytes += frameBytes
    if (this.store !== undefined) {
      // What a turn brought is settled together as a rule, and the other end may wait for it.
      if (this.isTurnDue || this.cancelTimer !== undefined) return
      this.isTurnDue = true
      this.clock.endOfTurn(this.onEndOfTurn)
    } else if (this.dueMessages === ackMessagesMax || this.dueBytes >= ackBytesMax)
      this.acknowledge()
    else if (this.cancelTimer === undefined) this.startTimer(ackDelayMs)
  }

  private acknowledge(): void {
    const { port } = this
    if (port === undefined || this.dueMessages === 0) return
    if (port.isCongested()) {
      mark('channel-ack-held-back')
      if (this.cancelTimer === undefined) this.startTimer(congestedRetryMs)
      return
    }
    this.dueMessages = 0
    this.dueBytes = 0
    this.secure((isSafe) => {
      if (port !== this.port) return
      if (isSafe) this.tell(port)
      else {
        mark('channel-ack-waits-for-store')
        this.dueMessages += 1
        if (this.cancelTimer === undefined) this.startTimer(congestedRetryMs)
      }
    })
  }

  private tell(port: IncomingPort): void {
    this.toldHighWater = this.safeHighWater
    port.writeAck(this.lane, this.safeHighWater)
  }

  /** Calls back when what was taken so far is on disk; false if the store fails. */
  private secure(callback: (isSafe: boolean) => void): void {
    const { store, epoch, highWater } = this
    const done = (error?: Error): void => {
      if (error === undefined && epoch === this.epoch) {
        this.safeHighWater = Math.max(this.safeHighWater, highWater)
      }
      callback(error === undefined)
    }
    if (store === undefined || this.isSafe) done()
    else store.whenDurable(done)
  }

  private settle(): void {
    this.dueMessages = 0
    this.dueBytes = 0
    this.cancelTimer?.()
    this.cancelTimer = undefined
  }

  private startTimer(delayMs: number): void {
    this.cancelTimer = this.clock.schedule(delayMs, this.onTimer)
  }
}

// The receiving half of the custody channel from one broker: takes messages in order, each once,
// and acknowledges custody in batches. It survives the connections it is attached to, so that a
// peer that resumes learns exactly how far this end got.
//
// Where there is a store, the mark is written in one batch with the message, and acknowledged once
// that is on disk.
//
// Invariant: the high-water mark rises only after the owner has taken the message, and nothing is
// acknowledged that a later life of this broker would not know.

import { mark } from '../../base/index.ts'
import type { Cancel, Clock } from '../../ports/index.ts'

/** Acknowledged at the latest after so many messages, so many bytes, or so many milliseconds. */
const ackMessagesMax = 64
const ackBytesMax = 64 * 1024
const ackDelayMs = 2
/** How often a held-back acknowledgement asks whether the congestion is over. */
const congestedRetryMs = 20

/** Where the mark of one channel is kept. */
export interface IncomingStore {
  /** The mark an earlier life left. */
  readonly mark: { readonly epoch: number; readonly highWater: number } | undefined
  setMark(epoch: number, highWater: number): void
  /** Calls back when what was written so far is on disk; with an error if it is not. */
  whenDurable(callback: (error: Error | undefined) => void): void
}

/** The connection acknowledgements leave on, and whoever decides when they may. */
export interface IncomingPort {
  /** True while the owner does not want to be sent more. */
  isCongested(): boolean
  writeAck(highWater: number): void
}

/** See the top of this file. One per remote broker. */
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
  private readonly clock: Clock
  private readonly onTimer: () => void
  private port: IncomingPort | undefined = undefined
  private isOpen = false
  private dueMessages = 0
  private dueBytes = 0
  private cancelTimer: Cancel | undefined = undefined
  private readonly store: IncomingStore | undefined
  /** True until a message of the epoch has come in this life. */
  private isRecovered = false

  /** @param store undefined where nothing survives the process */
  constructor(clock: Clock, store?: IncomingStore) {
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
  }

  /** Goes on over a new connection; DATA follows its EPOCH. */
  attach(port: IncomingPort): void {
    this.port = port
    this.isOpen = false
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
      // What lies between was not persistent, and an earlier life acknowledged it.
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

  /** What to do with DATA of that sequence. Only 'next' may be taken, and then `taken` follows. */
  judge(sequence: number): 'next' | 'duplicate' | 'gap' {
    if (!this.isOpen) return 'gap'
    if (sequence === this.highWater + 1) return 'next'
    if (sequence > this.highWater || sequence === 0) return 'gap'
    mark('channel-duplicate-dropped')
    this.duplicates += 1
    // The peer has not seen our acknowledgement: say it again.
    this.becomeDue(0)
    return 'duplicate'
  }

  /** The owner has taken the message judged 'next'. */
  taken(frameBytes: number, isPersistent: boolean): void {
    const isSafe = this.store === undefined || (this.isSafe && !isPersistent)
    this.highWater += 1
    this.isRecovered = false
    if (isSafe) this.safeHighWater = this.highWater
    if (isPersistent) this.store?.setMark(this.epoch, this.highWater)
    this.becomeDue(frameBytes)
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
    if (this.dueMessages === ackMessagesMax || this.dueBytes >= ackBytesMax) this.acknowledge()
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
    port.writeAck(this.safeHighWater)
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

// The receiving half of the custody channel from one broker: takes messages in order, each once,
// and acknowledges custody in batches. It survives the connections it is attached to, so that a
// peer that resumes learns exactly how far this end got.
//
// Invariant: the high-water mark rises only after the owner has taken the message.

import { mark } from '../../base/index.ts'
import type { Cancel, Clock } from '../../ports/index.ts'

/** Acknowledged at the latest after so many messages, so many bytes, or so many milliseconds. */
const ackMessagesMax = 64
const ackBytesMax = 64 * 1024
const ackDelayMs = 2
/** How often a held-back acknowledgement asks whether the congestion is over. */
const congestedRetryMs = 20

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
  /** Messages received again and dropped. */
  duplicates = 0
  private readonly clock: Clock
  private readonly onTimer: () => void
  private port: IncomingPort | undefined = undefined
  private isOpen = false
  private dueMessages = 0
  private dueBytes = 0
  private cancelTimer: Cancel | undefined = undefined

  constructor(clock: Clock) {
    this.clock = clock
    this.onTimer = () => {
      this.cancelTimer = undefined
      this.acknowledge()
    }
  }

  /** Goes on over a new connection; DATA follows its EPOCH. */
  attach(port: IncomingPort): void {
    this.port = port
    this.isOpen = false
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
    if (epoch === this.epoch && first > this.highWater + 1) {
      mark('channel-epoch-with-gap')
      return `EPOCH: first is ${first}, but ${this.highWater + 1} is the next one missing`
    }
    if (epoch === this.epoch) mark('channel-resumed')
    else {
      if (this.epoch !== 0) mark('channel-begun-anew')
      this.epoch = epoch
      this.highWater = first - 1
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
  taken(frameBytes: number): void {
    this.highWater += 1
    this.becomeDue(frameBytes)
  }

  /** Acknowledges what is due now, congested or not: the bridge is about to end. */
  acknowledgeFinally(): void {
    const { port } = this
    if (port !== undefined && this.dueMessages > 0) {
      mark('channel-last-ack')
      port.writeAck(this.highWater)
    }
    this.settle()
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
    port.writeAck(this.highWater)
    this.dueMessages = 0
    this.dueBytes = 0
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

// One lane of the sending half of the custody channel to one broker: numbers messages, keeps them
// until the other end has acknowledged custody, and survives the connections it is attached to.
//
// Where there is a log, every message is written to it. One that is on disk elsewhere, in a queue
// it comes from, is sent once its place here is on disk, too: a later life of this broker would
// find it there, and give it out twice. One that is nowhere on disk leaves at once, for nobody has
// been told of it yet; what the other end takes in a moment is never written.
//
// Invariant: every message accepted by `send` is in exactly one place: the outbox (never sent), the
// window (sent, in doubt until acknowledged), acknowledged and forgotten, or handed back to the
// owner. Sequences are consecutive within an epoch; an epoch that was given up is never used again.
// One that the other end has rejected is handed back, and its place in the window is void.

import { assert, mark } from '../../base/index.ts'
import type { Message } from '../../broker/index.ts'
import type { Cancel, Clock, Random } from '../../ports/index.ts'
import {
  type Lane,
  type Reception,
  type Rejection,
  transferFlags
} from '../bridge-protocol/index.ts'
import type { TransferLog } from '../custody/index.ts'
import { MessageRing, type MessageRingBounds } from './message-ring.ts'
import { RecoveredTransfers } from './recovered-transfers.ts'

/** Why a message comes back: never taken; fate unknown; longer than the peer takes; or refused. */
export type ReturnedState = 'unsent' | 'in-doubt' | 'too-large' | 'rejected'

/** A message whose custody is the owner's again. */
export interface Returned {
  readonly message: Message
  readonly targets: readonly string[]
  readonly flags: number
  readonly state: ReturnedState
  /** The broker it was on its way to. */
  readonly peer: string
  /** Why that refused it, if it did. */
  readonly rejection?: Rejection
}

/** The connection a channel is attached to, as the channel sees it. */
export interface ChannelPort {
  /** False while DATA must hold back for the socket. */
  readonly isWritable: boolean
  /** False when the peer does not take a frame of that length. */
  fits(message: Message, targets: readonly string[]): boolean
  /** False where the terms of the connection keep a message from crossing it. */
  lets(message: Message): boolean
  writeData(sequence: number, message: Message, targets: readonly string[], flags: number): void
  writeEpoch(lane: Lane, epoch: number, first: number): void
  writeVoid(lane: Lane, sequence: number): void
}

/** What the channel tells its owner. */
export interface OutgoingOwner {
  /** Custody of these is the owner's again; never called from within `send`. */
  onReturned(items: Returned[]): void
  /** `send` answered 'full' and would accept again; never called from within `send`. */
  onRoom(peer: string, lane: Lane): void
}

/** What the other end says that it has, and whether it is the one we knew. */
export interface Resumption {
  readonly received: Reception
  /** True when the process at the other end is the one this epoch was sent to. */
  readonly isSameLife: boolean
  /** Incarnation of the broker at the other end. */
  readonly peerLife: number
}

/** Bounds and times of a channel. */
export interface OutgoingOptions {
  readonly window: MessageRingBounds
  readonly outbox: MessageRingBounds
  /** How long sent messages wait for the same peer to resume, in milliseconds. */
  readonly inDoubtHoldMs: number
}

/** What a channel needs of the world. */
export interface OutgoingDeps {
  readonly clock: Clock
  readonly random: Random
  readonly owner: OutgoingOwner
  /** The channel's log; undefined where nothing survives the process. */
  readonly log?: TransferLog | undefined
  /** Called when more of the log is on disk, in place of `pump`. */
  readonly onProgress?: () => void
}

/** Messages too large for the peer that one turn may gather before they go back. */
const tooLargeMax = 1024
/** After a flush that failed, whether it has come about is asked again after so long. */
const storeRetryMs = 1_000
/** In place of a number in the log: void, and the log does not know it yet. */
const voidNotStored = -1

/** See the top of this file. Two per remote broker. */
export class OutgoingChannel {
  private readonly peer: string
  private readonly lane: Lane
  private readonly deps: OutgoingDeps
  private readonly options: OutgoingOptions
  private readonly window: MessageRing
  private readonly outbox: MessageRing
  private port: ChannelPort | undefined = undefined
  private epoch: number
  /** Highest sequence acknowledged, written on the present connection, and given out. */
  private acknowledged = 0
  private written = 0
  private last = 0
  /** At the last sweep: the highest sequence given out, and how many waited in the outbox. */
  private swept = 0
  private sweptOutbox = 0
  private isRoomWanted = false
  private isEpochTold = false
  private peerLife = 0
  private readonly log: TransferLog | undefined
  private readonly recovered: RecoveredTransfers
  private tooLarge: Returned[] = []
  private cancelHold: Cancel | undefined = undefined

  constructor(peer: string, lane: Lane, deps: OutgoingDeps, options: OutgoingOptions) {
    this.peer = peer
    this.lane = lane
    this.deps = deps
    this.options = options
    this.window = new MessageRing(options.window)
    this.outbox = new MessageRing(options.outbox)
    this.epoch = newEpoch(deps.random)
    this.log = deps.log
    this.recovered = new RecoveredTransfers(deps.log)
    if (this.log !== undefined) this.log.onProgress = deps.onProgress ?? (() => this.pump())
  }

  /** Messages accepted and not yet acknowledged or handed back. */
  get pending(): number {
    const { recovered, window, outbox, tooLarge } = this
    return recovered.length + window.length + outbox.length + tooLarge.length
  }

  /** Bytes the messages in window and outbox account for. */
  get pendingBytes(): number {
    return this.recovered.sizeBytes + this.window.sizeBytes + this.outbox.sizeBytes
  }

  /**
   * Goes on with what an earlier life left in the log. It waits for the other end to say what it
   * has, as what is in doubt does.
   */
  recover(): void {
    this.recovered.recover()
    if (this.recovered.length > 0) this.hold()
  }

  /** True when `send` would accept a small message. */
  get hasRoom(): boolean {
    return this.port !== undefined && this.outbox.hasRoomFor(0)
  }

  /** Takes custody of a message for `targets`, or 'full': the caller keeps it until `onRoom`. */
  send(message: Message, targets: readonly string[], flags: number): 'accepted' | 'full' {
    const { port } = this
    if (port === undefined) return 'full'
    if (!port.fits(message, targets)) return this.returnTooLarge(message, targets, flags)
    const { log, outbox } = this
    const isFree = log === undefined || !message.isOnDisk
    const isDirect = outbox.length === 0 && this.written === this.last && port.isWritable
    if (isDirect && isFree && this.window.push(message, targets, flags, 0) === 'accepted') {
      this.last += 1
      if (log !== undefined) this.logDirect(log, message, targets, flags)
      this.write(port, message, targets, flags)
      return 'accepted'
    }
    if (outbox.push(message, targets, flags, 0) === 'full') {
      mark('channel-full')
      this.isRoomWanted = true
      return 'full'
    }
    if (log !== undefined) this.logOutbox(log, outbox.length - 1)
    if (isFree) outbox.free(outbox.length - 1)
    return 'accepted'
  }

  /** The peer has custody of everything up to `highWater`; false if that was never sent. */
  acknowledge(highWater: number): boolean {
    if (highWater > this.last) return false
    if (highWater <= this.acknowledged) {
      mark('channel-ack-outdated')
      return true
    }
    this.dropWindow(highWater - this.acknowledged)
    this.acknowledged = highWater
    if (this.written < highWater) {
      mark('channel-ack-spares-resending')
      this.written = highWater
    }
    this.pump()
    return true
  }

  /**
   * The peer does not take the message of that sequence, nor what follows until it hears that there
   * is none; false if that was not sent. Whoever owns the message then must keep it in this turn.
   */
  reject(rejection: Rejection): boolean {
    const { sequence } = rejection
    const { window, log, peer } = this
    if (sequence <= this.acknowledged || sequence > this.written) return false
    const index = sequence - this.acknowledged - 1
    if (window.isVoid(index)) return true
    mark('channel-message-rejected')
    const message = window.messageAt(index)
    const targets = window.targetsAt(index)
    const number = window.numberAt(index)
    window.void(index)
    this.deps.owner.onReturned([
      { message, targets, flags: window.flagsAt(index), state: 'rejected', peer, rejection }
    ])
    if (log === undefined || number === 0) {
      this.written = Math.min(this.written, sequence - 1)
      this.pump()
      return true
    }
    log.remove(number)
    window.renumber(index, voidNotStored)
    this.tellVoidWhenStored(log, this.epoch, sequence)
    return true
  }

  /**
   * Goes on over a new connection; call `pump` once the owner knows the bridge is up.
   * @returns messages of unknown fate, for the peer has begun anew, and those that must not cross
   *   here; or 'impossible' when the peer claims what was never sent to it
   */
  attach(port: ChannelPort, resumption: Resumption): Returned[] | 'impossible' {
    assert(this.port === undefined, 'a channel is attached to one connection at a time')
    const { received, isSameLife } = resumption
    let inDoubt: Returned[] = []
    this.peerLife = resumption.peerLife
    if (received.epoch === this.epoch) {
      if (received.highWater > this.last) return 'impossible'
      this.learn(resumption)
    } else if (!isSameLife || this.acknowledged > 0) {
      // The peer has restarted, or has forgotten this channel: nobody can tell what it took.
      inDoubt = this.takeWindow('in-doubt')
      if (inDoubt.length > 0) mark('channel-in-doubt-after-restart')
      this.startEpoch()
    } else if (this.window.length > 0) mark('channel-nothing-had-arrived')
    if (this.cancelHold !== undefined) mark('channel-back-within-hold')
    this.cancelHold?.()
    this.cancelHold = undefined
    this.port = port
    const returned = inDoubt.concat(this.takeWhatIsKeptBack(port, isSameLife))
    this.written = this.acknowledged
    this.isEpochTold = false
    for (const left of this.recovered.resolve(resumption)) {
      const { message, targets, flags } = left
      if (!port.lets(message)) {
        returned.push({ ...left, state: 'unsent', peer: this.peer })
        continue
      }
      this.outbox.pushAlways(message, targets, flags)
      this.logOutbox(this.log!, this.outbox.length - 1)
    }
    // The other end must not hear of an epoch that a later life of this broker would not know.
    if (this.log === undefined || this.outbox.length === 0) this.tellEpoch(port)
    return returned
  }

  /**
   * The connection is gone, or will not be attached. 'keep' holds everything for the connection
   * that replaces it now; 'hold' gives back what was never sent and holds the rest for a while;
   * 'final' gives back everything as never taken, as the peer's GOODBYE promised.
   */
  detach(how: 'keep' | 'hold' | 'final'): Returned[] {
    this.port = undefined
    this.swept = this.acknowledged
    if (how === 'keep') {
      mark('channel-kept-for-replacement')
      return []
    }
    this.isRoomWanted = false
    const returned = how === 'final' ? this.takeWindow('unsent') : []
    if (returned.length > 0) mark('channel-peer-left-without-taking')
    if (how === 'final') this.startEpoch()
    const unsent = this.takeOutbox()
    if (unsent.length > 0) mark('channel-outbox-given-back')
    for (const item of unsent) returned.push(item)
    const isInDoubt = this.window.length + this.recovered.length > 0
    if (isInDoubt && this.cancelHold === undefined) this.hold()
    return returned
  }

  /** Gives back what was never sent, while acknowledgements for the rest may still come. */
  takeOutbox(): Returned[] {
    this.sweptOutbox = 0
    const returned = this.takeRing(this.outbox, 'unsent')
    for (const item of this.tooLarge) returned.push(item)
    this.tooLarge = []
    return returned
  }

  /**
   * The peer has said by another way what it has, and takes no more of this epoch: what it has not
   * is the owner's again, without doubt where that can be known.
   */
  resolve(resumption: Resumption): Returned[] {
    assert(this.port === undefined, 'what is in doubt has no connection')
    const { received, isSameLife, peerLife } = resumption
    const { peer } = this
    const isKnown = received.epoch === this.epoch
    if (isKnown && received.highWater <= this.last) this.learn(resumption)
    this.cancelHold?.()
    this.cancelHold = undefined
    const returned = this.recovered
      .resolve({ received, peerLife })
      .map((left): Returned => ({ ...left, state: 'unsent', peer }))
    const isSure = isSameLife && (isKnown || this.acknowledged === 0)
    if (this.window.length > 0)
      mark(isSure ? 'channel-resolved-elsewhere' : 'channel-stays-in-doubt')
    for (const item of this.takeWindow(isSure ? 'unsent' : 'in-doubt')) returned.push(item)
    this.startEpoch()
    return returned
  }

  /** Gives up waiting for the peer: everything unacknowledged is in doubt, the epoch is closed. */
  abandon(): Returned[] {
    this.cancelHold?.()
    this.cancelHold = undefined
    const { peer } = this
    const returned = this.recovered
      .take()
      .map((left): Returned => ({ ...left, state: 'in-doubt', peer }))
    for (const item of this.takeWindow('in-doubt')) returned.push(item)
    this.startEpoch()
    return returned
  }

  /** Writes what may be written; to be called whenever the connection or the window has room. */
  pump(): void {
    this.pumpSome(Number.POSITIVE_INFINITY)
    this.tellRoom()
  }

  /** Writes up to so many messages; answers whether there may be more. `tellRoom` must follow. */
  pumpSome(messagesMax: number): boolean {
    const { port } = this
    if (port === undefined) return false
    for (let written = 0; written < messagesMax; written += 1) {
      if (!port.isWritable) return false
      const isWritten = this.written < this.last ? this.resendNext(port) : this.sendFromOutbox(port)
      if (!isWritten) return false
    }
    return true
  }

  /** Tells the owner of room it waits for. */
  tellRoom(): void {
    if (!this.isRoomWanted || this.port === undefined || !this.outbox.isHalfEmpty) return
    mark('channel-room-again')
    this.isRoomWanted = false
    this.deps.owner.onRoom(this.peer, this.lane)
  }

  /**
   * Gives bytes of their own to messages that have waited since the sweep before: what waits long
   * must not keep alive the whole chunk it came in, and what does not is not worth the copy.
   */
  sweep(): void {
    const { window, outbox } = this
    for (let i = 0; i < this.swept - this.acknowledged; i += 1) window.messageAt(i).compact()
    for (let i = 0; i < this.sweptOutbox; i += 1) outbox.messageAt(i).compact()
    this.swept = this.last
    this.sweptOutbox = outbox.length
  }

  private resendNext(port: ChannelPort): boolean {
    const index = this.written - this.acknowledged
    const { window } = this
    if (window.isVoid(index)) {
      if (window.numberAt(index) === voidNotStored) return false
      this.tellEpoch(port)
      this.written += 1
      port.writeVoid(this.lane, this.written)
      return true
    }
    mark('channel-message-sent-again')
    this.write(port, window.messageAt(index), window.targetsAt(index), window.flagsAt(index))
    return true
  }

  /**
   * The other end must not hear that a sequence is void before the log knows: a later life would
   * take it that the message was taken.
   */
  private tellVoidWhenStored(log: TransferLog, epoch: number, sequence: number): void {
    log.whenDurable((error) => {
      if (epoch !== this.epoch || sequence <= this.acknowledged) return
      if (error !== undefined) {
        mark('channel-void-waits-for-store')
        const again = (): void => this.tellVoidWhenStored(log, epoch, sequence)
        this.deps.clock.schedule(storeRetryMs, again)
        return
      }
      this.window.renumber(sequence - this.acknowledged - 1, 0)
      this.written = Math.min(this.written, sequence - 1)
      this.pump()
    })
  }

  private tellEpoch(port: ChannelPort): void {
    if (this.isEpochTold) return
    this.isEpochTold = true
    port.writeEpoch(this.lane, this.epoch, this.acknowledged + 1)
  }

  private write(
    port: ChannelPort,
    message: Message,
    targets: readonly string[],
    flags: number
  ): void {
    this.tellEpoch(port)
    this.written += 1
    port.writeData(this.written, message, targets, flags)
  }

  private sendFromOutbox(port: ChannelPort): boolean {
    const { outbox } = this
    if (outbox.length === 0) return false
    const number = outbox.numberAt(0)
    // What is on disk elsewhere must be so here first.
    const isStored = number === 0 || number <= this.log!.storedUpTo
    if (!isStored && !outbox.isFree(0)) return false
    const message = outbox.messageAt(0)
    const targets = outbox.targetsAt(0)
    const flags = outbox.flagsAt(0)
    if (this.window.push(message, targets, flags, number) === 'full') return false
    outbox.drop(1)
    if (this.sweptOutbox > 0) this.sweptOutbox -= 1
    this.last += 1
    this.write(port, message, targets, flags)
    return true
  }

  /** Writes a message of the outbox to the log, with the place in the epoch that it will have. */
  private logOutbox(log: TransferLog, index: number): void {
    const { outbox, epoch, last, peerLife } = this
    const message = outbox.messageAt(index)
    const sequence = last + 1 + index
    const targets = outbox.targetsAt(index)
    const flags = outbox.flagsAt(index)
    const record = { message, targets, flags, epoch, sequence, peerLife }
    outbox.renumber(index, log.put(record, 'waits'))
  }

  /** Writes the message that is about to leave as the last of the window. */
  private logDirect(
    log: TransferLog,
    message: Message,
    targets: readonly string[],
    flags: number
  ): void {
    const { window, epoch, last: sequence, peerLife } = this
    const record = { message, targets, flags, epoch, sequence, peerLife }
    window.renumber(window.length - 1, log.put(record, 'sent'))
  }

  /** What waits will have other places in the epoch that begins. */
  private logOutboxAnew(): void {
    const { log, outbox } = this
    if (log === undefined) return
    for (let index = 0; index < outbox.length; index += 1) {
      const number = outbox.numberAt(index)
      if (number === 0) continue
      log.remove(number)
      outbox.bind(index)
      this.logOutbox(log, index)
    }
  }

  /** The other end has taken the oldest of what was sent. */
  private dropWindow(count: number): void {
    const { log, window } = this
    if (log !== undefined) {
      for (let index = 0; index < count; index += 1) {
        const number = window.numberAt(index)
        if (number > 0) log.remove(number)
      }
    }
    window.drop(count)
  }

  /**
   * Forgets what the peer has of the present epoch, and marks what its earlier life may have had.
   */
  private learn({ received, isSameLife }: Resumption): void {
    const { window } = this
    if (received.highWater > this.acknowledged) {
      mark('channel-ack-learned-on-resuming')
      this.dropWindow(received.highWater - this.acknowledged)
      this.acknowledged = received.highWater
    }
    // A life that has ended may have given to consumers what it had not written yet.
    if (isSameLife || window.length === 0) return
    mark('channel-resumed-by-later-life')
    for (let at = 0; at < window.length; at += 1) {
      window.flag(at, transferFlags.maybeDuplicate)
      window.messageAt(at).isRedelivered = true
    }
  }

  /**
   * The bridges of one pair may have different terms, by who dialled. If anything that is to be
   * sent must not cross this one, all of it goes back, in its order, and looks for other ways.
   */
  private takeWhatIsKeptBack(port: ChannelPort, isSameLife: boolean): Returned[] {
    const { window, outbox } = this
    const isKept = (message: Message): boolean => !port.lets(message)
    if (!window.holds(isKept) && !outbox.holds(isKept)) return []
    mark('channel-terms-have-changed')
    const returned = this.takeWindow(isSameLife ? 'unsent' : 'in-doubt')
    for (const item of this.takeOutbox()) returned.push(item)
    this.startEpoch()
    return returned
  }

  /** Holds what is in doubt for the peer to come back and say. */
  private hold(): void {
    for (let i = 0; i < this.window.length; i += 1) this.window.messageAt(i).compact()
    this.cancelHold = this.deps.clock.schedule(this.options.inDoubtHoldMs, () => {
      this.cancelHold = undefined
      mark('channel-hold-over')
      const returned = this.abandon()
      if (returned.length > 0) this.deps.owner.onReturned(returned)
    })
  }

  private startEpoch(): void {
    assert(this.window.length === 0, 'an epoch ends with its window empty')
    this.epoch = newEpoch(this.deps.random)
    this.acknowledged = 0
    this.written = 0
    this.last = 0
    this.swept = 0
    this.logOutboxAnew()
  }

  private takeWindow(state: ReturnedState): Returned[] {
    const returned = this.takeRing(this.window, state)
    this.acknowledged = this.last
    return returned
  }

  private takeRing(ring: MessageRing, state: ReturnedState): Returned[] {
    const returned: Returned[] = []
    for (let i = 0; i < ring.length; i += 1) {
      const message = ring.messageAt(i)
      const targets = ring.targetsAt(i)
      // Its next place is written in the same batch.
      const number = ring.numberAt(i)
      if (number > 0) this.log!.remove(number)
      if (ring.isVoid(i)) continue
      returned.push({ message, targets, flags: ring.flagsAt(i), state, peer: this.peer })
    }
    ring.drop(ring.length)
    return returned
  }

  /** Told at the end of the turn: the owner may be in the middle of its routing now. */
  private returnTooLarge(
    message: Message,
    targets: readonly string[],
    flags: number
  ): 'accepted' | 'full' {
    const { tooLarge } = this
    if (tooLarge.length >= tooLargeMax) {
      mark('channel-too-many-too-large')
      this.isRoomWanted = true
      return 'full'
    }
    mark('channel-message-too-large')
    tooLarge.push({ message, targets, flags, state: 'too-large', peer: this.peer })
    if (tooLarge.length === 1) this.deps.clock.endOfTurn(() => this.giveBackTooLarge())
    return 'accepted'
  }

  private giveBackTooLarge(): void {
    const returned = this.tooLarge
    this.tooLarge = []
    if (returned.length > 0) this.deps.owner.onReturned(returned)
    this.pump()
  }
}

/** 52 random bits, never 0. */
function newEpoch(random: Random): number {
  return random.u32() * 0x100000 + (random.u32() >>> 12) + 1
}

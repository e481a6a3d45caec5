// The places of all brokers that messages are parked for: when each is opened and shut, and what is
// sent on from them. Only for a broker with a store, and for persistent messages that are no
// queue's. Nothing is given up here but what expired, what nobody wants any more, and what is for a
// broker that an operator gave up.
// Invariant: of what waits for one broker the oldest that has a way leaves first.

import { mark } from '../../base/index.ts'
import type { Broker, FlowGate, Message, QueueEntry } from '../../broker/index.ts'
import type { Clock, Logger } from '../../ports/index.ts'
import { parkedQueueName, parkedTargetOf } from '../custody/index.ts'
import {
  type ParkedReason,
  ParkingPlace,
  type ParkingPlaceOwner,
  type WayFault
} from './parking-place.ts'

/** What the places need of routes and bridges. */
export interface ParkingPlacesDependencies {
  readonly broker: Broker
  readonly clock: Clock
  readonly logger: Logger
  /**
   * How long a message that filters keep out, and no durable subscription wants, waits at least.
   */
  readonly patienceMs: number
  /** More than this, come for a broker while it has a way, holds producers back. */
  readonly grownBytesMax: number
  isReachable(target: string): boolean
  nextHop(message: Message, target: string): string | undefined
  isWanted(message: Message, target: string): boolean
  isFull(nextHop: string): boolean
  /** True if nothing is known of durable subscriptions of that broker. */
  wantsNothingForLong(target: string): boolean
  /** True if a durable subscription of that broker wants the message. */
  isWantedForLong(message: Message, target: string): boolean
  /**
   * Hands a copy to the bridge to a neighbour; answers why not, if it was not taken.
   * @param isEager true for a message that may begin a new journey, however many it has begun
   */
  forward(
    message: Message,
    leg: { readonly nextHop: string; readonly targets: readonly string[] },
    isEager: boolean
  ): WayFault | undefined
  /** Producers that were held back by a place need not be any more. */
  onEased(): void
}

/** Why a message has no way, and where it would have gone first. */
export interface NoWay {
  readonly reason: WayFault
  readonly nextHop: string | undefined
}

/** What waits for one broker. */
export interface ParkedFor {
  readonly target: string
  readonly messages: number
  readonly bytes: number
  /** Wall time by which the oldest of them was here. */
  readonly sinceMs: number
  /** Undefined while it is on its way out. */
  readonly reason: ParkedReason | undefined
}

/** One parked message. */
export interface ParkedEntry {
  readonly message: Message
  /** Wall time by which it was here. */
  readonly sinceMs: number
}

/** See the top of this file. */
export class ParkingPlaces implements ParkingPlaceOwner {
  private readonly deps: ParkingPlacesDependencies
  private readonly byTarget = new Map<string, ParkingPlace>()
  /** Those with messages; the one that sent last at the end. */
  private readonly busy = new Set<ParkingPlace>()
  private readonly holding = new Set<ParkingPlace>()
  private readonly full = new Set<ParkingPlace>()
  /** In how many places a message is held, by its sequence alone: more than that may not matter. */
  private readonly heldTimes = new Map<number, number>()
  private isSendDue = false

  constructor(deps: ParkingPlacesDependencies) {
    this.deps = deps
  }

  /** Goes on with what an earlier life had parked. */
  recover(): void {
    const { store } = this.deps.broker
    for (const name of store.queues()) {
      const target = parkedTargetOf(name)
      if (target === undefined) continue
      mark('parked-place-recovered')
      const summary = store.summary(name)!
      const place = this.placeOf(target)
      place.queue.recover(summary)
      place.times.recover(store.fact(name), summary.lastSequence, this.deps.clock.wallMs())
      place.keptOutDueMs = this.deps.clock.monotonicMs() + this.deps.patienceMs
      place.keptOutUpTo = summary.lastSequence
      this.busy.add(place)
    }
  }

  /** Messages parked for all brokers together. */
  get length(): number {
    let messages = 0
    for (const { queue } of this.busy) messages += queue.held
    return messages
  }

  get bytesHeld(): number {
    let bytes = 0
    for (const { queue } of this.busy) bytes += queue.heldBytes
    return bytes
  }

  /** False while nothing waits for anybody. */
  get isAnyBusy(): boolean {
    return this.busy.size > 0
  }

  /** True while messages for that broker wait, so that a later one must wait behind them. */
  isBusy(target: string): boolean {
    const place = this.byTarget.get(target)
    return place !== undefined && !place.isEmpty
  }

  /**
   * True while some place is as full as it may be: other brokers should send no more. For a broker
   * out of reach they send nothing anyway, but what was on its way, and that may be so for long.
   */
  get isAnyFull(): boolean {
    for (const { queue, reason } of this.busy) if (reason !== 'away' && queue.isFull) return true
    return false
  }

  /** Bytes that came, while there was a way, and could not leave as fast. */
  get grownBytes(): number {
    let bytes = 0
    for (const { grownBytes } of this.busy) bytes += grownBytes
    return bytes
  }

  /**
   * Parks a message for one broker, behind what waits for it. The message is the place's own.
   * @param why why it has no way, if nothing waits there yet
   * @returns 'wait' if its producer should send no more just now, or the gate to wait at
   */
  park(message: Message, target: string, why: NoWay): FlowGate | 'wait' | undefined {
    const place = this.placeOf(target)
    if (place.isEmpty) this.begin(place, why)
    const gate = place.add(message)
    this.afterAdding(place, [message])
    if (gate !== undefined) {
      this.noteFull(place)
      return gate
    }
    return this.mustWait(place) ? 'wait' : undefined
  }

  /**
   * Parks messages that came back from a bridge, before what waits for that broker.
   * @param messages oldest first
   */
  restore(messages: readonly Message[], target: string, why: NoWay): void {
    mark('parked-before-others')
    const place = this.placeOf(target)
    if (place.isEmpty) this.begin(place, why)
    place.restore(messages)
    this.afterAdding(place, messages)
  }

  /** The map changed: what has a way goes on. */
  onMapChanged(): void {
    for (const place of [...this.busy]) {
      if (!this.deps.isReachable(place.target)) {
        if (place.reason !== 'away') place.shut('away')
      } else if (place.reason === undefined) place.isStale = true
      else this.tryAgain(place)
    }
    this.send()
  }

  /** What a broker wants has changed: some of what waits for it may be wanted no more. */
  onDemandChanged(target: string): void {
    const place = this.byTarget.get(target)
    if (place !== undefined && !place.isEmpty) place.isStale = true
  }

  /** From now on a broker that has not said what it wants, wants nothing. */
  onDemandTrusted(): void {
    for (const place of this.busy) {
      if (this.deps.wantsNothingForLong(place.target)) place.isStale = true
    }
  }

  /** The bridge to `nextHop` has room: what waits for that goes on, in turn. */
  onRoom(nextHop: string): void {
    if (this.deps.isFull(nextHop)) return
    for (const place of [...this.busy]) {
      if (place.reason === 'bridge-full' && place.fullHop === nextHop) this.openAgain(place)
    }
    this.send()
  }

  /** True while more waits for that room than came since there was a way. */
  isDraining(nextHop: string): boolean {
    for (const { fullHop, queue, grownMessages } of this.busy) {
      if (fullHop === nextHop && queue.held > grownMessages) return true
    }
    return false
  }

  /** Periodic work: expiry, what a guard stopped, and what was kept out and may go now. */
  sweep(): void {
    const { clock, broker } = this.deps
    for (const place of [...this.busy]) {
      place.queue.sweep(clock.monotonicMs())
      if (place.isEmpty) this.rest(place)
      else this.lookAgain(place)
      const { times, queue } = place
      if (queue.ready.head !== undefined) times.forgetBefore(queue.ready.head.sequence)
      if (!place.isEmpty) times.note(queue.sequence, clock.wallMs())
      place.times.save((moments) => broker.store.setFact(place.queue.name, moments))
      if (place.queue.room.hasRoomAgain) this.full.delete(place)
    }
    this.send()
  }

  /** Gives up all that is parked for a broker that never returns; answers how much that was. */
  forget(target: string): number {
    const place = this.byTarget.get(target)
    if (place === undefined || place.isEmpty) return 0
    mark('parked-place-forgotten')
    const { broker } = this.deps
    const { held } = place.queue
    let told = 0
    place.remove((message) => {
      told += 1
      broker.discard(message, 'forgotten')
    })
    // What was on disk only is counted, and not read for that.
    broker.notDelivered.add('forgotten', held - told)
    this.rest(place)
    this.full.delete(place)
    place.times.save((moments) => broker.store.setFact(place.queue.name, moments))
    this.byTarget.delete(target)
    return held
  }

  /** What is parked, by the broker it is for. */
  all(): ParkedFor[] {
    const nowMs = this.deps.clock.wallMs()
    return [...this.busy]
      .filter(({ isEmpty }) => !isEmpty)
      .map(({ target, queue, times, reason }) => {
        const { held: messages, heldBytes: bytes } = queue
        const first = queue.ready.head
        const sinceMs = (first && times.cameMs(first.sequence)) ?? times.oldestMs ?? nowMs
        const isKeptOut =
          first !== undefined && this.deps.nextHop(first.message, target) === undefined
        return {
          target,
          messages,
          bytes,
          sinceMs,
          reason: reason ?? (isKeptOut ? 'no-route' : undefined)
        }
      })
  }

  /** What is parked for one broker, oldest first; nothing must change meanwhile. */
  *entriesOf(target: string): Generator<ParkedEntry> {
    const place = this.byTarget.get(target)
    if (place === undefined) return
    const nowMs = this.deps.clock.wallMs()
    for (const { message, sequence } of place.queue.browsePlaces()) {
      yield { message, sinceMs: place.times.cameMs(sequence) ?? nowMs }
    }
  }

  // What a place asks.

  mayLeave({ target, giveUpTo }: ParkingPlace, message: Message): boolean {
    const { deps } = this
    if (deps.nextHop(message, target) !== undefined || !deps.isWanted(message, target)) return true
    return giveUpTo !== undefined && !deps.isWantedForLong(message, target)
  }

  onHeld({ sequence }: Message): void {
    this.heldTimes.set(sequence, (this.heldTimes.get(sequence) ?? 0) + 1)
    if (this.isSendDue) return
    this.isSendDue = true
    this.deps.clock.endOfTurn(this.sendHeld)
  }

  onHeldNoMore({ sequence }: Message): void {
    const left = this.heldTimes.get(sequence)! - 1
    if (left > 0) this.heldTimes.set(sequence, left)
    else this.heldTimes.delete(sequence)
  }

  private readonly sendHeld = (): void => {
    this.isSendDue = false
    this.send()
  }

  /** Sends on what places hold, and lets them take more. */
  private send(): void {
    const places = [...this.busy].filter(({ next }) => next !== undefined)
    for (let left = places; left.length > 0; ) {
      let isAnySent = false
      for (const place of left) if (this.sendFrom(place, false)) isAnySent = true
      left = left.filter(({ next }) => next !== undefined)
      // Two that wait for each other: not all that waits for several brokers came in one order.
      if (!isAnySent && left.length > 0) this.sendFrom(left[0]!, true)
    }
    for (const place of places) {
      place.renew()
      if (place.isEmpty) this.rest(place)
      this.ease(place)
    }
  }

  /**
   * Sends on what a place holds, up to a message that waits elsewhere behind others: it goes once.
   * @param isAlone true if the first one goes without those
   * @returns true if anything was done
   */
  private sendFrom(place: ParkingPlace, isAlone: boolean): boolean {
    const { deps } = this
    let count = 0
    for (let entry = place.next; entry !== undefined; entry = place.next) {
      const { message } = entry
      const nextHop = deps.nextHop(message, place.target)
      if (!deps.isWanted(message, place.target)) {
        mark('parked-wanted-no-more')
        deps.broker.discard(message, 'no-demand')
        place.settleNext()
      } else if (nextHop === undefined) {
        if (!this.giveUpKeptOut(place, entry)) this.turnBack(place)
      } else {
        const together = this.placesWith(place, message, nextHop)
        const isElsewhere = this.heldTimes.get(message.sequence)! > together.length
        if (isElsewhere && !(isAlone && count === 0)) return count > 0
        this.sendNext(together, message, nextHop)
      }
      count += 1
    }
    return count > 0
  }

  /** One copy for all places behind the same neighbour that hold the same message first. */
  private sendNext(together: readonly ParkingPlace[], message: Message, nextHop: string): void {
    const [place] = together
    const targets = together.map(({ target }) => target)
    if (place!.next!.isRedelivered) message.isRedelivered = true
    const reason = this.deps.forward(message, { nextHop, targets }, place!.eager > 0)
    for (const one of together) {
      if (reason === undefined) one.settleNext()
      else one.shut(reason, reason === 'bridge-full' ? nextHop : undefined)
    }
  }

  private placesWith(place: ParkingPlace, message: Message, nextHop: string): ParkingPlace[] {
    const found = [place]
    if (this.busy.size === 1) return found
    for (const other of this.busy) {
      const next = other === place ? undefined : other.next?.message
      if (next === undefined || next.sequence !== message.sequence) continue
      if (next.origin.broker !== message.origin.broker) continue
      if (next.origin.incarnation !== message.origin.incarnation) continue
      if (next.isMaybeDuplicate !== message.isMaybeDuplicate) continue
      if (found.length === targetsTogetherMax) break
      if (!this.deps.isWanted(next, other.target)) continue
      if (this.deps.nextHop(next, other.target) !== nextHop) continue
      mark('parked-sent-together')
      found.push(other)
    }
    return found
  }

  /** Gives up the next message if it has been kept out for long, and is not wanted for long. */
  private giveUpKeptOut(place: ParkingPlace, { message, sequence }: QueueEntry): boolean {
    const { target, giveUpTo } = place
    if (giveUpTo === undefined || sequence > giveUpTo) return false
    if (this.deps.isWantedForLong(message, target)) return false
    mark('parked-kept-out-too-long')
    this.deps.broker.discard(message, 'no-route')
    place.settleNext()
    return true
  }

  /** The way to a message's target was lost between its being given out and the end of the turn. */
  private turnBack(place: ParkingPlace): void {
    const isReachable = this.deps.isReachable(place.target)
    place.shut(isReachable ? 'no-route' : 'away')
    if (isReachable) place.open()
  }

  /** What waits may go; `send` follows. */
  private openAgain(place: ParkingPlace): void {
    place.open()
    // The next one in turn comes first the next time.
    this.busy.delete(place)
    this.busy.add(place)
  }

  private tryAgain(place: ParkingPlace): void {
    mark('parked-tried-again')
    place.eager = place.queue.held
    this.openAgain(place)
  }

  private lookAgain(place: ParkingPlace): void {
    const { reason, isStale } = place
    if (reason === 'bridge-full') return
    if (this.deps.isReachable(place.target)) {
      if (reason !== undefined || isStale) this.tryAgain(place)
      this.lookForKeptOut(place)
      return
    }
    if (reason !== 'away') place.shut('away')
    // Out of reach it is looked through for what nobody wants, each time that may have changed.
    if (isStale) place.open('away')
  }

  /** Once in a patience: what filters keep out is not kept for those who may leave any moment. */
  private lookForKeptOut(place: ParkingPlace): void {
    const { clock, patienceMs } = this.deps
    const { keptOutDueMs, keptOutUpTo, isOpen, isEmpty, times } = place
    const nowMs = clock.monotonicMs()
    if (keptOutDueMs === undefined || keptOutDueMs > nowMs || !isOpen || isEmpty) return
    const upTo = times.cameBy(clock.wallMs() - patienceMs) ?? Number.NEGATIVE_INFINITY
    // What came later has its turn; but what else is kept out is not looked through all the time.
    place.keptOutDueMs = upTo < keptOutUpTo ? nowMs + patienceMs / 2 : undefined
    place.openToGiveUp(upTo)
  }

  private begin(place: ParkingPlace, { reason, nextHop }: NoWay): void {
    place.eager = 0
    if (!this.deps.isReachable(place.target)) place.shut('away')
    else if (reason === 'no-route') place.open()
    else place.shut(reason, reason === 'bridge-full' ? nextHop : undefined)
  }

  private afterAdding(place: ParkingPlace, messages: readonly Message[]): void {
    const { deps, busy } = this
    place.times.noteFirst(place.queue.sequence, deps.clock.wallMs())
    busy.add(place)
    if (place.reason !== undefined) return
    for (const message of messages) {
      if (deps.nextHop(message, place.target) !== undefined) continue
      if (deps.isWantedForLong(message, place.target)) continue
      place.keptOutUpTo = place.queue.sequence
      place.keptOutDueMs ??= deps.clock.monotonicMs() + deps.patienceMs
    }
  }

  /** Nothing waits for that broker any more. */
  private rest(place: ParkingPlace): void {
    this.busy.delete(place)
    place.times.clear()
    place.grownMessages = 0
    place.grownBytes = 0
    this.ease(place)
  }

  private mustWait(place: ParkingPlace): boolean {
    const { grownBytes, grownMessages, queue, reason } = place
    // A broker that is gone holds no producer back: its bridge may never have room again.
    if (reason === 'away' || place.isEmpty) return false
    const isPlainlyFull = reason === 'bridge-full' && queue.held <= grownMessages
    const mustWait = isPlainlyFull || grownBytes > this.deps.grownBytesMax
    if (mustWait) this.holding.add(place)
    return mustWait
  }

  private ease(place: ParkingPlace): void {
    if (!this.holding.has(place) || this.mustWait(place)) return
    this.holding.delete(place)
    this.deps.onEased()
  }

  private noteFull(place: ParkingPlace): void {
    if (this.full.has(place)) return
    this.full.add(place)
    mark('parked-place-full')
    this.deps.logger.warn('parked-full', {
      target: place.target,
      messages: place.queue.held,
      bytes: place.queue.heldBytes,
      consequence: 'producers of what it wants wait, and other brokers are not acknowledged',
      fix: `mend the way to it, or give it up with "postroad forget ${place.target}"`
    })
  }

  private placeOf(target: string): ParkingPlace {
    let place = this.byTarget.get(target)
    if (place === undefined) {
      place = new ParkingPlace(target, this.deps.broker.openParked(parkedQueueName(target)), this)
      this.byTarget.set(target, place)
    }
    return place
  }
}

/** Targets of one copy; what a frame can carry is bounded. */
const targetsTogetherMax = 255

// Finds out what became of each message. It keeps only those whose fate is open: a message leaves
// the book when everybody has it, or when it has had a reason not to arrive for a minute; should it
// arrive after all, that is put right. So a long run needs no more memory than a short one.
//
// Invariant: per destination, what is counted and what is open add up to what was accepted (queues)
// or to the copies that subscriptions should get (topics).

import type { Delivery } from '../watcher.ts'
import type { GiveUp, MessageRecord } from '../workload/ledger.ts'
import type { DestinationTally } from './destination-tally.ts'
import { type Fate, fateOfExcuse, fateOfReason } from './fate.ts'
import type { BrokerSample } from './observed-world.ts'
import { lateMs } from './report.ts'

/** Name under which a queue's message is booked: it has one fate. */
const whole = ''
/** How long a reason not to arrive must stand before it is taken for good. */
const foldMs = 60_000
/** Names of the queues dead letters go to. */
const deadLetterQueue = /^DLQ(\.|$)/
const deadLettered: Fate = { kind: 'deadLettered', reason: '' }

/** A message whose fate is open. */
interface Open {
  readonly record: MessageRecord
  readonly tally: DestinationTally
  /** Session ids, or `whole`, to why it need not come any more. */
  readonly reasons: Map<string, Fate>
  /** Of a queue: was handed to a consumer who has not acknowledged it yet. */
  isDelivered: boolean
  wasLate: boolean
  isDue: boolean
}

/** What became of copies that left the book without arriving. */
type Folded = Map<string, Fate>

/** What a delivery is. */
export type DeliveryKind = 'first' | 'repeated' | 'dead-letter'

/** See the top of this file. Times are of the world. */
export class FateBook {
  private readonly open = new Map<string, Open>()
  private readonly folded = new WeakMap<MessageRecord, Folded>()
  /** Dead letters that brokers told of. */
  private lettersTold = 0

  /** Messages whose fate is open. */
  get size(): number {
    return this.open.size
  }

  /** A broker took a message. */
  accept(record: MessageRecord, tally: DestinationTally): void {
    if (record.kind === 'topic' && record.expected.size === 0) return
    const reasons = new Map<string, Fate>()
    const one: Open = { record, tally, reasons, isDelivered: false, wasLate: false, isDue: false }
    this.open.set(record.key, one)
    if (tally.isAwaited) this.setDue(one, true, record.acceptedAtMs)
  }

  /** The ledger has the delivery already. */
  deliver({ record, session }: Delivery, tally: DestinationTally, nowMs: number): DeliveryKind {
    const one = this.open.get(record.key)
    const latencyMs = nowMs - record.acceptedAtMs
    if (record.kind === 'queue') {
      const gone = one?.reasons.get(whole) ?? this.folded.get(record)?.get(whole)
      if (gone?.kind === 'deadLettered') return 'dead-letter'
      if (one === undefined && !this.unfold(record, whole, tally)) return 'repeated'
      if (one?.isDelivered === true) return 'repeated'
      tally.countDelivered(latencyMs)
      if (one === undefined) return 'first'
      one.isDelivered = true
      one.wasLate = latencyMs > lateMs
      this.setDue(one, false, nowMs)
      return 'first'
    }
    const copies = record.expected.get(session)?.copies
    if (copies === undefined || copies > 1) return 'repeated'
    this.unfold(record, session, tally)
    tally.countDelivered(latencyMs)
    if (one !== undefined) this.reviewTopic(one, nowMs)
    return 'first'
  }

  /** A broker gave up what it had of a message. */
  giveUp(record: MessageRecord, { broker, reason }: GiveUp): void {
    const fate = fateOfReason(reason)
    this.note(record, broker, fate)
    // Those who got it did not want it, and it becomes no dead letter.
    if (record.kind === 'queue' && reason === 'refused') this.endDelivered(record, fate)
  }

  /** A broker made a dead letter of it. */
  deadLetter(record: MessageRecord, broker: string): void {
    this.lettersTold += 1
    this.note(record, broker, deadLettered)
    this.endDelivered(record, deadLettered)
  }

  /** It had been delivered, and nobody kept it. */
  private endDelivered(record: MessageRecord, fate: Fate): void {
    const one = this.open.get(record.key)
    if (one?.isDelivered !== true) return
    one.isDelivered = false
    one.tally.countAfterDelivery(fate, one.wasLate)
    this.close(one, new Map([[whole, fate]]))
  }

  /** Looks for what has been decided; to be called now and then. */
  review(nowMs: number): void {
    for (const one of this.open.values()) {
      if (one.record.kind === 'topic') this.reviewTopic(one, nowMs)
      else this.reviewQueue(one, nowMs)
    }
  }

  /**
   * Decides what is left: first by reasons, then by what brokers still hold. What neither explains
   * is lost; or, in a run that was called off, may be on its way as well, and counts as waiting.
   */
  finish(nowMs: number, samples: readonly BrokerSample[], wasCalledOff = false): void {
    this.review(nowMs)
    const held = new Held(samples, wasCalledOff)
    let inQueues = 0
    for (const queue of held.queuesLike(deadLetterQueue)) {
      inQueues += held.take(queue, this.countOpenIn(queue))
    }
    this.findDeadLetters(inQueues)
    // What a consumer has and has not acknowledged is held as well.
    for (const { record, isDelivered } of this.open.values()) {
      if (isDelivered && record.excuse === undefined) held.takeOne(record.destination)
    }
    for (const one of this.open.values()) {
      const { record, tally } = one
      if (one.isDelivered) continue
      const names = record.kind === 'queue' ? [whole] : missing(record)
      const shared = new Map<string, boolean>()
      for (const name of names) {
        const fate = this.reasonOf(one, name)
        if (fate !== undefined) {
          tally.count(fate)
          continue
        }
        const isHeld =
          record.kind === 'queue'
            ? held.takeOne(record.destination)
            : takeCopy(held, record.expected.get(name)!.session.broker, record, shared)
        tally.count({ kind: isHeld ? 'waiting' : 'lost', reason: '' })
      }
    }
    this.open.clear()
  }

  private note(record: MessageRecord, broker: string, fate: Fate): void {
    const one = this.open.get(record.key)
    if (one === undefined) return
    if (record.kind === 'queue') {
      one.reasons.set(whole, fate)
      return
    }
    for (const session of missing(record)) {
      const target = record.expected.get(session)!.session.broker
      if (record.holders.get(target) === broker) one.reasons.set(session, fate)
    }
  }

  private reviewQueue(one: Open, nowMs: number): void {
    const { record } = one
    if (one.isDelivered) {
      // Until then it may come back and become a dead letter.
      if (record.consumed > 0) this.open.delete(record.key)
      return
    }
    const fate = this.reasonOf(one, whole)
    this.setDue(one, one.tally.isAwaited && fate === undefined, nowMs)
    if (fate === undefined || nowMs - record.acceptedAtMs < foldMs) return
    one.tally.count(fate)
    this.close(one, new Map([[whole, fate]]))
  }

  private reviewTopic(one: Open, nowMs: number): void {
    const { record, tally } = one
    const absent = missing(record)
    if (absent.length === 0) {
      this.setDue(one, false, nowMs)
      this.open.delete(record.key)
      return
    }
    const fates: Folded = new Map()
    for (const session of absent) {
      const fate = this.reasonOf(one, session)
      if (fate === undefined) {
        this.setDue(one, tally.isAwaited, nowMs)
        return
      }
      fates.set(session, fate)
    }
    this.setDue(one, false, nowMs)
    if (nowMs - record.acceptedAtMs < foldMs) return
    for (const fate of fates.values()) tally.count(fate)
    this.close(one, fates)
  }

  private close(one: Open, fates: Folded): void {
    this.open.delete(one.record.key)
    this.folded.set(one.record, fates)
  }

  /** A copy that was taken for gone has arrived. */
  private unfold(record: MessageRecord, name: string, tally: DestinationTally): boolean {
    const fates = this.folded.get(record)
    const fate = fates?.get(name)
    if (fate === undefined) return false
    fates!.delete(name)
    tally.count(fate, -1)
    return true
  }

  private reasonOf(one: Open, name: string): Fate | undefined {
    const told = one.reasons.get(name)
    if (told !== undefined) return told
    const { record } = one
    const excuse = name === whole ? record.excuse : record.expected.get(name)!.excuse
    return excuse === undefined ? undefined : fateOfExcuse(excuse)
  }

  private setDue(one: Open, isDue: boolean, nowMs: number): void {
    if (one.isDue === isDue) return
    one.isDue = isDue
    one.tally.changeDue(isDue ? 1 : -1, nowMs)
  }

  private countOpenIn(queue: string): number {
    let count = 0
    for (const { record, isDelivered } of this.open.values()) {
      if (record.kind === 'queue' && record.destination === queue && !isDelivered) count += 1
    }
    return count
  }

  /**
   * Where brokers do not tell of dead letters, those in the dead-letter queue are taken for
   * messages of queues that were refused: handed to a consumer and never acknowledged.
   */
  private findDeadLetters(inQueues: number): void {
    let left = inQueues - this.lettersTold
    for (const one of this.open.values()) {
      if (left <= 0) return
      if (!one.isDelivered || one.record.consumed > 0) continue
      left -= 1
      one.tally.countAfterDelivery(deadLettered, one.wasLate)
    }
  }
}

/**
 * Takes what a broker holds for one subscription to a topic. Until it gets to their brokers one
 * message stands for all whom it is for; `shared` tells by holder whether it was found.
 */
function takeCopy(
  held: Held,
  target: string,
  { holders, origin }: MessageRecord,
  shared: Map<string, boolean>
): boolean {
  const holder = holders.get(target) ?? origin
  if (holder === target) return held.takeOne(undefined)
  const known = shared.get(holder)
  if (known !== undefined) return known
  const isHeld = held.takeOne(undefined)
  shared.set(holder, isHeld)
  return isHeld
}

const nobody: readonly string[] = []

/** Sessions that should have a copy and have none. */
function missing({ expected }: MessageRecord): readonly string[] {
  let names: string[] | undefined
  for (const [session, { copies }] of expected) {
    if (copies > 0) continue
    if (names === undefined) names = [session]
    else names.push(session)
  }
  return names ?? nobody
}

/** What brokers hold at the end, to be matched with messages nobody got. */
class Held {
  private readonly isSure: boolean
  private readonly inQueues = new Map<string, number>()
  /** In subscriptions, channels, parking, and queues that samples do not name. */
  private elsewhere = 0

  /** @param isSure true if everything not accounted for is held somewhere, or on its way */
  constructor(samples: readonly BrokerSample[], isSure: boolean) {
    this.isSure = isSure
    for (const { waiting, queues } of samples) {
      let named = 0
      for (const { queue, messages } of queues) {
        named += messages
        this.inQueues.set(queue, (this.inQueues.get(queue) ?? 0) + messages)
      }
      this.elsewhere += Math.max(0, waiting - named)
    }
  }

  /** Names of the queues that something is held in. */
  queuesLike(pattern: RegExp): string[] {
    return [...this.inQueues.keys()].filter((name) => pattern.test(name))
  }

  /** Takes all of one queue but `besides`; answers how many. */
  take(queue: string, besides: number): number {
    const count = Math.max(0, (this.inQueues.get(queue) ?? 0) - besides)
    this.inQueues.set(queue, (this.inQueues.get(queue) ?? 0) - count)
    return count
  }

  takeOne(queue: string | undefined): boolean {
    const messages = queue === undefined ? 0 : (this.inQueues.get(queue) ?? 0)
    if (messages > 0) {
      this.inQueues.set(queue!, messages - 1)
      return true
    }
    if (this.isSure) return true
    if (this.elsewhere === 0) return false
    this.elsewhere -= 1
    return true
  }
}

// The book of every message of the workload: who sent it, which broker took it, which bridges it
// crossed, who got it, and what excuses those who did not. Judges read it; only the world writes
// it.
//
// Custody is booked by target: for a topic's message once per target broker, for a queue's message
// once. When a broker loses its memory, what it had custody of is excused from then on. A durable
// subscription lives on at its broker while its consumer is away, and dies with that broker.

import { isDeadLetterQueueName, type Message, patternMatches } from '../../src/broker/index.ts'
import type { ProducerPlan } from '../plan/index.ts'
import type { Crossing, Delivery } from '../watcher.ts'
import { anyTarget, KnownWays, nowhere } from './known-ways.ts'
import { RecordIndex } from './record-index.ts'
import { headersOf, type MessageHeaders, selects } from './selection.ts'

/** A subscription as the ledger sees it: from SUBSCRIBE's receipt to its end. */
export interface LedgerSession {
  /** Such as 'c1#3'. */
  readonly id: string
  readonly consumer: string
  readonly broker: string
  readonly kind: 'queue' | 'topic'
  readonly pattern: string
  /** True when the broker settles each message as it sends it. */
  readonly isAuto: boolean
  /** Which messages it takes; all if left out. */
  readonly selector?: string
  /** True for a durable topic subscription: closing leaves it, and what it is owed. */
  readonly isDurable?: boolean
}

/** Why a message need not arrive. */
export interface Excuse {
  readonly kind: 'died-with-broker' | 'given-up' | 'subscriber-left' | 'not-known-yet' | 'expired'
  /** For people. */
  readonly text: string
}

/** What one subscription should get of one topic message. */
export interface Expectation {
  readonly session: LedgerSession
  copies: number
  /** Why it may get none; undefined while it has to. */
  excuse: Excuse | undefined
}

/** One message. */
export interface MessageRecord {
  readonly key: string
  /** Messages taken before it: what others know of it may stand in a list. */
  readonly index: number
  readonly producer: string
  readonly number: number
  readonly kind: 'queue' | 'topic'
  readonly destination: string
  /** The broker that took it from its producer. */
  readonly origin: string
  readonly acceptedAtMs: number
  /** The stable phase it was taken in; 0 for none. */
  readonly phase: number
  /** Taken in a stable phase that lasted until it had time to arrive. */
  isStable: boolean
  /** By session id; empty for queues. */
  readonly expected: Map<string, Expectation>
  /** Brokers it arrived at over bridges, in order. Records of the same way share one list. */
  visited: readonly string[]
  /** Custody by target broker; under '' for a queue's message, and then shared between records. */
  holders: ReadonlyMap<string, string>
  /** Application headers. */
  readonly headers: MessageHeaders
  /** When its time runs out; undefined if it has all the time in the world. */
  readonly expiresAtMs: number | undefined
  /** On the disk of a broker once, or settled before: no crash is an excuse any more. */
  isDurable: boolean
  deliveries: number
  /** Deliveries that were marked redelivered. */
  marked: number
  /** Times a consumer refused it. */
  refusals: number
  /** Deliveries of the dead letter it became. */
  deadDeliveries: number
  /** Deliveries that are final: to an automatic consumer, or acknowledged. */
  consumed: number
  /** Why a queue's message may never be consumed; undefined while it has to. */
  excuse: Excuse | undefined
  /** The last broker that gave it up and why, for complaints; '' if none did. */
  givenUp: string
}

/** A broker gave a message up. */
export interface GiveUp {
  readonly broker: string
  readonly reason: string
}

/** What is known of a message when it is taken. */
export type AcceptedFacts = Pick<
  MessageRecord,
  'key' | 'kind' | 'destination' | 'origin' | 'acceptedAtMs' | 'phase'
>

/** What the broker that takes a message knows, and what is true. */
export interface OriginView {
  /** Brokers that it knows to want the topic. */
  readonly known: ReadonlySet<string>
  /** Brokers that the message could reach if it knew all, itself included. */
  readonly reachable: readonly string[]
  /** False for a broker that the message may never reach, whatever heals; never if left out. */
  isPossible?(broker: string): boolean
}

/** What a copy of a broker's disk has. */
export interface KeptByCopy {
  readonly messages: ReadonlySet<MessageRecord>
  /** Ids of durable subscriptions at that broker. */
  readonly durables: ReadonlySet<string>
}

/**
 * What a broker loses: its memory; its disk as well; or all of its disk that an old copy, which
 * takes its place, does not have.
 */
export type MemoryLoss =
  | { readonly kind: 'memory' }
  | { readonly kind: 'all' }
  | { readonly kind: 'newer'; readonly kept: KeptByCopy }

/** Told of subscriptions that come and go. */
export interface SessionListener {
  onSessionOpened(session: LedgerSession): void
  /** It ended for good: a durable one that is only left does not end. */
  onSessionClosed(session: LedgerSession): void
}

/** What records of queues expect; shared, and never changed. */
const nothingExpected = new Map<string, Expectation>()
const keyPattern = /^([A-Za-z0-9_-]+)\.(\d+)\./

/** The key in the first bytes of a body; undefined if it is none of the workload's. */
export function keyOf(bodyStart: string): string | undefined {
  const match = keyPattern.exec(bodyStart)
  return match === null ? undefined : `${match[1]}.${match[2]}`
}

/** True for the letter a broker made of a message that was refused too often. */
export function isDeadLetterOf(record: MessageRecord, { destination }: Message): boolean {
  if (record.kind === 'queue' && isDeadLetterQueueName(record.destination)) return false
  return destination.kind === 'queue' && isDeadLetterQueueName(destination.name)
}

/** See the top of this file. */
export class Ledger {
  private readonly records = new RecordIndex<MessageRecord>()
  private readonly ways = new KnownWays()
  private readonly sessions = new Map<string, LedgerSession>()
  private readonly producers = new Map<string, ProducerPlan>()
  private readonly listeners: SessionListener[] = []
  /** Durable subscriptions whose consumer is away. */
  private readonly away = new Set<string>()
  /** Patterns of queues that consumers with selectors have taken from. */
  private readonly selectiveQueues = new Set<string>()
  /** Messages of the current stable phase, to be looked at again when it ends. */
  private fresh: MessageRecord[] = []
  private endedDurables = 0
  private taken = 0

  all(): IterableIterator<MessageRecord> {
    return this.records.values()
  }

  get size(): number {
    return this.records.size
  }

  get(key: string): MessageRecord | undefined {
    return this.records.get(key)
  }

  /** The message whose key a body begins with; undefined if no broker took it. */
  find(body: Buffer, start: number, end: number): MessageRecord | undefined {
    return this.records.find(body, start, end)
  }

  /** A producer of the run; the headers and the time to live of its messages are its plan's. */
  addProducer(plan: ProducerPlan): void {
    this.producers.set(plan.name, plan)
  }

  producer(name: string): ProducerPlan | undefined {
    return this.producers.get(name)
  }

  listen(listener: SessionListener): void {
    this.listeners.push(listener)
  }

  session(id: string): LedgerSession | undefined {
    return this.sessions.get(id)
  }

  /** A live subscription that takes from a queue, if there is one, at one of these brokers. */
  takerOf(queue: string, brokers?: readonly string[]): LedgerSession | undefined {
    for (const session of this.takersOf(queue, undefined)) {
      if (brokers === undefined || brokers.includes(session.broker)) return session
    }
    return undefined
  }

  /** Live subscriptions that take a message that waits in a queue; undefined stands for any. */
  *takersOf(queue: string, record: MessageRecord | undefined): Generator<LedgerSession, undefined> {
    for (const session of this.sessions.values()) {
      if (!takesFrom(session, 'queue', queue)) continue
      if (record === undefined || selects(session.selector, record.headers)) yield session
    }
    return undefined
  }

  /**
   * True if a broker has a live subscription that takes from a destination; that takes a certain
   * message if one is given.
   */
  isWantedAt(
    broker: string,
    kind: 'queue' | 'topic',
    destination: string,
    record?: MessageRecord
  ): boolean {
    for (const session of this.sessions.values()) {
      if (session.broker !== broker || !takesFrom(session, kind, destination)) continue
      if (record === undefined || selects(session.selector, record.headers)) return true
    }
    return false
  }

  /** True if a consumer at a broker settles what it is sent from a queue without reading it. */
  hasAutomaticTaker(broker: string, queue: string): boolean {
    for (const session of this.sessions.values()) {
      if (session.broker !== broker || session.isAuto !== true) continue
      if (takesFrom(session, 'queue', queue)) return true
    }
    return false
  }

  /**
   * True for a message of a queue with selective consumers. When these come and go, it may be on
   * its way to one that does not take it, and go on from there.
   */
  mayWander({ kind, destination }: MessageRecord): boolean {
    if (kind !== 'queue') return false
    for (const pattern of this.selectiveQueues) {
      if (patternMatches(pattern, destination)) return true
    }
    return false
  }

  openSession(session: LedgerSession): void {
    this.away.delete(session.id)
    if (this.sessions.has(session.id)) return
    this.sessions.set(session.id, session)
    const { kind, pattern, selector } = session
    if (kind === 'queue' && selector !== undefined) this.selectiveQueues.add(pattern)
    for (const listener of this.listeners) listener.onSessionOpened(session)
  }

  /**
   * A subscription ended: what it has not got of topics it need not get any more. A durable one
   * only rests, unless it ends for good.
   */
  closeSession(id: string, isForGood = false): void {
    const session = this.sessions.get(id)
    if (session === undefined) return
    if (session.isDurable === true && !isForGood) {
      this.away.add(id)
      if (session.isAuto) this.excuseUnread(session)
    } else this.endSession(session, { kind: 'subscriber-left', text: 'its subscriber left' })
  }

  /** True for a durable subscription whose consumer is away. */
  isAway(id: string): boolean {
    return this.away.has(id)
  }

  /**
   * The connection of a subscription is about to break. What its broker settled as it was sent, and
   * the client has not read, is lost: the broker's promise ended when it had sent it.
   */
  loseUnread(id: string): void {
    const session = this.sessions.get(id)
    if (session === undefined || !session.isAuto || session.kind !== 'queue') return
    const why: Excuse = { kind: 'subscriber-left', text: 'its subscriber left' }
    for (const record of this.records.values()) {
      if (record.consumed > 0 || !takesFrom(session, record.kind, record.destination)) continue
      this.excuse(record, session.broker, why)
    }
  }

  /**
   * A broker takes a message from its producer.
   * @param view only for topics, of which a copy is expected by each subscription
   */
  accept(facts: AcceptedFacts, view?: OriginView): MessageRecord {
    const { key, kind, destination, origin, acceptedAtMs, phase } = facts
    const dot = key.indexOf('.')
    const producer = key.slice(0, dot)
    const number = Number(key.slice(dot + 1))
    const plan = this.producers.get(producer)
    // Written out: an object spread into a literal of this size is slow to make and to read.
    const record: MessageRecord = {
      key,
      index: this.taken,
      kind,
      destination,
      origin,
      acceptedAtMs,
      phase,
      producer,
      number,
      headers: headersOf(plan, number),
      expiresAtMs: plan?.ttlMs === undefined ? undefined : acceptedAtMs + plan.ttlMs,
      isStable: facts.phase > 0,
      expected: kind === 'topic' ? new Map() : nothingExpected,
      visited: nowhere,
      holders: kind === 'topic' ? new Map() : this.ways.heldBy(origin),
      isDurable: false,
      deliveries: 0,
      marked: 0,
      refusals: 0,
      deadDeliveries: 0,
      consumed: 0,
      excuse: undefined,
      givenUp: ''
    }
    this.taken += 1
    this.records.set(record.key, record)
    if (kind === 'topic' && view !== undefined) this.expectCopies(record, view)
    if (record.isStable) this.fresh.push(record)
    return record
  }

  /** A message arrived over a bridge: custody of these targets is with the receiver. */
  cross(record: MessageRecord, { to, targets, message }: Crossing): void {
    if (isDeadLetterOf(record, message)) {
      if (record.kind === 'queue') record.holders = this.ways.heldBy(to)
      return
    }
    record.visited = this.ways.onward(record.visited, to)
    if (record.kind === 'queue') record.holders = this.ways.heldBy(to)
    else for (const target of targets) ownHolders(record).set(target, to)
  }

  deliver({ record, session, isRedelivered, isDeadLetter }: Delivery): void {
    if (isDeadLetter === true) {
      record.deadDeliveries += 1
      return
    }
    record.deliveries += 1
    if (isRedelivered) record.marked += 1
    const expectation = record.expected.get(session)
    if (expectation !== undefined) expectation.copies += 1
    if (this.sessions.get(session)?.isAuto ?? false) record.consumed += 1
  }

  /** A consumer has acknowledged it. */
  acknowledge(key: string): void {
    const record = this.records.get(key)
    if (record !== undefined) record.consumed += 1
  }

  /** A consumer has refused it. */
  refuse(key: string): void {
    const record = this.records.get(key)
    if (record !== undefined) record.refusals += 1
  }

  /**
   * A broker gave a message up, for a reason it counted.
   * @param isExcused false if nothing has failed that would be a reason for it
   */
  discard(record: MessageRecord, giveUp: GiveUp, isExcused: boolean): void {
    const { broker, reason } = giveUp
    record.givenUp = `; ${broker} gave it up (${reason})`
    if (reason === 'expired' && record.expiresAtMs !== undefined) {
      const why: Excuse = { kind: 'expired', text: `its time ran out at ${broker}` }
      this.excuse(record, broker, why)
      // A broker that may still give up what it sent on never heard that it was taken.
      const [, next] = [record.origin, ...record.visited].slice(wayIndex(record, broker))
      if (next !== undefined) this.excuse(record, next, why)
      return
    }
    if (!isExcused) return
    this.excuse(record, broker, { kind: 'given-up', text: `${broker} gave it up (${reason})` })
  }

  /** A broker loses its memory or more, and all messages that are nowhere else. */
  loseMemory(broker: string, loss: MemoryLoss): void {
    const why: Excuse = { kind: 'died-with-broker', text: `${broker} crashed` }
    for (const record of this.records.values()) {
      if (isLost(record, loss)) this.excuse(record, broker, why)
    }
    if (loss.kind === 'memory') return
    for (const id of this.durablesAt(broker)) {
      const isKept = loss.kind === 'newer' && loss.kept.durables.has(id)
      if (!isKept) this.endSession(this.sessions.get(id)!, why)
    }
  }

  /** Ids of the durable subscriptions at a broker. */
  durablesAt(broker: string): string[] {
    const found = [...this.sessions.values()].filter(
      (session) => session.broker === broker && session.isDurable === true
    )
    return found.map(({ id }) => id)
  }

  /** The stable phase ends: what had no time to arrive in it is not judged as stable. */
  endStablePhase(nowMs: number, graceMs: number): void {
    for (const record of this.fresh) {
      if (nowMs - record.acceptedAtMs < graceMs) record.isStable = false
    }
    this.fresh = []
  }

  private expectCopies(record: MessageRecord, view: OriginView): void {
    const { known, reachable } = view
    for (const session of this.sessions.values()) {
      if (!takesFrom(session, 'topic', record.destination)) continue
      if (!selects(session.selector, record.headers)) continue
      const { broker } = session
      if (view.isPossible?.(broker) === false) continue
      const isReachable = reachable.includes(broker)
      const isKnown = broker === record.origin || known.has(broker)
      // Before the news of a subscription has spread nobody can send to it; in a stable phase it
      // has.
      const mustKnow = isKnown || (record.isStable && isReachable)
      const excuse: Excuse | undefined = mustKnow
        ? undefined
        : { kind: 'not-known-yet', text: `${record.origin} had not heard of it` }
      if (!isReachable) record.isStable = false
      record.expected.set(session.id, { session, copies: 0, excuse })
      ownHolders(record).set(broker, record.origin)
    }
  }

  /** What an automatic consumer was sent and had no time to read is settled, and lost. */
  private excuseUnread({ id }: LedgerSession): void {
    const why: Excuse = { kind: 'subscriber-left', text: 'its subscriber left before it read it' }
    for (const { expected } of this.records.values()) {
      const expectation = expected.get(id)
      if (expectation !== undefined && expectation.copies === 0) expectation.excuse ??= why
    }
  }

  private endSession(session: LedgerSession, why: Excuse): void {
    const { id, isDurable } = session
    this.sessions.delete(id)
    this.away.delete(id)
    this.endedDurables += 1
    for (const { expected } of this.records.values()) {
      const expectation = expected.get(id)
      if (expectation === undefined) continue
      if (expectation.copies === 0) expectation.excuse ??= why
      if (isDurable !== true) continue
      // The next one of that name is another one: it has got nothing yet.
      expected.delete(id)
      expected.set(`${id}, ended ${this.endedDurables}`, expectation)
    }
    for (const listener of this.listeners) listener.onSessionClosed(session)
  }

  private excuse(record: MessageRecord, broker: string, why: Excuse): void {
    if (record.kind === 'queue') {
      if (record.holders.get(anyTarget) === broker) record.excuse ??= why
      return
    }
    for (const expectation of record.expected.values()) {
      const holder = record.holders.get(expectation.session.broker)
      if (holder === broker) expectation.excuse ??= why
    }
  }
}

/** Where a broker was last on the way of a message; past its end if it never was. */
function wayIndex({ origin, visited }: MessageRecord, broker: string): number {
  const at = [origin, ...visited].lastIndexOf(broker)
  return at < 0 ? visited.length + 1 : at
}

/** True if a message that is nowhere else goes with what is lost. */
function isLost(record: MessageRecord, loss: MemoryLoss): boolean {
  if (loss.kind === 'newer') return !loss.kept.messages.has(record)
  return loss.kind === 'all' || !record.isDurable
}

/** A topic's message has a map of its own. */
function ownHolders(record: MessageRecord): Map<string, string> {
  return record.holders as Map<string, string>
}

/** True if a subscription is to a destination, whatever its selector takes of it. */
export function takesFrom(
  session: LedgerSession,
  kind: 'queue' | 'topic',
  destination: string
): boolean {
  return session.kind === kind && patternMatches(session.pattern, destination)
}

// What every other broker's consumers want, kept per broker for repair and filed by pattern for the
// question asked of each message: who wants this? It trusts versions, not arrival order: what is
// out of date changes nothing, and a delta that does not fit is answered 'gap', so that the
// snapshot is asked for. Invariant: the patterns filed are exactly the entries of the brokers held.

import { LRUCache } from 'lru-cache'
import { mark } from '../../base/index.ts'
import {
  type DemandKind,
  hasWildcard,
  type Message,
  type MessageFilter,
  PatternIndex
} from '../../broker/index.ts'
import {
  areSameSelectors,
  compareDemandMarks,
  type DemandDelta,
  type DemandEntry,
  type DemandMark,
  type DemandSnapshot,
  demandBrokersMax,
  demandEntriesMax,
  isDemandEntry,
  type RemovedDemand
} from './demand-entry.ts'
import { passesAny, SelectorUnion } from './selector-union.ts'

/** Names whose answer is remembered, for topics and for queues each. */
const namesMax = 65_536

/** A change of one broker's demand, after it took effect. */
export interface DemandChange {
  readonly broker: string
  readonly kind: DemandKind
  readonly pattern: string
  /** True if a durable subscription came or went with it. */
  readonly isDurable?: boolean
}

/** A broker that has consumers for a queue. */
export interface QueueDemand {
  readonly broker: string
  /**
   * Largest weight among its matching patterns; 0 when it says that this queue is full just now.
   */
  readonly weight: number
  /** Selectors, each once, if no message is wanted that none of them matches. */
  readonly selectors?: readonly string[]
}

/** The brokers with consumers for a topic. */
interface TopicDemand {
  readonly brokers: ReadonlySet<string>
  /** Those that want only what one of their selectors matches; undefined if there are none. */
  readonly choosy: ReadonlyMap<string, readonly MessageFilter[]> | undefined
}

/** One entry of one broker that a destination matches. */
export interface DemandMatch {
  readonly broker: string
  readonly pattern: string
  readonly weight: number
  readonly isDurable: boolean
  /** Of all consumers, if each has one. */
  readonly selectors: readonly string[] | undefined
}

/** Bounds of a table. */
export interface DemandTableLimits {
  /** Entries of one broker, 1,000,000 if not given. */
  readonly entriesMax?: number
  /** Brokers, 8,192 if not given. */
  readonly brokersMax?: number
}

/** One entry of one broker: the value filed in the index. */
class Filing implements DemandMatch {
  readonly broker: string
  readonly pattern: string
  weight: number
  isDurable: boolean
  selectors: readonly string[] | undefined
  /** True for a plain name: it speaks for that one destination whatever patterns say. */
  readonly isExact: boolean
  /** The last snapshot that named this entry. */
  sweep = 0

  constructor(broker: string, { pattern, weight, isDurable, selectors }: DemandEntry) {
    this.broker = broker
    this.pattern = pattern
    this.weight = weight
    this.isDurable = isDurable === true
    this.selectors = selectors
    this.isExact = !hasWildcard(pattern)
  }
}

interface RemoteDemand {
  readonly broker: string
  /** True while nothing is known but the durable subscriptions of an earlier time. */
  isKept: boolean
  /** Topics with durable subscriptions. */
  readonly durables: Set<string>
  incarnation: number
  version: number
  readonly queue: Map<string, Filing>
  readonly topic: Map<string, Filing>
}

interface Answer<T> {
  readonly generation: number
  readonly value: T
}

/** Demand of all brokers but the one it belongs to; the owner keeps its own demand out. */
export class DemandTable {
  private readonly onChange: (change: DemandChange) => void
  private readonly entriesMax: number
  private readonly brokersMax: number
  private readonly byBroker = new Map<string, RemoteDemand>()
  private readonly index = { queue: new PatternIndex<Filing>(), topic: new PatternIndex<Filing>() }
  /** Rise when an answer about a queue, or a topic, may have changed. */
  private readonly generations = { queue: 0, topic: 0 }
  // A count of one each, rather than `max`, so that an empty cache costs nothing.
  private readonly topicAnswers = new LRUCache<string, Answer<TopicDemand>>({
    maxSize: namesMax,
    sizeCalculation: () => 1
  })
  private readonly queueAnswers = new LRUCache<string, Answer<readonly QueueDemand[]>>({
    maxSize: namesMax,
    sizeCalculation: () => 1
  })
  private sweeps = 0

  /** @param onChange told of each pattern that changed, after all of one call took effect */
  constructor(onChange: (change: DemandChange) => void, limits: DemandTableLimits = {}) {
    this.onChange = onChange
    this.entriesMax = limits.entriesMax ?? demandEntriesMax
    this.brokersMax = limits.brokersMax ?? demandBrokersMax
  }

  /** Rises whenever an answer about a topic may have changed. */
  get topicGeneration(): number {
    return this.generations.topic
  }

  /** Rises whenever an answer of this table may have changed. */
  get generation(): number {
    return this.generations.queue + this.generations.topic
  }

  /**
   * Puts a snapshot in the place of what was known of its broker.
   * @returns 'stale', nothing changed, if it is not newer than that; 'refused', nothing changed,
   *   if it
   * has an invalid entry or more entries than the limit, or the table has no room for another
   * broker
   */
  applySnapshot(snapshot: DemandSnapshot): 'applied' | 'stale' | 'refused' {
    const { broker, incarnation, version, entries } = snapshot
    const known = this.byBroker.get(broker)
    if (known !== undefined && compareDemandMarks(snapshot, known) <= 0) return 'stale'
    if (known === undefined && this.byBroker.size >= this.brokersMax) {
      mark('demand-of-too-many-brokers')
      return 'refused'
    }
    if (entries.length > this.entriesMax || !entries.every(isDemandEntry)) {
      mark('demand-snapshot-invalid')
      return 'refused'
    }
    const demand = known ?? this.open(broker)
    demand.isKept = false
    demand.incarnation = incarnation
    demand.version = version
    const changes: DemandChange[] = []
    this.sweeps += 1
    for (const entry of entries) this.set(demand, entry, changes)
    this.removeUnswept(demand, changes)
    this.tell(changes)
    return 'applied'
  }

  /** Which demand of a broker is held; undefined for one that nothing is known of. */
  markOf(broker: string): DemandMark | undefined {
    return this.byBroker.get(broker)
  }

  /**
   * Applies a delta to the version it starts from. Version 0 of a new broker or incarnation needs
   * not be known: it is empty.
   * @returns 'stale', nothing changed, if what it brings is known; 'gap', nothing changed, if the
   * snapshot is needed instead: versions were missed, an entry is invalid or a limit would be
   * passed
   */
  applyDelta(delta: DemandDelta): 'applied' | 'stale' | 'gap' {
    const { broker, incarnation, fromVersion, toVersion } = delta
    const known = this.byBroker.get(broker)
    const target = { incarnation, version: toVersion }
    if (known !== undefined && compareDemandMarks(target, known) <= 0) return 'stale'
    const isNext =
      known !== undefined && known.incarnation === incarnation && known.version === fromVersion
    if (!isNext && (fromVersion !== 0 || known?.incarnation === incarnation)) return 'gap'
    if (toVersion <= fromVersion || !delta.set.every(isDemandEntry)) {
      mark('demand-delta-invalid')
      return 'gap'
    }
    if (!isNext) return this.applyFirstDelta(delta)
    if (this.wouldExceed(known, delta)) {
      mark('demand-delta-over-the-limit')
      return 'gap'
    }
    known.version = toVersion
    const changes: DemandChange[] = []
    for (const removed of delta.removed) this.remove(known, removed, changes)
    for (const entry of delta.set) this.set(known, entry, changes)
    this.tell(changes)
    return 'applied'
  }

  /** Which demand of a broker is known. */
  version(broker: string): { readonly incarnation: number; readonly version: number } | undefined {
    const demand = this.byBroker.get(broker)
    if (demand === undefined || demand.isKept) return undefined
    return { incarnation: demand.incarnation, version: demand.version }
  }

  /**
   * Forgets a broker's demand and its version, but for its durable subscriptions: those want
   * messages until the broker itself says otherwise.
   */
  drop(broker: string): void {
    const demand = this.byBroker.get(broker)
    if (demand === undefined) return
    const changes: DemandChange[] = []
    // No entry bears a sweep that has not happened yet, so all others go.
    this.sweeps += 1
    for (const pattern of demand.durables) demand.topic.get(pattern)!.sweep = this.sweeps
    this.removeUnswept(demand, changes)
    if (demand.durables.size === 0) this.byBroker.delete(broker)
    else makeKept(demand)
    this.tell(changes)
  }

  /** Forgets all demand of a broker that never returns, its durable subscriptions too. */
  forget(broker: string): void {
    const demand = this.byBroker.get(broker)
    if (demand === undefined) return
    const changes: DemandChange[] = []
    this.sweeps += 1
    this.removeUnswept(demand, changes)
    this.byBroker.delete(broker)
    this.tell(changes)
  }

  /** Topics that durable subscriptions of a broker want. */
  durablesOf(broker: string): ReadonlySet<string> {
    return this.byBroker.get(broker)?.durables ?? noTopics
  }

  /** Begins with durable subscriptions of a broker that were known in an earlier life. */
  keep(broker: string, patterns: readonly string[]): void {
    if (this.byBroker.has(broker) || this.byBroker.size >= this.brokersMax) return
    const demand = this.open(broker)
    makeKept(demand)
    const changes: DemandChange[] = []
    for (const pattern of patterns) {
      this.set(demand, { kind: 'topic', pattern, weight: 1, isDurable: true }, changes)
    }
    this.tell(changes)
  }

  /** Which demand this table holds, for {@link newerThan} at another broker. */
  digest(): readonly DemandMark[] {
    const known = [...this.byBroker.values()].filter(({ isKept }) => !isKept)
    return known.map(({ broker, incarnation, version }) => ({ broker, incarnation, version }))
  }

  /**
   * The snapshots that the sender of `digest` lacks.
   * @param isOffered leaves brokers out; pass the map's reachability, or brokers that all have to
   * forget are handed round for ever
   */
  newerThan(
    digest: Iterable<DemandMark>,
    isOffered: (broker: string) => boolean = () => true
  ): DemandSnapshot[] {
    const marks = new Map<string, DemandMark>()
    for (const mark of digest) marks.set(mark.broker, mark)
    const newer: DemandSnapshot[] = []
    for (const demand of this.byBroker.values()) {
      if (demand.isKept) continue
      const mark = marks.get(demand.broker)
      if (mark !== undefined && compareDemandMarks(demand, mark) <= 0) continue
      if (isOffered(demand.broker)) newer.push(this.snapshotFrom(demand))
    }
    return newer
  }

  /** What is known of one broker's demand as a snapshot to pass on. */
  snapshotOf(broker: string): DemandSnapshot | undefined {
    const demand = this.byBroker.get(broker)
    return demand === undefined || demand.isKept ? undefined : this.snapshotFrom(demand)
  }

  /** The brokers with consumers for a topic, whatever their credit. Not to be kept across turns. */
  brokersForTopic(name: string): ReadonlySet<string> {
    return this.demandForTopic(name).brokers
  }

  /**
   * Of the brokers with consumers for a topic those whose consumers all have selectors, with these
   * as filters; undefined if there are none. Not to be kept across turns.
   */
  choosyForTopic(name: string): ReadonlyMap<string, readonly MessageFilter[]> | undefined {
    return this.demandForTopic(name).choosy
  }

  /** The brokers with consumers that take a message of a topic. */
  brokersWanting(message: Message): string[] {
    const { brokers, choosy } = this.demandForTopic(message.destination.name)
    return [...brokers].filter((broker) => passesAny(choosy?.get(broker), message))
  }

  private demandForTopic(name: string): TopicDemand {
    const generation = this.generations.topic
    const known = this.topicAnswers.get(name)
    if (known !== undefined && known.generation === generation) return known.value
    const brokers = new Set<string>()
    const union = new SelectorUnion()
    for (const { broker, selectors } of this.index.topic.match(name)) {
      brokers.add(broker)
      union.add(broker, selectors)
    }
    const value = { brokers, choosy: union.filters() }
    this.topicAnswers.set(name, { generation, value })
    return value
  }

  /** The brokers whose consumers of a topic, or some of them, have enough waiting. */
  brokersFullOfTopic(name: string): ReadonlySet<string> {
    const full = new Set<string>()
    for (const { broker, weight } of this.index.topic.match(name)) {
      if (weight === 0) full.add(broker)
    }
    return full
  }

  /** True while a broker's consumers of a topic, or some of them, have enough waiting. */
  isTopicFull(broker: string, name: string): boolean {
    for (const filing of this.index.topic.match(name)) {
      if (filing.broker === broker && filing.weight === 0) return true
    }
    return false
  }

  /**
   * The brokers with consumers for a queue, by name, full ones too. Not to be kept across turns.
   */
  demandForQueue(name: string): readonly QueueDemand[] {
    const generation = this.generations.queue
    const known = this.queueAnswers.get(name)
    if (known !== undefined && known.generation === generation) return known.value
    const weights = new Map<string, number>()
    const full: string[] = []
    const union = new SelectorUnion()
    for (const { broker, weight, isExact, selectors } of this.index.queue.match(name)) {
      union.add(broker, selectors)
      weights.set(broker, Math.max(weight, weights.get(broker) ?? 0))
      if (isExact && weight === 0) full.push(broker)
    }
    for (const broker of full) weights.set(broker, 0)
    const value = [...weights].map(([broker, weight]): QueueDemand => {
      const selectors = union.of(broker)
      return selectors === undefined ? { broker, weight } : { broker, weight, selectors }
    })
    value.sort((a, b) => (a.broker < b.broker ? -1 : 1))
    this.queueAnswers.set(name, { generation, value })
    return value
  }

  /** Every entry of every broker that matches a destination. Not to be kept across turns. */
  matching(kind: DemandKind, name: string): Iterable<DemandMatch> {
    return this.index[kind].match(name)
  }

  /** All that a broker is known to want; empty for an unknown one. */
  entriesOf(broker: string): DemandEntry[] {
    const demand = this.byBroker.get(broker)
    if (demand === undefined) return []
    const entries: DemandEntry[] = []
    for (const kind of ['queue', 'topic'] as const) {
      for (const [pattern, { weight, isDurable, selectors }] of demand[kind]) {
        entries.push({
          ...{ kind, pattern, weight },
          ...(isDurable ? { isDurable } : {}),
          ...(selectors === undefined ? {} : { selectors })
        })
      }
    }
    return entries
  }

  private applyFirstDelta(delta: DemandDelta): 'applied' | 'gap' {
    const { broker, incarnation, toVersion, set } = delta
    const snapshot = { broker, incarnation, version: toVersion, entries: set }
    return this.applySnapshot(snapshot) === 'applied' ? 'applied' : 'gap'
  }

  private wouldExceed(demand: RemoteDemand, delta: DemandDelta): boolean {
    let size = demand.queue.size + demand.topic.size
    if (size + delta.set.length <= this.entriesMax) return false
    for (const { kind, pattern } of delta.removed) if (demand[kind].has(pattern)) size -= 1
    for (const { kind, pattern } of delta.set) if (!demand[kind].has(pattern)) size += 1
    return size > this.entriesMax
  }

  private open(broker: string): RemoteDemand {
    const demand: RemoteDemand = {
      broker,
      isKept: false,
      durables: new Set(),
      incarnation: 0,
      version: 0,
      queue: new Map(),
      topic: new Map()
    }
    this.byBroker.set(broker, demand)
    return demand
  }

  private set(demand: RemoteDemand, entry: DemandEntry, changes: DemandChange[]): void {
    const { kind, pattern, weight, selectors } = entry
    const isDurable = kind === 'topic' && entry.isDurable === true
    const wasDurable = kind === 'topic' && demand.durables.has(pattern)
    const filing = demand[kind].get(pattern)
    if (filing === undefined) {
      const added = new Filing(demand.broker, entry)
      added.sweep = this.sweeps
      demand[kind].set(pattern, added)
      this.index[kind].add(pattern, added)
    } else {
      filing.sweep = this.sweeps
      const isSame = filing.weight === weight && filing.isDurable === isDurable
      if (isSame && areSameSelectors(filing.selectors, selectors)) return
      filing.weight = weight
      filing.isDurable = isDurable
      filing.selectors = selectors
    }
    if (isDurable) demand.durables.add(pattern)
    else if (wasDurable) demand.durables.delete(pattern)
    this.generations[kind] += 1
    const change = { broker: demand.broker, kind, pattern }
    changes.push(isDurable !== wasDurable ? { ...change, isDurable: true } : change)
  }

  private remove(demand: RemoteDemand, removed: RemovedDemand, changes: DemandChange[]): void {
    const { kind, pattern } = removed
    const filing = demand[kind]?.get(pattern)
    if (filing === undefined) return
    demand[kind].delete(pattern)
    this.index[kind].remove(pattern, filing)
    this.generations[kind] += 1
    const wasDurable = kind === 'topic' && demand.durables.delete(pattern)
    const change = { broker: demand.broker, kind, pattern }
    changes.push(wasDurable ? { ...change, isDurable: true } : change)
  }

  private removeUnswept(demand: RemoteDemand, changes: DemandChange[]): void {
    for (const kind of ['queue', 'topic'] as const) {
      for (const [pattern, filing] of demand[kind]) {
        if (filing.sweep !== this.sweeps) this.remove(demand, { kind, pattern }, changes)
      }
    }
  }

  private snapshotFrom(demand: RemoteDemand): DemandSnapshot {
    const { broker, incarnation, version } = demand
    return { broker, incarnation, version, entries: this.entriesOf(broker) }
  }

  private tell(changes: readonly DemandChange[]): void {
    for (const change of changes) this.onChange(change)
  }
}

const noTopics: ReadonlySet<string> = new Set()

/** Whatever its broker says next is newer. */
function makeKept(demand: RemoteDemand): void {
  demand.isKept = true
  demand.incarnation = -1
  demand.version = 0
}

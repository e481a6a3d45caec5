// One broker's picture of all brokers and bridges. It keeps the newest record of every broker,
// makes the record of its own, and answers who can be reached. It never sends, never reads a clock
// and never judges demand. Invariant: the own record is always the newest of its name and brokerId
// ever heard; two maps that have exchanged digests hold the same records of the brokers they can
// reach.

import { assert, mark, PostroadError } from '../../base/index.ts'
import {
  areSameBridges,
  type BridgeRecord,
  type BrokerRecord,
  compareRecords,
  type ForwardFilterSpec,
  haveSameLinks,
  validateRecord
} from './broker-record.ts'
import { ForwardFilter } from './forward-filter.ts'
import { brokersMax, LinkGraph } from './link-graph.ts'
import { endTo } from './record-ends.ts'

/** Who the owner of a map is. */
export interface MapSelf {
  readonly broker: string
  readonly brokerId: string
  readonly incarnation: number
  readonly isTransit: boolean
}

/** One line of a map's digest: which record of a broker it holds. */
export interface RecordMark {
  readonly broker: string
  readonly brokerId: string
  readonly incarnation: number
  readonly sequence: number
}

/** What became of a record that was heard. */
export type AcceptOutcome =
  /** Kept: pass it on over every bridge but the one it came over. */
  | { readonly kind: 'newer' }
  /** Known already. */
  | { readonly kind: 'same' }
  /** Out of date: send `ours` back. */
  | { readonly kind: 'older'; readonly ours: BrokerRecord }
  /**
   * About this broker, and newer than anything it said in this life: it has been rolled back, or
   * copied. `ours` is above what was heard; send it everywhere. Its incarnation may have risen.
   * `times` counts this since the start: more than a few means that a copy is running.
   */
  | { readonly kind: 'own-outdated'; readonly ours: BrokerRecord; readonly times: number }
  /** Another broker uses this broker's name, or did shortly before. */
  | { readonly kind: 'name-taken'; readonly by: BrokerRecord }
  /** Not kept, and why: it breaks a rule, or the map is full. */
  | { readonly kind: 'refused'; readonly fault: string }

/** The map. */
export class NetworkMap {
  readonly self: MapSelf
  private own: BrokerRecord
  private readonly byBroker = new Map<string, BrokerRecord>()
  /** When a broker was first found unreachable; absent while it is reachable. */
  private readonly unreachableSinceMs = new Map<string, number>()
  private readonly filters = new WeakMap<ForwardFilterSpec, ForwardFilter>()
  private routesVersion = 1
  private timesOutdated = 0
  private currentGraph: LinkGraph | undefined = undefined
  private currentReachable: ReadonlySet<string> | undefined = undefined

  constructor(self: MapSelf) {
    this.self = self
    this.own = { ...self, sequence: 1, bridges: [] }
    const fault = validateRecord(this.own)
    assert(fault === undefined, 'the owner of a map has a valid name, id and incarnation')
    this.byBroker.set(self.broker, this.own)
  }

  /** Rises whenever anything changes that routes depend on. */
  get version(): number {
    return this.routesVersion
  }

  /** The record of this broker, as it was last made. */
  get ownRecord(): BrokerRecord {
    return this.own
  }

  /**
   * States which bridges this broker has now, in any order.
   * @returns the new own record to send everywhere, or undefined if nothing changed
   * @throws PostroadError LOCAL_LIMIT_REACHED if there are too many, or one breaks a rule of
   *   records
   */
  setOwnBridges(bridges: readonly BridgeRecord[]): BrokerRecord | undefined {
    const sorted = [...bridges].sort((a, b) => (a.peer < b.peer ? -1 : 1))
    if (areSameBridges(sorted, this.own.bridges)) return undefined
    const next = { ...this.own, sequence: this.own.sequence + 1, bridges: sorted }
    const fault = validateRecord(next)
    if (fault !== undefined) {
      throw new PostroadError('LOCAL_LIMIT_REACHED', `bridges of this broker: ${fault}`)
    }
    this.replaceOwn(next)
    this.dropDerived()
    return next
  }

  /** Takes in a record that was heard; the outcome says what to do next. */
  accept(record: BrokerRecord): AcceptOutcome {
    const fault = validateRecord(record)
    if (fault !== undefined) return { kind: 'refused', fault }
    if (record.broker === this.self.broker) return this.acceptOwn(record)
    const ours = this.byBroker.get(record.broker)
    if (ours === undefined) {
      if (this.byBroker.size >= brokersMax) {
        mark('map-full')
        return { kind: 'refused', fault: `the map is full: it holds ${brokersMax} brokers` }
      }
    } else {
      const order = compareRecords(record, ours)
      if (order === 0) return { kind: 'same' }
      if (order < 0) return { kind: 'older', ours }
    }
    this.byBroker.set(record.broker, record)
    if (ours === undefined || !haveSameLinks(ours, record)) this.dropDerived()
    return { kind: 'newer' }
  }

  /** The record of a broker, if there is one. */
  record(broker: string): BrokerRecord | undefined {
    return this.byBroker.get(broker)
  }

  /** All records, this broker's included, in no particular order. */
  records(): readonly BrokerRecord[] {
    return [...this.byBroker.values()]
  }

  /** True for this broker and all joined to it by bridges that both ends list, in any direction. */
  isReachable(broker: string): boolean {
    return this.reachable().has(broker)
  }

  /** The brokers for which {@link isReachable} holds, this one included. */
  reachable(): ReadonlySet<string> {
    this.currentReachable ??= this.findReachable()
    return this.currentReachable
  }

  /** The links of the map in its current {@link version}. */
  graph(): LinkGraph {
    this.currentGraph ??= new LinkGraph(this.byBroker.values(), (spec) => this.filterFor(spec))
    return this.currentGraph
  }

  /** Which records this map holds, for {@link newerThan} at another broker. */
  digest(): readonly RecordMark[] {
    return this.records().map(({ broker, brokerId, incarnation, sequence }) => {
      return { broker, brokerId, incarnation, sequence }
    })
  }

  /**
   * The records the sender of `digest` lacks. Brokers out of reach are left out: each broker
   * forgets them in its own time, and would for ever be handed them back by those that have not
   * yet.
   */
  newerThan(digest: Iterable<RecordMark>): BrokerRecord[] {
    const marks = new Map<string, RecordMark>()
    for (const mark of digest) marks.set(mark.broker, mark)
    const newer: BrokerRecord[] = []
    for (const broker of this.reachable()) {
      const record = this.byBroker.get(broker)!
      const mark = marks.get(broker)
      if (mark === undefined || compareMarks(record, mark) > 0) newer.push(record)
    }
    return newer
  }

  /**
   * Forgets the brokers that every call in the last `holdMsMax` found unreachable; the first such
   * call starts the time. To be called every few seconds.
   * @param nowMs monotonic time
   * @returns the names forgotten, for others to forget their demand as well
   */
  forgetUnreachable(nowMs: number, holdMsMax = 60_000): string[] {
    const reachable = this.reachable()
    const forgotten: string[] = []
    for (const broker of this.byBroker.keys()) {
      if (reachable.has(broker)) {
        if (this.unreachableSinceMs.delete(broker)) mark('map-broker-back-in-reach')
        continue
      }
      const sinceMs = this.unreachableSinceMs.get(broker)
      if (sinceMs === undefined) this.unreachableSinceMs.set(broker, nowMs)
      else if (nowMs - sinceMs >= holdMsMax) forgotten.push(broker)
    }
    for (const broker of forgotten) {
      this.byBroker.delete(broker)
      this.unreachableSinceMs.delete(broker)
    }
    // The graph may name a broker that has no record now; without links it routes nowhere, but a
    // walk over names must not meet it.
    if (forgotten.length > 0) this.dropDerived()
    return forgotten
  }

  /**
   * Walks over the records themselves: in a large network whose brokers come and go, this is asked
   * after each change, and most brokers route nothing before the next.
   */
  private findReachable(): ReadonlySet<string> {
    const { byBroker } = this
    const found = new Set([this.self.broker])
    // What is added while the walk goes on is visited as well.
    for (const name of found) {
      for (const { peer } of byBroker.get(name)!.bridges) {
        if (found.has(peer)) continue
        const record = byBroker.get(peer)
        if (record !== undefined && endTo(record, name) !== undefined) found.add(peer)
      }
    }
    return found
  }

  private acceptOwn(heard: BrokerRecord): AcceptOutcome {
    const { own } = this
    if (heard.brokerId !== own.brokerId) return { kind: 'name-taken', by: heard }
    const order = compareRecords(heard, own)
    if (order === 0) return { kind: 'same' }
    // The same numbers over other content are from another life and must be outdone as well, since
    // some brokers hold that content and would take ours for known.
    const isSameNumber = heard.incarnation === own.incarnation && heard.sequence === own.sequence
    if (order < 0 && !isSameNumber) return { kind: 'older', ours: own }
    if (isSameNumber) mark('map-own-number-used-twice')
    if (heard.incarnation === Number.MAX_SAFE_INTEGER) {
      mark('map-no-later-incarnation')
      return { kind: 'refused', fault: `incarnation ${heard.incarnation} leaves no later one` }
    }
    this.replaceOwn({ ...own, ...numbersAbove(heard) })
    this.timesOutdated += 1
    return { kind: 'own-outdated', ours: this.own, times: this.timesOutdated }
  }

  private replaceOwn(record: BrokerRecord): void {
    this.own = record
    this.byBroker.set(record.broker, record)
  }

  private dropDerived(): void {
    this.routesVersion += 1
    this.currentGraph = undefined
    this.currentReachable = undefined
  }

  private filterFor(spec: ForwardFilterSpec): ForwardFilter {
    let filter = this.filters.get(spec)
    if (filter === undefined) {
      filter = new ForwardFilter(spec)
      this.filters.set(spec, filter)
    }
    return filter
  }
}

function numbersAbove({ incarnation, sequence }: BrokerRecord): {
  readonly incarnation: number
  readonly sequence: number
} {
  if (sequence < Number.MAX_SAFE_INTEGER) return { incarnation, sequence: sequence + 1 }
  mark('map-no-later-sequence')
  return { incarnation: incarnation + 1, sequence: 1 }
}

function compareMarks(a: RecordMark, b: RecordMark): number {
  if (a.incarnation !== b.incarnation) return a.incarnation - b.incarnation
  if (a.sequence !== b.sequence) return a.sequence - b.sequence
  if (a.brokerId === b.brokerId) return 0
  return a.brokerId < b.brokerId ? -1 : 1
}

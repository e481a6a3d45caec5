// Answers where a message published here would go, and why not elsewhere. It asks what routing
// asks: the same route tables, the same demand, the terms of the proxies, and the choice among
// consumers of the queue's own set of them. It changes nothing and sends nothing.

import { type Consumer, ConsumerSet, type Message, type MessageFilter } from '../../broker/index.ts'
import { type DemandMatch, type DemandTable, filtersOf, passesAny } from '../demand/index.ts'
import {
  type BrokerRecord,
  type Obstacle,
  type RouteTable,
  type Way,
  WayFinder
} from '../map/index.ts'
import { promptJourneysMax } from './message-router.ts'
import type { RouteReason } from './route-reason.ts'

/** A consumer of this broker that the destination matches. */
export interface ConsumerHere {
  /** Undefined takes everything. */
  readonly filter: MessageFilter | undefined
  /** 0 as well for a durable subscription whose client is away. */
  readonly credit: number
  readonly isDurable: boolean
}

/** Another broker that a queue's message could go to, as its proxy has it. */
export interface QueueCandidate {
  readonly broker: string
  readonly cost: number
  readonly credit: number
  readonly filter: MessageFilter | undefined
}

/** The bridge to a neighbour. */
export interface BridgeState {
  readonly peer: string
  /** True if a message such as this one finds no room. */
  readonly isFull: boolean
  /** Messages given to the bridge that the peer has not acknowledged, and their bytes. */
  readonly messagesPending: number
  readonly bytesPending: number
}

/** All that decides; of one moment, and not to be kept across turns. */
export interface RouteView {
  readonly self: string
  readonly hopsMax: number
  /** The routes of the destination, and those of one that no filter keeps back. */
  readonly table: RouteTable
  readonly unfiltered: RouteTable
  readonly demand: Pick<
    DemandTable,
    | 'matching'
    | 'version'
    | 'brokersForTopic'
    | 'brokersFullOfTopic'
    | 'choosyForTopic'
    | 'demandForQueue'
  >
  readonly here: readonly ConsumerHere[]
  /** Of a queue: those with demand and a path. */
  readonly candidates: readonly QueueCandidate[]
  records(): Iterable<BrokerRecord>
  record(broker: string): BrokerRecord | undefined
  isReachable(broker: string): boolean
  bridgeTo(peer: string): BridgeState | undefined
  /** True while a message such as this one would wait behind others for that broker. */
  isBehindParked(broker: string): boolean
}

/** A pattern that somebody wants. */
export interface WantedPattern {
  readonly pattern: string
  readonly weight: number
  readonly isDurable: boolean
  /** Of all consumers there; none if one of them takes everything. */
  readonly selectors: readonly string[]
}

/** What one broker has to do with the message. */
export interface BrokerRoute {
  readonly broker: string
  readonly reason: RouteReason
  /** Of a queue: whose turn it is, 1 first; equal for those that share. Else null. */
  readonly rank: number | null
  /** What it wants that matches, the first of them. */
  readonly wants: readonly WantedPattern[]
  /** How many more patterns match. */
  readonly wantsLeft: number
  /** As routing counts it: 0 for full; null if it is not wanted. */
  readonly weight: number | null
  /** True if this is remembered of a broker that is away, and not what it says now. */
  readonly isKept: boolean
  readonly isReachable: boolean
  readonly nextHop: string | null
  /** Null without a way. */
  readonly cost: number | null
  /** Brokers crossed, the last one the broker itself, each with the cost of the bridge to it. */
  readonly path: Way['steps']
  /** How often the message must set out anew because it has crossed `hopsMax` bridges. */
  readonly newJourneys: number
  /** What keeps it from a cheaper way, or from any. */
  readonly obstacles: readonly Obstacle[]
}

/** Where a message would go. */
export interface RouteExplanation {
  /** The broker where it is published. */
  readonly broker: string
  readonly hopsMax: number
  /** A queue's message goes to one of these brokers, a topic's to all; none if it waits or ends. */
  readonly goesTo: readonly string[]
  /** True while producers of the topic are held back because brokers behind it are full. */
  readonly isHeldBack: boolean
  readonly here: readonly (Omit<ConsumerHere, 'filter'> & {
    readonly selector: string
    readonly takes: boolean
  })[]
  /** Bridges on the ways to those who want it. */
  readonly bridges: readonly BridgeState[]
  /** Every broker known, this one first, then those that want it. */
  readonly brokers: readonly BrokerRoute[]
}

/** Patterns shown of one broker. */
const wantsMax = 16

/** See the top of this file. */
export function explainRoute(view: RouteView, message: Message): RouteExplanation {
  const { self, hopsMax } = view
  const brokers = new RouteExplainer(view, message).brokers()
  const peers = new Set<string>()
  for (const { weight, nextHop } of brokers) {
    if (weight !== null && nextHop !== null) peers.add(nextHop)
  }
  const bridges = [...peers].sort().flatMap((peer) => view.bridgeTo(peer) ?? [])
  const isTopic = message.destination.kind === 'topic'
  return {
    broker: self,
    hopsMax,
    goesTo: brokers.filter(isGoingThere).map(({ broker }) => broker),
    isHeldBack: isTopic && brokers.some(({ weight, nextHop }) => weight === 0 && nextHop !== null),
    here: view.here.map(({ filter, credit, isDurable }) => {
      return { selector: filter?.text ?? '', credit, isDurable, takes: takes({ filter }, message) }
    }),
    bridges,
    brokers
  }
}

function isGoingThere({ reason, rank }: BrokerRoute): boolean {
  return reason === 'sent' || (reason === 'here' && (rank === null || rank === 1))
}

function takes({ filter }: Pick<ConsumerHere, 'filter'>, message: Message): boolean {
  return filter === undefined || filter.matches(message)
}

class RouteExplainer {
  private readonly view: RouteView
  private readonly message: Message
  private readonly isQueue: boolean
  private readonly wants = new Map<string, DemandMatch[]>()
  /** What those who want it say of their room, as routing counts it. */
  private readonly weights = new Map<string, number>()
  private readonly ranks: ReadonlyMap<string, number>
  private readonly ways: WayFinder

  constructor(view: RouteView, message: Message) {
    const { demand } = view
    const { kind, name } = message.destination
    this.view = view
    this.message = message
    this.isQueue = kind === 'queue'
    for (const match of demand.matching(this.isQueue ? 'queue' : 'topic', name)) {
      const known = this.wants.get(match.broker)
      if (known === undefined) this.wants.set(match.broker, [match])
      else known.push(match)
    }
    if (this.isQueue) {
      for (const { broker, weight } of demand.demandForQueue(name)) this.weights.set(broker, weight)
    } else this.weighTopic(name)
    this.ranks = this.isQueue ? ranksOf(view, message) : new Map()
    this.ways = new WayFinder({ ...view, destination: message.destination })
  }

  brokers(): BrokerRoute[] {
    const { self } = this.view
    const names = new Set(this.weights.keys())
    for (const { broker } of this.view.records()) names.add(broker)
    names.delete(self)
    const others = [...names].map((broker) => this.routeTo(broker))
    return [this.routeHere(), ...others.sort(byInterest)]
  }

  private weighTopic(name: string): void {
    const { demand } = this.view
    const full = demand.brokersFullOfTopic(name)
    for (const broker of demand.brokersForTopic(name)) {
      let largest = 0
      for (const { weight } of this.wants.get(broker) ?? []) largest = Math.max(largest, weight)
      this.weights.set(broker, full.has(broker) ? 0 : largest)
    }
  }

  private routeHere(): BrokerRoute {
    const { self, here } = this.view
    const takers = here.filter((consumer) => takes(consumer, this.message))
    let reason: RouteReason = 'here'
    if (here.length === 0) reason = 'no-consumers'
    else if (takers.length === 0) reason = 'selector'
    else if (!takers.some(({ credit }) => credit > 0)) reason = 'here-later'
    return {
      ...{ broker: self, reason, rank: this.ranks.get(self) ?? null, wants: [], wantsLeft: 0 },
      ...{ weight: null, isKept: false, isReachable: true, nextHop: null, cost: 0, path: [] },
      ...{ newJourneys: 0, obstacles: [] }
    }
  }

  private routeTo(broker: string): BrokerRoute {
    const { demand, hopsMax } = this.view
    const way = this.ways.wayTo(broker)
    const { steps: path, obstacles } = way
    const nextHop = path[0]?.broker
    const wants = this.wants.get(broker) ?? []
    const newJourneys = Math.max(0, Math.ceil(path.length / hopsMax) - 1)
    return {
      broker,
      reason: this.reasonFor(broker, way, newJourneys),
      rank: this.ranks.get(broker) ?? null,
      wants: wants.slice(0, wantsMax).map(({ pattern, weight, isDurable, selectors = [] }) => {
        return { pattern, weight, isDurable, selectors }
      }),
      wantsLeft: Math.max(0, wants.length - wantsMax),
      weight: this.weights.get(broker) ?? null,
      isKept: wants.length > 0 && demand.version(broker) === undefined,
      isReachable: this.view.isReachable(broker),
      nextHop: nextHop ?? null,
      cost: nextHop === undefined ? null : way.cost,
      ...{ path, newJourneys, obstacles }
    }
  }

  private reasonFor(broker: string, way: Way, newJourneys: number): RouteReason {
    const { view } = this
    if (!this.weights.has(broker)) {
      const isUnheard = view.isReachable(broker) && view.demand.version(broker) === undefined
      return isUnheard ? 'unheard' : 'no-consumers'
    }
    if (this.isLeftOut(broker)) return 'selector'
    if (!view.isReachable(broker)) return 'away'
    if (way.steps.length === 0) {
      const isNoWay = way.obstacles.some(({ kind }) => kind !== 'filter')
      return isNoWay ? 'no-route' : 'filtered'
    }
    if (newJourneys > promptJourneysMax) return 'hop-limit'
    const bridge = view.bridgeTo(way.steps[0]!.broker)
    if (bridge === undefined) return 'bridge-gone'
    if (this.isQueue) return this.queueReason(broker, bridge)
    if (view.isBehindParked(broker)) return 'behind-parked'
    return bridge.isFull ? 'bridge-full' : 'sent'
  }

  /** True if all that the broker wants has selectors, and none of them matches. */
  private isLeftOut(broker: string): boolean {
    const { demand } = this.view
    const { name } = this.message.destination
    if (!this.isQueue) return !passesAny(demand.choosyForTopic(name)?.get(broker), this.message)
    const wish = demand.demandForQueue(name).find((one) => one.broker === broker)
    return !passesAny(filtersOf(wish?.selectors), this.message)
  }

  private queueReason(broker: string, { isFull }: BridgeState): RouteReason {
    const rank = this.ranks.get(broker)
    if (rank !== undefined) return rank === 1 ? 'sent' : 'next'
    if (this.weights.get(broker) === 0) return 'consumers-full'
    return isFull ? 'bridge-full' : 'no-credit'
  }
}

/** A consumer as far as the choice among consumers is concerned. */
class StandIn implements Consumer {
  readonly broker: string
  credit: number
  readonly filter: MessageFilter | undefined
  readonly cost: number
  readonly settlesOnDispatch = true

  constructor(broker: string, terms: Pick<QueueCandidate, 'credit' | 'filter' | 'cost'>) {
    this.broker = broker
    this.credit = terms.credit
    this.filter = terms.filter
    this.cost = terms.cost
  }

  /** Nothing is delivered to it. */
  deliver(): void {}
}

/**
 * In which order brokers would be given a queue's message, 1 first; equal for those that share, as
 * brokers of equal cost do. The set of consumers is asked itself, again and again without those
 * that it chose.
 */
function ranksOf(
  { self, here, candidates }: RouteView,
  message: Message
): ReadonlyMap<string, number> {
  const set = new ConsumerSet()
  for (const consumer of here) set.add(new StandIn(self, { ...consumer, cost: 0 }))
  for (const candidate of candidates) set.add(new StandIn(candidate.broker, candidate))
  const ranks = new Map<string, number>()
  let rank = 0
  let cost = Number.NEGATIVE_INFINITY
  for (;;) {
    const picked = set.pick(message, false) as StandIn | undefined
    if (picked === undefined) return ranks
    if (picked.cost !== cost) rank += 1
    cost = picked.cost
    picked.credit = 0
    ranks.set(picked.broker, rank)
  }
}

function byInterest(a: BrokerRoute, b: BrokerRoute): number {
  if ((a.weight === null) !== (b.weight === null)) return a.weight === null ? 1 : -1
  const byRank = (a.rank ?? Number.MAX_SAFE_INTEGER) - (b.rank ?? Number.MAX_SAFE_INTEGER)
  if (byRank !== 0) return byRank
  const byCost = (a.cost ?? Number.MAX_SAFE_INTEGER) - (b.cost ?? Number.MAX_SAFE_INTEGER)
  return byCost !== 0 ? byCost : a.broker < b.broker ? -1 : 1
}

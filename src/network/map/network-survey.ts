// Looks at a network that is only planned: who reaches whom, by which way, what that depends on,
// and what changes when parts of it are lost. It asks the same route tables that brokers route by.

import type { BrokerRecord, ForwardFilterSpec } from './broker-record.ts'
import { blockedFor, type DestinationClass, destinationClasses } from './destination-classes.ts'
import { ForwardFilter } from './forward-filter.ts'
import { LinkGraph } from './link-graph.ts'
import { RouteTable } from './route-table.ts'
import { findSinglePoints, type SinglePoint } from './single-points.ts'
import { type Obstacle, WayFinder } from './way-finder.ts'

/** A network, as its brokers would describe it. */
export interface PlannedNetwork {
  /** Of all brokers, both ends of each bridge listed. */
  readonly records: readonly BrokerRecord[]
  /** Bridges a message may cross before a broker has it set out anew. */
  hopsMax(broker: string): number
}

/** The way from one broker to another. */
export interface SurveyedWay {
  readonly from: string
  readonly to: string
  readonly hops: number
  readonly cost: number
  /** All brokers on it. */
  readonly path: readonly string[]
}

/** Two brokers without a way from the one to the other. */
export interface CutPair {
  readonly from: string
  readonly to: string
  /** What is between them; nothing where no bridge at all joins them. */
  readonly obstacles: readonly Obstacle[]
}

/** What is true of a class of destinations. */
export interface ClassSurvey {
  readonly of: DestinationClass['of']
  /** Pairs with a way, each direction counted. */
  readonly pairs: number
  readonly hopsMean: number
  /** The way over most bridges, of those the dearest; null if there is none at all. */
  readonly longest: SurveyedWay | null
  readonly cutPairs: number
  /** The first of them. */
  readonly cut: readonly CutPair[]
  /** Null if the search for them would take too long. */
  readonly singlePoints: readonly SinglePoint[] | null
  /** The longest way on which each broker would let a message set out anew. */
  readonly overlong: readonly OverlongWay[]
  /** Brokers that carry nothing for others and stand between some, and between how many pairs. */
  readonly noTransit: readonly { readonly broker: string; readonly pairs: number }[]
}

/** A way longer than a broker on it lets a message go. */
export interface OverlongWay extends SurveyedWay {
  readonly broker: string
  readonly hopsMax: number
}

/** A way, and the one that is left instead. */
export interface ChangedWay {
  readonly before: SurveyedWay
  readonly after: SurveyedWay
}

/** What a loss changes for a class of destinations. */
export interface ClassLoss {
  readonly of: DestinationClass['of']
  /** Pairs that do not reach each other any more. */
  readonly lostPairs: number
  /** The first of them. */
  readonly lost: readonly { readonly from: string; readonly to: string }[]
  /** Pairs whose way is another one. */
  readonly changedPairs: number
  /** Those that become dearest, first. */
  readonly changed: readonly ChangedWay[]
  /** The way over most bridges then, of those the dearest; null if none is left. */
  readonly longest: SurveyedWay | null
}

/** What is taken away: brokers, and bridges by the names of their ends. */
export interface PlannedLoss {
  readonly brokers: ReadonlySet<string>
  readonly bridges: readonly (readonly [string, string])[]
}

/** Pairs listed of one kind. */
const pairsMax = 1_000

/** Looks at a network as it is. */
export function surveyNetwork(network: PlannedNetwork): ClassSurvey[] {
  const graph = graphOf(network.records)
  return destinationClasses(graph, network.records).map((one) => surveyClass(network, graph, one))
}

/** What changes when brokers and bridges are taken away from a network. */
export function surveyLoss({ records }: PlannedNetwork, loss: PlannedLoss): ClassLoss[] {
  const before = graphOf(records)
  const after = graphOf(recordsWithout(records, loss))
  return destinationClasses(before, records).map(({ of, destination, blocked }) => {
    const blockedAfter = blockedFor(after, destination)
    const tally = new LossTally()
    for (const from of after.names) {
      const tableBefore = new RouteTable(before, from, blocked)
      const tableAfter = new RouteTable(after, from, blockedAfter)
      for (const to of tableBefore.targets()) {
        if (after.numberOf(to) === undefined) continue
        const way = wayOf(tableBefore, from, to)
        if (tableAfter.nextHop(to) === undefined) tally.addLost(way)
        else tally.add(way, wayOf(tableAfter, from, to))
      }
    }
    return { of, ...tally.result() }
  })
}

/** What is left of a network, as its brokers would describe it then. */
export function recordsWithout(
  records: readonly BrokerRecord[],
  { brokers, bridges }: PlannedLoss
): BrokerRecord[] {
  const isLost = (a: string, b: string): boolean =>
    brokers.has(b) || bridges.some(([x, y]) => (x === a && y === b) || (x === b && y === a))
  return records
    .filter(({ broker }) => !brokers.has(broker))
    .map((record) => {
      const left = record.bridges.filter(({ peer }) => !isLost(record.broker, peer))
      return { ...record, bridges: left }
    })
}

function surveyClass(
  { records, hopsMax }: PlannedNetwork,
  graph: LinkGraph,
  { of, destination, blocked }: DestinationClass
): ClassSurvey {
  const tally = new Tally(hopsMax)
  const byName = new Map(records.map((record) => [record.broker, record]))
  for (const from of graph.names) {
    const table = new RouteTable(graph, from, blocked)
    for (const to of table.targets()) tally.addWay(wayOf(table, from, to))
    if (table.targets().length + 1 === graph.names.length) continue
    const ways = new WayFinder({
      ...{ self: from, destination, table },
      unfiltered: blocked === undefined ? table : new RouteTable(graph, from),
      records: () => records,
      record: (name) => byName.get(name)
    })
    for (const to of graph.names) {
      if (to === from || table.nextHop(to) !== undefined) continue
      tally.addCut({ from, to, obstacles: ways.wayTo(to).obstacles })
    }
  }
  return { of, ...tally.result(), singlePoints: findSinglePoints(graph, blocked) ?? null }
}

/** Adds up what a loss changes. */
class LossTally {
  private lostPairs = 0
  private readonly lost: { readonly from: string; readonly to: string }[] = []
  private changedPairs = 0
  private changed: ChangedWay[] = []
  private longest: SurveyedWay | null = null

  addLost({ from, to }: SurveyedWay): void {
    this.lostPairs += 1
    if (this.lost.length < pairsMax) this.lost.push({ from, to })
  }

  add(before: SurveyedWay, after: SurveyedWay): void {
    if (this.longest === null || isLonger(after, this.longest)) this.longest = after
    if (before.path.join() === after.path.join()) return
    this.changedPairs += 1
    this.changed.push({ before, after })
    if (this.changed.length >= 20 * pairsMax) this.changed = this.worst()
  }

  result(): Omit<ClassLoss, 'of'> {
    const { lostPairs, lost, changedPairs, longest } = this
    return { lostPairs, lost, changedPairs, changed: this.worst(), longest }
  }

  private worst(): ChangedWay[] {
    const sorted = this.changed.sort((a, b) => dearer(b) - dearer(a) || b.after.hops - a.after.hops)
    return sorted.slice(0, pairsMax)
  }
}

/** Adds up what is true of all pairs. */
class Tally {
  private readonly hopsMax: (broker: string) => number
  private pairs = 0
  private hops = 0
  private longest: SurveyedWay | null = null
  private cutPairs = 0
  private readonly cut: CutPair[] = []
  private readonly overlong = new Map<string, OverlongWay>()
  private readonly noTransit = new Map<string, number>()

  constructor(hopsMax: (broker: string) => number) {
    this.hopsMax = hopsMax
  }

  addWay(way: SurveyedWay): void {
    const { hops, path } = way
    this.pairs += 1
    this.hops += hops
    if (this.longest === null || isLonger(way, this.longest)) this.longest = way
    for (const [crossed, broker] of path.entries()) {
      // Where it ends it need not go on.
      if (crossed === hops) break
      const hopsMax = this.hopsMax(broker)
      const known = this.overlong.get(broker)
      if (crossed < hopsMax || (known !== undefined && !isLonger(way, known))) continue
      this.overlong.set(broker, { ...way, broker, hopsMax })
    }
  }

  addCut(pair: CutPair): void {
    this.cutPairs += 1
    if (this.cut.length < pairsMax) this.cut.push(pair)
    for (const obstacle of pair.obstacles) {
      if (obstacle.kind !== 'no-transit') continue
      const { broker } = obstacle
      this.noTransit.set(broker, (this.noTransit.get(broker) ?? 0) + 1)
    }
  }

  result(): Omit<ClassSurvey, 'of' | 'singlePoints'> {
    const { pairs, longest, cutPairs, cut } = this
    const noTransit = [...this.noTransit].map(([broker, count]) => ({ broker, pairs: count }))
    return {
      ...{ pairs, longest, cutPairs, cut },
      hopsMean: pairs === 0 ? 0 : this.hops / pairs,
      overlong: [...this.overlong.values()].sort((a, b) => (a.broker < b.broker ? -1 : 1)),
      noTransit: noTransit.sort((a, b) => b.pairs - a.pairs || (a.broker < b.broker ? -1 : 1))
    }
  }
}

function graphOf(records: readonly BrokerRecord[]): LinkGraph {
  const filters = new Map<ForwardFilterSpec, ForwardFilter>()
  return new LinkGraph(records, (spec) => {
    const known = filters.get(spec)
    if (known !== undefined) return known
    const made = new ForwardFilter(spec)
    filters.set(spec, made)
    return made
  })
}

function wayOf(table: RouteTable, from: string, to: string): SurveyedWay {
  return { from, to, hops: table.hopsTo(to), cost: table.costTo(to), path: table.pathTo(to) }
}

function isLonger(a: SurveyedWay, b: SurveyedWay): boolean {
  return a.hops > b.hops || (a.hops === b.hops && a.cost > b.cost)
}

function dearer({ before, after }: ChangedWay): number {
  return after.cost - before.cost
}

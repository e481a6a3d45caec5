// The graph that a set of broker records describes, numbered for fast walks. A bridge is a link
// only if the records of both ends list it, so that a broker cut off on one side is not routed to.
// The graph is immutable, and equal records give an equal graph at every broker: brokers are
// numbered in order of their names, and lengths depend on nothing but names and costs.

import { mark } from '../../base/index.ts'
import type { BridgeRecord, BrokerRecord, ForwardFilterSpec } from './broker-record.ts'
import type { ForwardFilter, RoutedDestination } from './forward-filter.ts'
import { endTo } from './record-ends.ts'

/** Most brokers in a map. It bounds the hops of a path, which keeps lengths exact; see below. */
export const brokersMax = 8_192

/**
 * Length of a link of cost 1 without its jitter. A length is cost × 2^24 + jitter, jitter < 2^10. A
 * path has fewer than 2^13 hops, so its jitters sum to less than 2^23 and never outweigh one unit
 * of cost; and 2^13 hops of the largest cost stay below 2^53, where numbers are exact. So the
 * shortest path is always one of least cost, and jitter only chooses among those, everywhere alike.
 */
export const lengthOfCost1 = 2 ** 24
const jitterShift = 22

/** The cost of a path of that length; Infinity for none. */
export function costOfLength(length: number): number {
  return Math.floor(length / lengthOfCost1)
}

/** A bridge that both ends list. */
export interface Link {
  /** Position among all links of the graph. */
  readonly index: number
  /** Numbers of the two ends; the name of `low` sorts first. */
  readonly low: number
  readonly high: number
  readonly length: number
  /** Whether `low` sends messages to `high`, and the other way round. */
  readonly lowSends: boolean
  readonly highSends: boolean
  /** Filters of both ends; a destination must pass all. */
  readonly filters: readonly ForwardFilter[]
}

/** Brokers and the links among them. */
export class LinkGraph {
  /** Broker names by number, in order. */
  readonly names: readonly string[]
  readonly isTransit: readonly boolean[]
  readonly links: readonly Link[]
  /** Links of each broker, by its number. */
  readonly linksAt: readonly (readonly Link[])[]
  private readonly numbers = new Map<string, number>()

  /**
   * @param filterFor the ready filter of a spec; asked anew for each graph, so it should remember
   */
  constructor(
    records: Iterable<BrokerRecord>,
    filterFor: (spec: ForwardFilterSpec) => ForwardFilter
  ) {
    const sorted = [...records].sort((a, b) => (a.broker < b.broker ? -1 : 1))
    this.names = sorted.map((record) => record.broker)
    this.isTransit = sorted.map((record) => record.isTransit)
    for (const [number, name] of this.names.entries()) this.numbers.set(name, number)
    const links: Link[] = []
    const linksAt: Link[][] = sorted.map(() => [])
    for (const [low, lowName] of this.names.entries()) {
      for (const lowEnd of sorted[low]!.bridges) {
        const { peer } = lowEnd
        const high = this.numbers.get(peer)
        const highEnd = high === undefined ? undefined : endTo(sorted[high]!, lowName)
        if (high === undefined) mark('map-link-to-unknown-broker')
        else if (highEnd === undefined) mark('map-link-of-one-end-only')
        if (high === undefined || high < low || highEnd === undefined) continue
        const link: Link = {
          index: links.length,
          low,
          high,
          length: linkLength(lowName, peer, Math.max(lowEnd.cost, highEnd.cost)),
          lowSends: lowEnd.sends,
          highSends: highEnd.sends,
          filters: filtersOf([lowEnd, highEnd], filterFor)
        }
        links.push(link)
        linksAt[low]!.push(link)
        linksAt[high]!.push(link)
      }
    }
    this.links = links
    this.linksAt = linksAt
  }

  /** The number of a broker; undefined for one without a record. */
  numberOf(broker: string): number | undefined {
    return this.numbers.get(broker)
  }
}

/** The number at the other end of the link. */
export function otherEnd(link: Link, end: number): number {
  return link.low === end ? link.high : link.low
}

/** True when the broker at `end` sends messages over the link. */
export function sendsFrom(link: Link, end: number): boolean {
  return link.low === end ? link.lowSends : link.highSends
}

/** True when the filters of both ends let the destination cross. */
export function admitsAcross(link: Link, destination: RoutedDestination): boolean {
  for (const filter of link.filters) if (!filter.admits(destination)) return false
  return true
}

const noFilters: readonly ForwardFilter[] = []

function filtersOf(
  ends: readonly BridgeRecord[],
  filterFor: (spec: ForwardFilterSpec) => ForwardFilter
): readonly ForwardFilter[] {
  const specs = ends.flatMap(({ filter }) => {
    // Many bridges carry a filter that lists nothing: as good as none, and routed without asking.
    const isOpen = filter === undefined || filter.include.length + filter.exclude.length === 0
    return isOpen ? [] : [filter]
  })
  return specs.length === 0 ? noFilters : specs.map(filterFor)
}

function linkLength(low: string, high: string, cost: number): number {
  return cost * lengthOfCost1 + (fnv1a32(`${low}\n${high}`) >>> jitterShift)
}

/** FNV-1a over the code units of ASCII text, 32 bits. */
function fnv1a32(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return hash >>> 0
}

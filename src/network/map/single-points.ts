// Finds the brokers and bridges of a network whose loss cuts others off from each other. It loses
// one after the other and walks the same shortest paths as routes do.

import { type Link, type LinkGraph, otherEnd, sendsFrom } from './link-graph.ts'
import { findShortestPaths, type ShortestPaths } from './shortest-paths.ts'

/** A broker, or a bridge, that others depend on. */
export interface SinglePoint {
  readonly kind: 'broker' | 'bridge'
  /** A broker's name, or those of a bridge's ends. */
  readonly ends: readonly string[]
  /** How many pairs, each direction counted, do not reach each other without it. */
  readonly pairs: number
  /** One of them. */
  readonly from: string
  readonly to: string
}

/** Brokers visited in search of single points, at most: some tens of seconds. */
const visitsMaxDefault = 200_000_000

/**
 * Those that cut off most first.
 * @param blocked non-zero at the index of each link not to use; undefined blocks none
 * @param visitsMax how much work it may be
 * @returns undefined if it would take too long: a very large network, not alike in both directions
 */
export function findSinglePoints(
  graph: LinkGraph,
  blocked: Uint8Array | undefined,
  visitsMax = visitsMaxDefault
): SinglePoint[] | undefined {
  const search = new Search(graph, blocked)
  const losses = search.isSymmetric ? search.bySides() : search.bySources(visitsMax)
  if (losses === undefined) return undefined
  const points: SinglePoint[] = []
  for (const { brokers, link, pairs, from, to } of losses) {
    if (pairs === 0) continue
    const ends = brokers.map((number) => graph.names[number]!)
    const kind = link === undefined ? 'broker' : 'bridge'
    points.push({ kind, ends, pairs, from: graph.names[from]!, to: graph.names[to]! })
  }
  return points.sort((a, b) => b.pairs - a.pairs || (a.ends.join() < b.ends.join() ? -1 : 1))
}

/** What is lost, and what follows. */
interface Loss {
  /** The broker, or the ends of the bridge. */
  readonly brokers: readonly number[]
  /** Undefined for a broker. */
  readonly link: Link | undefined
  pairs: number
  from: number
  to: number
}

class Search {
  /** True if every way leads back as well. */
  readonly isSymmetric: boolean
  private readonly graph: LinkGraph
  private readonly blocked: Uint8Array

  constructor(graph: LinkGraph, blocked: Uint8Array | undefined) {
    this.graph = graph
    this.blocked = blocked ?? new Uint8Array(graph.links.length)
    this.isSymmetric =
      graph.isTransit.every(Boolean) &&
      graph.links.every(({ lowSends, highSends }) => lowSends && highSends)
  }

  /** For each loss, the sides that the rest falls into: none reaches another one. */
  bySides(): Loss[] {
    const sideOf = new Map<number, readonly number[]>()
    for (const side of this.sides(undefined)) for (const at of side) sideOf.set(at, side)
    return this.losses().map((loss) => {
      const lost = loss.link === undefined ? loss.brokers[0] : undefined
      const among = sideOf.get(loss.brokers[0]!)!.filter((number) => number !== lost)
      const walked = this.without(loss, () => this.sides(among))
      const total = walked.reduce((sum, side) => sum + side.length, 0)
      for (const side of walked) loss.pairs += side.length * (total - side.length)
      if (walked.length < 2) return loss
      loss.from = walked[0]![0]!
      loss.to = walked[1]![0]!
      return loss
    })
  }

  /** For each source, what it does not reach without something that its own ways lead over. */
  bySources(visitsMax: number): Loss[] | undefined {
    const { graph } = this
    const losses = this.losses()
    const ofBroker = losses.filter(({ link }) => link === undefined)
    const ofLink = losses.filter(({ link }) => link !== undefined)
    let visits = 0
    for (const source of graph.names.keys()) {
      const paths = findShortestPaths(graph, source, this.blocked)
      const isInner = new Set(paths.reached.map((at) => paths.previous[at]!))
      const tried: Loss[] = []
      for (const at of paths.reached.slice(1)) {
        const link = this.linkInto(at, paths)
        const loss = ofLink[link.index]!
        if (isInner.has(at)) tried.push(loss, ofBroker[at]!)
        // Where ways end nothing else depends on the bridge.
        else if (!this.hasOtherWayIn(at, link, paths)) count(loss, source, at)
      }
      visits += tried.length * graph.names.length
      if (visits > visitsMax) return undefined
      for (const loss of tried) this.countFrom(source, paths, loss)
    }
    return losses
  }

  private losses(): Loss[] {
    const { names, links } = this.graph
    const none = { pairs: 0, from: 0, to: 0 }
    return [
      ...[...names.keys()].map((at): Loss => ({ brokers: [at], link: undefined, ...none })),
      ...links.map((link): Loss => ({ brokers: [link.low, link.high], link, ...none }))
    ]
  }

  private countFrom(source: number, paths: ShortestPaths, loss: Loss): void {
    const lost = loss.link === undefined ? loss.brokers[0] : undefined
    const left = this.without(loss, () => findShortestPaths(this.graph, source, this.blocked))
    for (const to of paths.reached) {
      if (to === lost || left.lengths[to] !== Number.POSITIVE_INFINITY) continue
      count(loss, source, to)
    }
  }

  private without<T>({ link, brokers }: Loss, work: () => T): T {
    const links = link === undefined ? this.graph.linksAt[brokers[0]!]! : [link]
    const usable = links.filter(({ index }) => this.blocked[index] === 0)
    for (const { index } of usable) this.blocked[index] = 1
    const result = work()
    for (const { index } of usable) this.blocked[index] = 0
    return result
  }

  /** Brokers in groups that reach each other; of all, or of those given. */
  private sides(among: readonly number[] | undefined): number[][] {
    const left = new Set(among ?? this.graph.names.keys())
    const sides: number[][] = []
    for (const start of left) {
      const { reached } = findShortestPaths(this.graph, start, this.blocked)
      for (const number of reached) left.delete(number)
      sides.push([...reached])
    }
    return sides
  }

  private linkInto(at: number, paths: ShortestPaths): Link {
    const before = paths.previous[at]!
    return this.graph.linksAt[at]!.find((link) => otherEnd(link, at) === before)!
  }

  private hasOtherWayIn(at: number, used: Link, { lengths, reached }: ShortestPaths): boolean {
    return this.graph.linksAt[at]!.some((link) => {
      const before = otherEnd(link, at)
      if (link === used || this.blocked[link.index] === 1 || !sendsFrom(link, before)) return false
      if (lengths[before] === Number.POSITIVE_INFINITY) return false
      return before === reached[0] || this.graph.isTransit[before]!
    })
  }
}

function count(loss: Loss, from: number, to: number): void {
  if (loss.pairs === 0) {
    loss.from = from
    loss.to = to
  }
  loss.pairs += 1
}

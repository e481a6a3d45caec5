// Where one broker sends what is for another: next hops over least-cost paths, and loop-free
// alternates for the moment a bridge dies. A table is made from one state of the map for one set of
// usable links and never changes. If all brokers hold the same map, then following any next hop of
// every broker lowers the cost left at each step, so messages cannot go in a circle.

import { assert } from '../../base/index.ts'
import { costOfLength, type Link, type LinkGraph, otherEnd, sendsFrom } from './link-graph.ts'
import { findShortestPaths, type ShortestPaths } from './shortest-paths.ts'

const noHops: readonly string[] = []

/** Routes from one broker to all others. */
export class RouteTable {
  private readonly graph: LinkGraph
  private readonly self: number
  private readonly blocked: Uint8Array | undefined
  private readonly paths: ShortestPaths
  /** First hop of the shortest path and its hops, by broker number. */
  private readonly firstHops: Int32Array
  private readonly hops: Int32Array
  private equalHops: (readonly string[])[] | undefined = undefined
  private readonly alternatesByTarget = new Map<number, readonly string[]>()
  /** Lengths from a neighbour to every broker, found when alternates are first asked for. */
  private readonly lengthsFrom = new Map<number, Float64Array>()

  /**
   * @param self name of the broker the routes start at; it must be in the graph
   * @param blocked non-zero at the index of each link not to use; undefined blocks none
   */
  constructor(graph: LinkGraph, self: string, blocked?: Uint8Array) {
    const number = graph.numberOf(self)
    assert(number !== undefined, 'a route table starts at a broker of the graph')
    this.graph = graph
    this.self = number
    this.blocked = blocked
    this.paths = findShortestPaths(graph, number, blocked)
    this.firstHops = new Int32Array(graph.names.length).fill(-1)
    this.hops = new Int32Array(graph.names.length)
    for (const at of this.paths.reached) {
      if (at === number) continue
      const before = this.paths.previous[at]!
      this.firstHops[at] = before === number ? at : this.firstHops[before]!
      this.hops[at] = this.hops[before]! + 1
    }
  }

  /**
   * Cost of the cheapest path, the sum of its bridges' costs; 0 to itself, Infinity without a path.
   */
  costTo(target: string): number {
    const number = this.graph.numberOf(target)
    return number === undefined
      ? Number.POSITIVE_INFINITY
      : costOfLength(this.paths.lengths[number]!)
  }

  /** Bridges crossed on the chosen path; 0 to itself, Infinity without a path. */
  hopsTo(target: string): number {
    const number = this.graph.numberOf(target)
    if (number === undefined || this.paths.lengths[number] === Number.POSITIVE_INFINITY) {
      return Number.POSITIVE_INFINITY
    }
    return this.hops[number]!
  }

  /** The neighbour to hand a message for `target` to; undefined without a path and for itself. */
  nextHop(target: string): string | undefined {
    const number = this.graph.numberOf(target)
    if (number === undefined) return undefined
    const hop = this.firstHops[number]!
    return hop < 0 ? undefined : this.graph.names[hop]
  }

  /** The brokers on the chosen path, this one first and `target` last; empty without a path. */
  pathTo(target: string): readonly string[] {
    const { paths, graph, self } = this
    let at = graph.numberOf(target)
    if (at === undefined || paths.lengths[at] === Number.POSITIVE_INFINITY) return noHops
    const path = [graph.names[at]!]
    while (at !== self) {
      at = paths.previous[at]!
      path.push(graph.names[at]!)
    }
    return path.reverse()
  }

  /** {@link nextHop}, then the other neighbours on paths of the same cost, by name. */
  nextHops(target: string): readonly string[] {
    const number = this.graph.numberOf(target)
    if (number === undefined) return noHops
    this.equalHops ??= this.findEqualHops()
    return this.equalHops[number] ?? noHops
  }

  /**
   * Neighbours, none of them in {@link nextHops}, whose own cheapest paths to `target` do not lead
   * back here: safe to use at once when the next hop is lost, before others know. Cheapest first.
   */
  alternates(target: string): readonly string[] {
    const number = this.graph.numberOf(target)
    if (number === undefined || this.firstHops[number]! < 0) return noHops
    let alternates = this.alternatesByTarget.get(number)
    if (alternates === undefined) {
      alternates = this.findAlternates(number)
      this.alternatesByTarget.set(number, alternates)
    }
    return alternates
  }

  /** Every other broker with a path to it, nearest first. */
  targets(): readonly string[] {
    return this.paths.reached.slice(1).map((number) => this.graph.names[number]!)
  }

  private isUsable(link: Link, from: number): boolean {
    if (!sendsFrom(link, from) || this.blocked?.[link.index] === 1) return false
    return from === this.self || this.graph.isTransit[from]!
  }

  /** Walks outwards: the equal hops of a broker are those of all brokers that can precede it. */
  private findEqualHops(): (readonly string[])[] {
    const { graph, self, paths } = this
    const byNumber = new Array<Set<number> | undefined>(graph.names.length)
    const names = new Array<readonly string[]>(graph.names.length)
    for (const at of paths.reached) {
      if (at === self) continue
      const cost = costOfLength(paths.lengths[at]!)
      const hops = new Set<number>([this.firstHops[at]!])
      for (const link of graph.linksAt[at]!) {
        const before = otherEnd(link, at)
        if (!this.isUsable(link, before)) continue
        if (costOfLength(paths.lengths[before]!) + costOfLength(link.length) !== cost) continue
        if (before === self) hops.add(at)
        else for (const hop of byNumber[before]!) hops.add(hop)
      }
      byNumber[at] = hops
      const [first, ...others] = hops
      names[at] = [first!, ...others.sort((a, b) => a - b)].map((hop) => graph.names[hop]!)
    }
    return names
  }

  /**
   * Compares costs, not lengths: a neighbour may use any of its equal hops, so a path back through
   * here that costs the neighbour the same must count as a loop.
   */
  private findAlternates(target: number): readonly string[] {
    const { graph, self, paths } = this
    const costFromSelf = costOfLength(paths.lengths[target]!)
    const nextHops = new Set(this.nextHops(graph.names[target]!))
    const found: { readonly name: string; readonly cost: number }[] = []
    for (const link of graph.linksAt[self]!) {
      const neighbour = otherEnd(link, self)
      const name = graph.names[neighbour]!
      if (!this.isUsable(link, self) || nextHops.has(name)) continue
      if (neighbour !== target && !graph.isTransit[neighbour]) continue
      const lengths = this.lengthsFromNeighbour(neighbour)
      const cost = costOfLength(lengths[target]!)
      if (cost >= costOfLength(lengths[self]!) + costFromSelf) continue
      found.push({ name, cost: cost + costOfLength(link.length) })
    }
    found.sort((a, b) => a.cost - b.cost || (a.name < b.name ? -1 : 1))
    return found.map((alternate) => alternate.name)
  }

  private lengthsFromNeighbour(neighbour: number): Float64Array {
    let lengths = this.lengthsFrom.get(neighbour)
    if (lengths === undefined) {
      lengths = findShortestPaths(this.graph, neighbour, this.blocked).lengths
      this.lengthsFrom.set(neighbour, lengths)
    }
    return lengths
  }
}

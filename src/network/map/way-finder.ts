// Says which way a destination's messages take from one broker to another, and what keeps them from
// a cheaper one, or from any: filters, one-way bridges, brokers that carry nothing for others. It
// decides nothing: the ways are those of the tables that messages are sent by.

import type { BrokerRecord } from './broker-record.ts'
import { ForwardFilter, type RoutedDestination } from './forward-filter.ts'
import { LinkGraph } from './link-graph.ts'
import { endTo } from './record-ends.ts'
import { RouteTable } from './route-table.ts'

/** Something on a way that a destination's messages cannot pass. */
export type Obstacle =
  | {
      readonly kind: 'filter'
      /** The bridge, in the direction the message would cross it. */
      readonly from: string
      readonly to: string
      readonly rule: 'excluded' | 'not-included'
      /** What excludes it; null where nothing includes it. */
      readonly pattern: string | null
    }
  /** A bridge that leads the other way only: from `from` to `to`. */
  | { readonly kind: 'one-way'; readonly from: string; readonly to: string }
  | { readonly kind: 'no-transit'; readonly broker: string }

/** One bridge of a way: the broker it leads to, and its cost. */
export interface WayStep {
  readonly broker: string
  readonly cost: number
}

/** A way to one broker. */
export interface Way {
  /** Empty without a way, and to the broker where it starts. */
  readonly steps: readonly WayStep[]
  /** Infinity without a way. */
  readonly cost: number
  /** What is in the way that would be taken without it: undone, that one would be. */
  readonly obstacles: readonly Obstacle[]
}

/** What a {@link WayFinder} looks at; all of one state of the map. */
export interface WayFinderSources {
  /** Where the ways begin. */
  readonly self: string
  readonly destination: RoutedDestination
  /** The routes of the destination, and those of one that no filter keeps back. */
  readonly table: RouteTable
  readonly unfiltered: RouteTable
  records(): Iterable<BrokerRecord>
  record(broker: string): BrokerRecord | undefined
}

/** Finds the ways of one destination from one broker. Not to be kept across turns. */
export class WayFinder {
  private readonly sources: WayFinderSources
  private relaxed: RouteTable | undefined = undefined

  constructor(sources: WayFinderSources) {
    this.sources = sources
  }

  wayTo(target: string): Way {
    const { table, unfiltered } = this.sources
    const path = table.pathTo(target)
    const steps = stepsOf(table, path)
    const cost = table.costTo(target)
    const open = unfiltered.pathTo(target)
    if (open.length === 0) return { steps, cost, obstacles: this.obstaclesOn(this.despite(target)) }
    // With the same table there is nothing that filters could have changed.
    const obstacles = table === unfiltered ? noObstacles : this.obstaclesOn(open)
    return { steps, cost, obstacles }
  }

  /** The cheapest path if all bridges led both ways and every broker carried for others. */
  private despite(target: string): readonly string[] {
    if (this.relaxed === undefined) {
      const { self, records } = this.sources
      const graph = new LinkGraph([...records()].map(relax), (spec) => new ForwardFilter(spec))
      this.relaxed = new RouteTable(graph, self)
    }
    return this.relaxed.pathTo(target)
  }

  private obstaclesOn(path: readonly string[]): readonly Obstacle[] {
    const { record, destination } = this.sources
    const found: Obstacle[] = []
    for (const [index, to] of path.entries()) {
      if (index === 0) continue
      const from = path[index - 1]!
      const here = record(from)!
      const there = record(to)!
      const end = endTo(here, to)!
      if (index > 1 && !here.isTransit) found.push({ kind: 'no-transit', broker: from })
      if (!end.sends) found.push({ kind: 'one-way', from: to, to: from })
      for (const { filter } of [end, endTo(there, from)!]) {
        const fault = filter && new ForwardFilter(filter).faultOf(destination)
        if (!fault) continue
        const pattern = fault.rule === 'excluded' ? fault.pattern : null
        found.push({ kind: 'filter', from, to, rule: fault.rule, pattern })
        // Both ends list the same one.
        break
      }
    }
    return found
  }
}

const noObstacles: readonly Obstacle[] = []

function stepsOf(table: RouteTable, path: readonly string[]): readonly WayStep[] {
  let before = 0
  return path.slice(1).map((broker) => {
    const sum = table.costTo(broker)
    const cost = sum - before
    before = sum
    return { broker, cost }
  })
}

function relax(record: BrokerRecord): BrokerRecord {
  const bridges = record.bridges.map((bridge) => ({ ...bridge, sends: true, filter: undefined }))
  return { ...record, isTransit: true, bridges }
}

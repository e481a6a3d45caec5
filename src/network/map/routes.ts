// Chooses the route table for a destination. Filters make a bridge usable for some destinations and
// not for others, so each set of admitted bridges has a table of its own, made when first asked
// for. Without filters there is one table. Everything is dropped when the map changes.

import { LRUCache } from 'lru-cache'
import type { RoutedDestination } from './forward-filter.ts'
import { admitsAcross, type Link, type LinkGraph } from './link-graph.ts'
import type { NetworkMap } from './network-map.ts'
import { RouteTable } from './route-table.ts'

/** Destinations whose set of admitted bridges is remembered; others are worked out again. */
const destinationsMax = 65_536
/** Tables kept, one for each set of admitted bridges in use; others are made again. */
const tablesMax = 256

/** The current routes of one broker. */
export class Routes {
  private readonly map: NetworkMap
  private current: RoutesOfVersion
  private version: number

  constructor(map: NetworkMap) {
    this.map = map
    this.version = map.version
    this.current = new RoutesOfVersion(map.graph(), map.self.broker)
  }

  /** The routes for messages of a destination. Ask again for each use: the map may have changed. */
  for(destination: RoutedDestination): RouteTable {
    const { map } = this
    if (map.version !== this.version) {
      this.version = map.version
      this.current = new RoutesOfVersion(map.graph(), map.self.broker)
    }
    return this.current.for(destination)
  }
}

class RoutesOfVersion {
  private readonly graph: LinkGraph
  private readonly self: string
  private readonly filteredLinks: readonly Link[]
  private unfiltered: RouteTable | undefined = undefined
  private filtered: FilteredTables | undefined = undefined

  constructor(graph: LinkGraph, self: string) {
    this.graph = graph
    this.self = self
    this.filteredLinks = graph.links.filter((link) => link.filters.length > 0)
  }

  for(destination: RoutedDestination): RouteTable {
    if (this.filteredLinks.length === 0 || destination.kind === 'temp-queue') {
      this.unfiltered ??= new RouteTable(this.graph, this.self)
      return this.unfiltered
    }
    this.filtered ??= new FilteredTables(this.graph, this.self, this.filteredLinks)
    return this.filtered.for(destination)
  }
}

class FilteredTables {
  private readonly graph: LinkGraph
  private readonly self: string
  private readonly links: readonly Link[]
  // A count of one each, rather than `max`, so that an empty cache costs nothing.
  private readonly queueKeys = new LRUCache<string, string>(countedCache(destinationsMax))
  private readonly topicKeys = new LRUCache<string, string>(countedCache(destinationsMax))
  private readonly tables = new LRUCache<string, RouteTable>(countedCache(tablesMax))

  constructor(graph: LinkGraph, self: string, links: readonly Link[]) {
    this.graph = graph
    this.self = self
    this.links = links
  }

  for(destination: RoutedDestination): RouteTable {
    const keys = destination.kind === 'topic' ? this.topicKeys : this.queueKeys
    let key = keys.get(destination.name)
    if (key === undefined) {
      key = this.blockedKey(destination)
      keys.set(destination.name, key)
    }
    let table = this.tables.get(key)
    if (table === undefined) {
      table = this.tableFor(key)
      this.tables.set(key, table)
    }
    return table
  }

  /** One bit for each filtered link, 16 to a character: 1 where the destination may not cross. */
  private blockedKey(destination: RoutedDestination): string {
    let key = ''
    let bits = 0
    for (const [at, link] of this.links.entries()) {
      if (!admitsAcross(link, destination)) bits |= 1 << (at & 15)
      if ((at & 15) === 15 || at === this.links.length - 1) {
        key += String.fromCharCode(bits)
        bits = 0
      }
    }
    return key
  }

  private tableFor(key: string): RouteTable {
    const blocked = new Uint8Array(this.graph.links.length)
    for (const [at, link] of this.links.entries()) {
      blocked[link.index] = (key.charCodeAt(at >> 4) >> (at & 15)) & 1
    }
    return new RouteTable(this.graph, this.self, blocked)
  }
}

function countedCache(sizeMax: number): { maxSize: number; sizeCalculation: () => number } {
  return { maxSize: sizeMax, sizeCalculation: () => 1 }
}

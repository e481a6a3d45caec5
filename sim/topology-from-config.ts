// A topology file's network as the simulator sees it: names, links, costs and who carries what. It
// takes files whose meaning the judges know; forward filters and one-way connectors are none of it.

import type { Topology } from '../src/config/index.ts'
import type { SimLink, SimTopology } from './topologies.ts'

/**
 * The links of a topology file; connectors of both ends to each other become one link.
 * @throws Error naming the connector that has a forward filter or is one-way, or that there is none
 */
export function topologyFromConfig(name: string, topology: Topology): SimTopology {
  const links = new Map<string, SimLink>()
  for (const { from, to, connector } of topology.bridges) {
    const { cost, duplex, include, exclude } = connector
    if (!duplex || include.length + exclude.length > 0) {
      throw new Error(
        `${name}: connector "${connector.name}" of ${from} has a filter or is one-way; the ` +
          'simulator takes only duplex connectors without include and exclude'
      )
    }
    const key = from < to ? `${from} ${to}` : `${to} ${from}`
    const known = links.get(key)
    if (known === undefined) links.set(key, { a: from, b: to, cost, dialledBy: 'a' })
    else if (known.a === to) {
      links.set(key, { ...known, cost: Math.max(cost, known.cost), dialledBy: 'both' })
    }
  }
  if (links.size === 0) throw new Error(`${name} has no bridge between its brokers to simulate`)
  return {
    name,
    brokers: [...topology.brokers.keys()],
    links: [...links.values()],
    nonTransit: [...topology.brokers.values()].filter((one) => !one.transit).map((one) => one.name)
  }
}

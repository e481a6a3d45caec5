// A topology file's network as the simulator takes it: names, links with the terms of each
// connector, and what each broker is set to. Machines, ports, users and STOMP listeners are not
// part of it: in the simulator every broker has a machine of its own and admits everybody.

import type { Carrier, TransportUri } from '../src/base/index.ts'
import { defaultBrokerLimits } from '../src/broker/index.ts'
import {
  addressReaches,
  type BrokerConfig,
  type NetworkConnectorConfig,
  roomLimits,
  type Topology,
  type TopologyBridge
} from '../src/config/index.ts'
import type { BrokerOverrides } from './plan/index.ts'
import type { LinkTerms, SimLink, SimTopology } from './topologies.ts'

/** A file's network, ready to be simulated. */
export interface ConfiguredNetwork {
  readonly topology: SimTopology
  /** What each broker of the file is set to, by its name. */
  readonly overrides: Readonly<Record<string, BrokerOverrides>>
  /** Connectors, or URIs of them, that lead out of the file: they are not simulated. */
  readonly leftOut: readonly LeftOutConnector[]
}

/** A way out of the file. */
export interface LeftOutConnector {
  readonly broker: string
  readonly connector: string
  readonly uri: string
}

/**
 * The network of a topology file; connectors of both ends to each other become one link.
 * @throws Error if there is no bridge between two of its brokers
 */
export function topologyFromConfig(name: string, topology: Topology): ConfiguredNetwork {
  const links = new Map<string, SimLink>()
  for (const bridge of topology.bridges) addLink(links, bridge, topology)
  if (links.size === 0) throw new Error(`${name} has no bridge between its brokers to simulate`)
  const brokers = [...topology.brokers.values()]
  return {
    topology: {
      name,
      brokers: brokers.map((broker) => broker.name),
      links: [...links.values()],
      nonTransit: brokers.filter(({ transit }) => !transit).map((broker) => broker.name)
    },
    overrides: Object.fromEntries(brokers.map((broker) => [broker.name, overridesOf(broker)])),
    leftOut: brokers.flatMap((broker) => findLeftOut(broker, topology))
  }
}

/** A second connector of the same broker to the same other one makes no second link. */
function addLink(
  links: Map<string, SimLink>,
  { from, to, connector }: TopologyBridge,
  topology: Topology
): void {
  const key = from < to ? `${from} ${to}` : `${to} ${from}`
  const known = links.get(key)
  const terms = termsOfConnector(connector)
  if (known === undefined) {
    const carrier = carrierOf(connector, topology.brokers.get(to)!)
    links.set(key, {
      ...{ a: from, b: to, dialledBy: 'a' },
      ...terms,
      ...(carrier === 'ws' ? { carrier } : {})
    })
  } else if (known.a === to && known.dialledBy === 'a') {
    const isSame = JSON.stringify(termsOfLink(known)) === JSON.stringify(terms)
    links.set(key, { ...known, dialledBy: 'both', ...(isSame ? {} : { back: terms }) })
  }
}

/** What is the default stays unsaid, so that plans are short to read. */
function termsOfConnector(connector: NetworkConnectorConfig): LinkTerms {
  const { cost, duplex, include, exclude } = connector
  return {
    cost,
    ...(duplex ? {} : { duplex }),
    ...(include.length === 0 ? {} : { include }),
    ...(exclude.length === 0 ? {} : { exclude }),
    reconnect: {
      reconnectDelayMsInitial: connector.reconnectDelayMsInitial,
      reconnectDelayMsMax: connector.reconnectDelayMsMax,
      reconnectBackOffMultiplier: connector.reconnectBackOffMultiplier
    }
  }
}

function termsOfLink({ cost, duplex, include, exclude, reconnect }: SimLink): LinkTerms {
  return {
    cost,
    ...(duplex === undefined ? {} : { duplex }),
    ...(include === undefined ? {} : { include }),
    ...(exclude === undefined ? {} : { exclude }),
    ...(reconnect === undefined ? {} : { reconnect })
  }
}

/** As the command line makes a station of it. */
function overridesOf(config: BrokerConfig): BrokerOverrides {
  const { broker, stomp, bridges, rules } = roomLimits(config)
  return {
    limits: { ...defaultBrokerLimits, ...broker },
    stompLimits: stomp,
    bridges,
    ...(config.store.kind === 'memory' ? { isMemoryOnly: true } : {}),
    hopsMax: config.hopsMax,
    ...(config.policies.length === 0 ? {} : { policies: config.policies }),
    ...(rules.whenFull === 'wait' ? {} : { whenFull: rules.whenFull }),
    ...(rules.whenStoreFull === 'refuse' ? {} : { whenStoreFull: rules.whenStoreFull })
  }
}

/** What carries the bridge: that of the URI which leads to one of the broker's listeners. */
function carrierOf({ uris }: NetworkConnectorConfig, to: BrokerConfig): Carrier {
  return uris.find((uri) => leadsTo(uri, to))?.carrier ?? 'tcp'
}

function findLeftOut(
  { name, networkConnectors }: BrokerConfig,
  topology: Topology
): LeftOutConnector[] {
  const brokers = [...topology.brokers.values()]
  return networkConnectors.flatMap(({ name: connector, uris }) =>
    uris
      .filter((uri) => !brokers.some((broker) => leadsTo(uri, broker)))
      .map((uri): LeftOutConnector => ({ broker: name, connector, uri: uri.text }))
  )
}

function leadsTo(uri: TransportUri, { transportConnectors }: BrokerConfig): boolean {
  return transportConnectors.some((listener) => addressReaches(uri, listener.uri))
}

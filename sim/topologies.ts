// The shapes of networks that are simulated, as plain data: brokers, the links between them and who
// dials each. A topology says what is configured, never what is up at the moment.

import type { Carrier } from '../src/base/index.ts'
import type { NetworkConnectorConfig } from '../src/network/index.ts'
import type { Prng } from './prng.ts'

/** When a connector tries again; see `NetworkConnectorConfig`. */
export type ReconnectDelays = Pick<
  NetworkConnectorConfig,
  'reconnectDelayMsInitial' | 'reconnectDelayMsMax' | 'reconnectBackOffMultiplier'
>

/** What one connector of a link says of the bridges it makes. */
export interface LinkTerms {
  /** 1 to 65,535; routes prefer a small sum. */
  readonly cost: number
  /** False: messages go only from the dialling broker to the other; duplex if left out. */
  readonly duplex?: boolean
  /** Only these destinations may cross, as 'queue://orders.>'; all if left out or empty. */
  readonly include?: readonly string[]
  /** Destinations that may not cross. */
  readonly exclude?: readonly string[]
  /** When it dials again; as the world's settings say if left out. */
  readonly reconnect?: ReconnectDelays
}

/** One configured link. Its terms are those of each connector, unless `back` says otherwise. */
export interface SimLink extends LinkTerms {
  readonly a: string
  readonly b: string
  /** Which end has the network connector; with 'both' the two race for the one bridge. */
  readonly dialledBy: 'a' | 'b' | 'both'
  /** What carries the bridge; TCP if left out. */
  readonly carrier?: Carrier
  /** The terms of b's own connector where both dial and it differs from a's. */
  readonly back?: LinkTerms
}

/** A network as configured. */
export interface SimTopology {
  /** For people, such as 'ring-4'. */
  readonly name: string
  readonly brokers: readonly string[]
  readonly links: readonly SimLink[]
  /** Brokers that never carry what is neither from them nor for them. */
  readonly nonTransit: readonly string[]
}

/** Brokers in a circle, each dialling the next. */
export function ring(size: number): SimTopology {
  const brokers = letters(size)
  const links = brokers.map((name, at) => link(name, brokers[(at + 1) % size]!))
  return { name: `ring-${size}`, brokers, links, nonTransit: [] }
}

/** Brokers in a row. */
export function chain(size: number): SimTopology {
  const brokers = letters(size)
  const links = brokers.slice(1).map((name, at) => link(brokers[at]!, name))
  return { name: `chain-${size}`, brokers, links, nonTransit: [] }
}

/** Every broker linked to every other. */
export function mesh(size: number): SimTopology {
  const brokers = letters(size)
  const links = brokers.flatMap((name, at) => brokers.slice(at + 1).map((peer) => link(name, peer)))
  return { name: `mesh-${size}`, brokers, links, nonTransit: [] }
}

/** One hub; the spokes dial it. */
export function hubSpoke(spokes: number): SimTopology {
  const names = numbered(spokes)
  const links = names.map((name) => link(name, 'hub'))
  return { name: `hub-spoke-${spokes + 1}`, brokers: ['hub', ...names], links, nonTransit: [] }
}

/** Two hubs that dial each other, and spokes that dial both and carry nothing for others. */
export function twoHubs(spokes: number): SimTopology {
  const names = numbered(spokes)
  const links = names.flatMap((name) => [link(name, 'hub1'), link(name, 'hub2')])
  const between: SimLink = { a: 'hub1', b: 'hub2', cost: 1, dialledBy: 'both' }
  const brokers = ['hub1', 'hub2', ...names]
  return { name: `two-hubs-${spokes + 2}`, brokers, links: [between, ...links], nonTransit: names }
}

/** Two brokers that dial each other at once. */
export function pairDialledByBoth(): SimTopology {
  const links: SimLink[] = [{ a: 'a', b: 'b', cost: 1, dialledBy: 'both' }]
  return { name: 'pair-dialled-by-both', brokers: ['a', 'b'], links, nonTransit: [] }
}

/** A connected graph: a random tree and some more links, with random costs and dialling ends. */
export function randomGraph(random: Prng, size: number): SimTopology {
  const brokers = letters(size)
  const links: SimLink[] = []
  const taken = new Set<string>()
  const add = (a: string, b: string): void => {
    const key = a < b ? `${a}-${b}` : `${b}-${a}`
    if (a === b || taken.has(key)) return
    taken.add(key)
    const dialledBy = random.pick(['a', 'a', 'b', 'both'] as const)
    const carrier = random.pick(['tcp', 'tcp', 'tcp', 'ws'] as const)
    links.push({ a, b, cost: random.pick([1, 1, 1, 2, 5]), dialledBy, carrier })
  }
  for (let at = 1; at < size; at += 1) add(brokers[at]!, brokers[random.integer(0, at - 1)]!)
  const more = random.integer(0, size)
  for (let i = 0; i < more; i += 1) add(random.pick(brokers), random.pick(brokers))
  return { name: `random-${size}`, brokers, links, nonTransit: [] }
}

function link(a: string, b: string): SimLink {
  return { a, b, cost: 1, dialledBy: 'a' }
}

function letters(size: number): string[] {
  return Array.from({ length: size }, (_, at) =>
    at < 26 ? String.fromCharCode(97 + at) : `n${at}`
  )
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `s${at + 1}`)
}

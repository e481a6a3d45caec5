// Draws the shape of a network: rows, rings, stars, trees, full meshes, two hubs, regular graphs,
// dumb-bells and whatever chance makes, now and then with brokers that carry nothing for others.

import type { Prng } from '../prng.ts'
import {
  chain,
  hubSpoke,
  mesh,
  randomGraph,
  ring,
  type SimLink,
  type SimTopology,
  twoHubs
} from '../topologies.ts'

/** What a drawn network may have beyond its shape. */
export interface TopologyFeatures {
  /** Links that let only some destinations across, or messages only one way. */
  readonly hasFilters: boolean
}

type Shape = (random: Prng) => SimTopology

const shapes: readonly Shape[] = [
  (random) => randomGraph(random, random.integer(3, 10)),
  (random) => randomGraph(random, random.integer(3, 6)),
  (random) => chain(random.integer(2, 6)),
  (random) => ring(random.integer(3, 7)),
  (random) => hubSpoke(random.integer(2, 6)),
  (random) => mesh(random.integer(3, 5)),
  (random) => twoHubs(random.integer(2, 4)),
  tree,
  regular,
  dumbbell
]

/** A network of any shape. */
export function drawTopology(random: Prng, { hasFilters }: TopologyFeatures): SimTopology {
  const topology = drawEndsOnly(random, random.pick(shapes)(random))
  if (!hasFilters || !random.chance(0.15)) return topology
  const links = topology.links.map((link) => (random.chance(0.3) ? restrict(random, link) : link))
  return { ...topology, name: `${topology.name}-filtered`, links }
}

/** Each broker below a random one of those before, two or three to each at most. */
function tree(random: Prng): SimTopology {
  const size = random.integer(4, 9)
  const brokers = namesOf(size)
  const width = random.integer(2, 3)
  const links = brokers
    .slice(1)
    .map((name, at) => dial(random, name, brokers[Math.floor(at / width)]!))
  return { name: `tree-${size}`, brokers, links, nonTransit: [] }
}

/** Every broker with the same number of links: a ring with chords of one length. */
function regular(random: Prng): SimTopology {
  const size = random.integer(5, 9)
  const brokers = namesOf(size)
  const chord = random.integer(2, Math.floor((size - 1) / 2))
  const links = [1, chord].flatMap((step) =>
    brokers.map((name, at) => dial(random, name, brokers[(at + step) % size]!))
  )
  return { name: `regular-${size}-${chord}`, brokers, links, nonTransit: [] }
}

/** Two full meshes with one dear link between them. */
function dumbbell(random: Prng): SimTopology {
  const left = random.integer(2, 3)
  const right = random.integer(2, 4)
  const brokers = namesOf(left + right)
  const within = (names: readonly string[]): SimLink[] =>
    names.flatMap((name, at) => names.slice(at + 1).map((peer) => dial(random, name, peer)))
  const bar = { ...dial(random, brokers[0]!, brokers[left]!), cost: 10 }
  const links = [...within(brokers.slice(0, left)), ...within(brokers.slice(left)), bar]
  return { name: `dumbbell-${left}-${right}`, brokers, links, nonTransit: [] }
}

/** Brokers at the edge that carry nothing for others, now and then. */
function drawEndsOnly(random: Prng, topology: SimTopology): SimTopology {
  if (!random.chance(0.25)) return topology
  const linksOf = (name: string) =>
    topology.links.filter(({ a, b }) => a === name || b === name).length
  // With one link there is nothing that it could carry: only its record says so.
  const nonTransit = topology.brokers.filter(
    (name) => topology.nonTransit.includes(name) || (linksOf(name) === 1 && random.chance(0.5))
  )
  return { ...topology, nonTransit }
}

function restrict(random: Prng, link: SimLink): SimLink {
  switch (random.pick(['one-way', 'include', 'exclude'] as const)) {
    case 'one-way':
      // Who dials must be known: messages go from there.
      return link.dialledBy === 'both' ? link : { ...link, duplex: false }
    case 'include':
      return { ...link, include: [random.pick(['topic://t.a.>', 'topic://t.>', 'queue://q.>'])] }
    case 'exclude':
      return { ...link, exclude: [random.pick(['topic://t.b', 'queue://q.b', 'queue://q.a.*'])] }
  }
}

function dial(random: Prng, a: string, b: string): SimLink {
  const dialledBy = random.pick(['a', 'a', 'b', 'both'] as const)
  const carrier = random.pick(['tcp', 'tcp', 'tcp', 'ws'] as const)
  return { a, b, cost: random.pick([1, 1, 1, 2, 5]), dialledBy, carrier }
}

function namesOf(size: number): string[] {
  return Array.from({ length: size }, (_, at) => String.fromCharCode(97 + at))
}

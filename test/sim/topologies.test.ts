import test from 'ava'
import { Prng } from '../../sim/prng.ts'
import {
  chain,
  hubSpoke,
  mesh,
  pairDialledByBoth,
  randomGraph,
  ring,
  type SimTopology,
  twoHubs
} from '../../sim/topologies.ts'
import { topologyFromConfig } from '../../sim/topology-from-config.ts'
import { readTopology } from '../../src/config/index.ts'

function linkNames({ links }: SimTopology): string[] {
  return links.map(({ a, b }) => `${a}-${b}`)
}

test('shapes have the links their names promise', (t) => {
  t.deepEqual(linkNames(ring(4)), ['a-b', 'b-c', 'c-d', 'd-a'])
  t.deepEqual(linkNames(chain(3)), ['a-b', 'b-c'])
  t.deepEqual(linkNames(mesh(3)), ['a-b', 'a-c', 'b-c'])
  t.deepEqual(linkNames(hubSpoke(2)), ['s1-hub', 's2-hub'])
  t.deepEqual(linkNames(twoHubs(1)), ['hub1-hub2', 's1-hub1', 's1-hub2'])
  t.deepEqual(twoHubs(2).nonTransit, ['s1', 's2'])
  t.is(pairDialledByBoth().links[0]?.dialledBy, 'both')
})

test('a random graph joins all its brokers and has one link at most between two', (t) => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const random = new Prng(seed)
    const { brokers, links } = randomGraph(random, random.integer(3, 12))
    const joined = new Set([brokers[0]])
    for (let round = 0; round < brokers.length; round += 1) {
      for (const { a, b } of links) if (joined.has(a) || joined.has(b)) joined.add(a).add(b)
    }
    t.is(joined.size, brokers.length, `seed ${seed}`)
    const pairs = links.map(({ a, b }) => [a, b].sort().join('-'))
    t.is(new Set(pairs).size, pairs.length, `seed ${seed}`)
    t.false(links.some(({ a, b }) => a === b))
  }
})

const listeners = (port: number): string => `
    transportConnectors:
      - uri: postroad://127.0.0.1:${port}`

function read(text: string): SimTopology {
  const { topology, problems } = readTopology(text, 'net.yaml')
  if (topology === undefined) throw new Error(problems.map(({ message }) => message).join('; '))
  return topologyFromConfig('net', topology)
}

test('a topology file becomes brokers, links, costs and who carries nothing for others', (t) => {
  const found = read(`
network: net
brokers:
  a:${listeners(61_617)}
    networkConnectors:
      - uri: static:(postroad://127.0.0.1:61618)
        cost: 3
  b:${listeners(61_618)}
    transit: false
    networkConnectors:
      - uri: static:(postroad://127.0.0.1:61617)
`)
  t.deepEqual(found, {
    name: 'net',
    brokers: ['a', 'b'],
    links: [{ a: 'a', b: 'b', cost: 3, dialledBy: 'both' }],
    nonTransit: ['b']
  })
})

test('a topology file with filters or one-way connectors is refused by name', (t) => {
  const withConnector = (more: string): string => `
network: net
brokers:
  a:${listeners(61_617)}
    networkConnectors:
      - uri: static:(postroad://127.0.0.1:61618)
        name: to-b
        ${more}
  b:${listeners(61_618)}
`
  const message = /net: connector "to-b" of a has a filter or is one-way/
  t.throws(() => read(withConnector('duplex: false')), { message })
  t.throws(() => read(withConnector("exclude: ['queue://secret']")), { message })
  t.notThrows(() => read(withConnector('cost: 2')))
})

test('a topology file without a bridge is refused', (t) => {
  const message = /net has no bridge between its brokers to simulate/
  t.throws(() => read(`network: net\nbrokers:\n  a:${listeners(61_617)}\n`), { message })
})

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
import { type ConfiguredNetwork, topologyFromConfig } from '../../sim/topology-from-config.ts'
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

function read(text: string): ConfiguredNetwork {
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
  t.deepEqual(found.topology, {
    name: 'net',
    brokers: ['a', 'b'],
    links: [
      {
        ...{ a: 'a', b: 'b', cost: 3, dialledBy: 'both', reconnect },
        // The terms of a bridge are those of the end that dialled it.
        back: { cost: 1, reconnect }
      }
    ],
    nonTransit: ['b']
  })
  t.deepEqual(found.leftOut, [])
})

const reconnect = {
  reconnectDelayMsInitial: 500,
  reconnectDelayMsMax: 10_000,
  reconnectBackOffMultiplier: 2
}

test('filters, one-way connectors, carriers and delays of a topology file become terms', (t) => {
  const found = read(`
network: net
brokers:
  a:${listeners(61_617)}
    networkConnectors:
      - uri: static:(postroad+ws://127.0.0.1:61618/bridge)?maxReconnectDelay=3s
        duplex: false
        include: ['queue://orders.>']
        exclude: ['queue://orders.secret']
  b:
    transportConnectors:
      - uri: postroad+ws://127.0.0.1:61618/bridge
`)
  t.deepEqual(found.topology.links, [
    {
      ...{ a: 'a', b: 'b', cost: 1, dialledBy: 'a', carrier: 'ws', duplex: false },
      ...{ include: ['queue://orders.>'], exclude: ['queue://orders.secret'] },
      reconnect: { ...reconnect, reconnectDelayMsMax: 3_000 }
    }
  ])
})

test('limits, pings and hops of each broker of a topology file become its overrides', (t) => {
  const { overrides } = read(`
network: net
brokers:
  a:${listeners(61_617)}
    pingInterval: 2s
    pingMisses: 5
    hopsMax: 7
    limits: { queueMessagesMax: 100, prefetchDefault: 10, frameBytesMax: 1048576 }
    networkConnectors:
      - uri: static:(postroad://127.0.0.1:61618)
  b:${listeners(61_618)}
`)
  const { a, b } = overrides
  t.is(a!.limits!.queueMessagesMax, 100)
  t.is(a!.stompLimits!.prefetchDefault, 10)
  t.is(a!.hopsMax, 7)
  t.like(a!.bridges, { pingIntervalMs: 2_000, pingMisses: 5, frameBytesMax: 1_048_576 + 65_536 })
  t.is(b!.limits!.queueMessagesMax, 1_000_000)
  t.like(b!.bridges, { pingIntervalMs: 1_000, pingMisses: 3 })
})

test('a connector that leads out of a topology file is left out, and named', (t) => {
  const { topology, leftOut } = read(`
network: net
brokers:
  a:${listeners(61_617)}
    networkConnectors:
      - uri: static:(postroad://127.0.0.1:61618,postroad://elsewhere:61617)
        name: to-all
  b:${listeners(61_618)}
`)
  t.deepEqual(linkNames(topology), ['a-b'])
  const uri = 'postroad://elsewhere:61617'
  t.deepEqual(leftOut, [{ broker: 'a', connector: 'to-all', uri }])
})

test('a topology file without a bridge is refused', (t) => {
  const message = /net has no bridge between its brokers to simulate/
  t.throws(() => read(`network: net\nbrokers:\n  a:${listeners(61_617)}\n`), { message })
})

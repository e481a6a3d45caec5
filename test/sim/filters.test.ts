// Links with forward filters, one-way links and brokers that carry nothing for others: judges are
// quiet in a healthy network, and complain of one that is not.

import test from 'ava'
import { chain, ring, type SimLink, type SimTopology } from '../../sim/topologies.ts'
import type { Station } from '../../src/station/index.ts'
import { aConsumer, aProducer, assertComplaint, assertGood, runSmall } from './small-world.ts'
import { onStage } from './timeline-world.ts'

/** A topology with more said of the link between two brokers. */
function withTerms(topology: SimTopology, [a, b]: string, terms: Partial<SimLink>): SimTopology {
  const links = topology.links.map((link) => {
    return link.a === a && link.b === b ? { ...link, ...terms } : link
  })
  return { ...topology, links }
}

const both = {
  producers: [
    aProducer({ at: 'a' }),
    aProducer({ name: 'p2', at: 'a', destination: '/topic/secret.plans' }),
    aProducer({ name: 'p3', at: 'a', destination: '/queue/q' }),
    aProducer({ name: 'p4', at: 'a', destination: '/queue/secret.q' })
  ],
  consumers: [
    aConsumer({ at: 'c' }),
    aConsumer({ name: 'c2', at: 'c', destination: '/topic/secret.>' }),
    aConsumer({ name: 'c3', at: 'c', destination: '/queue/q' }),
    aConsumer({ name: 'c4', at: 'c', destination: '/queue/secret.q' })
  ]
}
const exclude = ['topic://secret.>', 'queue://secret.>']

test('what a filter excludes stays where it is; everything else arrives', (t) => {
  for (const ending of ['heal', 'as-is'] as const) {
    const topology = withTerms(chain(3), 'bc', { exclude })
    const result = onStage(t, { ...both, topology, plan: { ending } }, ({ world }) => {
      world.runFor(2_000)
    })
    const delivered = new Map<string, number>()
    for (const { destination, deliveries } of result.world.ledger.all()) {
      delivered.set(destination, (delivered.get(destination) ?? 0) + deliveries)
    }
    t.true(delivered.get('t')! > 50 && delivered.get('q')! > 50)
    t.is(delivered.get('secret.plans'), 0)
    t.is(delivered.get('secret.q'), 0)
    t.true(result.world.samples()[0]!.waiting > 50, 'the queue waits at a')
  }
})

test('what a filter does not include stays where it is', (t) => {
  const topology = withTerms(chain(3), 'ab', { include: ['topic://secret.*', 'queue://secret.q'] })
  const result = onStage(t, { ...both, topology }, ({ world }) => {
    world.runFor(1_000)
  })
  const got = [...result.world.ledger.all()].filter(({ deliveries }) => deliveries > 0)
  t.deepEqual([...new Set(got.map(({ destination }) => destination))].sort(), [
    'secret.plans',
    'secret.q'
  ])
})

test('what one way round a ring excludes goes the other way, however dear', (t) => {
  const topology = withTerms(ring(4), 'bc', { exclude })
  const result = onStage(t, { ...both, topology }, ({ world, happen }) => {
    world.runFor(1_000)
    // Then there is no way at all for what is secret, and a detour for what is not.
    happen({ kind: 'cut', a: 'd', b: 'a' })
    world.settle()
    world.runFor(1_000)
    const { waiting } = world.samples()[0]!
    t.true(waiting > 20, `${waiting} wait`)
  })
  const secret = [...result.world.ledger.all()].filter(({ destination }) => destination !== 't')
  t.true(secret.filter(({ deliveries }) => deliveries > 0).length > 50)
})

test('one-way links carry messages from the broker that dials to the other only', (t) => {
  const topology = withTerms(chain(3), 'bc', { duplex: false })
  const back = {
    producers: [...both.producers, aProducer({ name: 'back', at: 'c', destination: '/queue/r' })],
    consumers: [...both.consumers, aConsumer({ name: 'cr', at: 'a', destination: '/queue/r' })]
  }
  for (const ending of ['heal', 'as-is'] as const) {
    const result = onStage(t, { ...back, topology, plan: { ending } }, ({ world }) => {
      world.runFor(1_000)
      t.deepEqual([...world.reachableFrom('c', { kind: 'queue', name: 'r' })], ['c'])
      t.is(world.reachableFrom('a', { kind: 'queue', name: 'r' }).length, 3)
      t.is(world.reachableFrom('c').length, 3)
    })
    for (const { producer, deliveries } of result.world.ledger.all()) {
      if (producer === 'back') t.is(deliveries, 0)
    }
    t.true(result.deliveries > 100)
  }
})

test('where both ends dial with terms of their own, those of the bridge count', (t) => {
  const link: SimLink = {
    ...{ a: 'a', b: 'b', cost: 1, dialledBy: 'both', exclude: ['topic://t'] },
    back: { cost: 1, exclude: ['queue://q'] }
  }
  const topology = { name: 'pair', brokers: ['a', 'b'], links: [link], nonTransit: [] }
  const clients = {
    producers: [
      aProducer({ at: 'a' }),
      aProducer({ name: 'p2', at: 'a', destination: '/queue/q' })
    ],
    consumers: [aConsumer({ at: 'b' }), aConsumer({ name: 'c2', at: 'b', destination: '/queue/q' })]
  }
  const diallers = new Set<string | undefined>()
  for (let seed = 1; seed <= 6; seed += 1) {
    onStage(t, { ...clients, topology, seed }, ({ world, happen }) => {
      for (let times = 0; times < 3; times += 1) {
        world.runFor(500)
        diallers.add(world.diallerOf(link))
        happen({ kind: 'reset', a: 'a', b: 'b' })
        world.settle()
      }
    })
  }
  t.deepEqual([...diallers].sort(), ['a', 'b'])
})

test('a broker that carries nothing for others is no way from one to another', (t) => {
  const topology = { ...ring(4), nonTransit: ['b', 'd'] }
  for (const ending of ['heal', 'as-is'] as const) {
    onStage(t, { ...both, topology, plan: { ending } }, ({ world, happen }) => {
      t.deepEqual([...world.reachableFrom('a', { kind: 'topic', name: 't' })].sort(), [
        'a',
        'b',
        'd'
      ])
      world.runFor(1_000)
      happen({ kind: 'move', client: 'c', to: 'b', leaving: 'orderly' })
      world.settle()
      world.runFor(1_000)
    })
  }
})

/** Lets a broker send as if no bridge had a filter. */
function ignoresFilters({ network }: Station): void {
  const { routes } = network
  const tableFor = routes.for.bind(routes)
  routes.for = ({ name }) => tableFor({ kind: 'temp-queue', name })
}

test('forward-filter: a message that crosses against a filter', (t) => {
  const topology = withTerms(chain(3), 'bc', { exclude })
  const world = { ...both, topology }
  assertGood(t, runSmall(world))
  const result = runSmall({ ...world, sabotage: ignoresFilters })
  assertComplaint(t, result, /^forward-filter: ID:a-.* for \w+:\/\/secret\S* crossed from b to c/)
})

test('forward-filter: a message that crosses a one-way bridge against its direction', (t) => {
  const topology = withTerms(chain(2), 'ab', { duplex: false })
  const world = {
    topology,
    producers: [aProducer({ at: 'b' })],
    consumers: [aConsumer({ at: 'a' })]
  }
  assertGood(t, runSmall(world))
  const result = runSmall({
    ...world,
    sabotage(station) {
      const { network } = station
      const onBridgeUp = network.onBridgeUp.bind(network)
      network.onBridgeUp = (bridge) => {
        Object.assign(bridge, { maySend: true, mayReceive: true })
        onBridgeUp(bridge)
      }
    }
  })
  assertComplaint(t, result, /^forward-filter: ID:b-.* for topic:\/\/t crossed from b to a/)
})

test('no-stuck: a queue whose taker a filter lets it reach', (t) => {
  const topology = withTerms(chain(3), 'bc', { exclude })
  const result = runSmall({
    ...both,
    topology,
    sabotage(station, broker) {
      if (broker === 'a') station.network.onQueueAdded = () => {}
    }
  })
  assertComplaint(t, result, /^no-stuck: .* a: \d+ messages wait in queue q, and c3 at c would/)
})

// What a broker says of where a message would go, against where it does go: on small networks made
// for the purpose, and on random ones.

import test from 'ava'
import fc from 'fast-check'
import { selectorFilter } from '../../src/broker/index.ts'
import {
  type BrokerRoute,
  explainMessage,
  type RouteExplanation,
  type RouteQuestion
} from '../../src/network/index.ts'
import { BrokerNetwork, type Member } from '../support/broker-network.ts'
import type { TestConsumer } from '../support/broker-world.ts'

const orders = { kind: 'queue', name: 'orders', headers: [] } as const
const prices = { kind: 'topic', name: 'prices', headers: [] } as const

function explain(at: Member, question: RouteQuestion): RouteExplanation {
  return explainMessage(at.broker, at.network, question)
}

function routeTo({ brokers }: RouteExplanation, broker: string): BrokerRoute {
  return brokers.find((route) => route.broker === broker)!
}

test('asking changes nothing: no queue comes to be, and no number is used up', (t) => {
  const world = new BrokerNetwork()
  const [a, b] = world.addAll(['a', 'b'])
  world.join('a-b')
  b!.subscribe({}, { pattern: 'orders' })
  world.run(100)
  const before = a!.aMessage().sequence
  t.deepEqual(explain(a!, orders).goesTo, ['b'])
  t.is(a!.broker.queues.find('orders'), undefined)
  t.is(a!.aMessage().sequence, before + 1)
})

test('consumers here are told with their selectors, credit and whether they take it', (t) => {
  const world = new BrokerNetwork()
  const a = world.add('a')
  a.subscribe({ credit: 5, filter: selectorFilter("region = 'eu'") }, { pattern: '*' })
  a.subscribe({ credit: 0 }, { pattern: 'orders' })
  a.subscribe({ credit: 2 }, { kind: 'topic', pattern: 'prices' })
  const durable = { clientId: 'c', subscriptionName: 's' }
  a.subscribe({}, { kind: 'topic', pattern: '>', durable }).die()
  const eu = explain(a, { ...orders, headers: [['region', 'eu']] })
  t.deepEqual(
    [...eu.here].sort((x, y) => x.credit - y.credit),
    [
      { selector: '', credit: 0, isDurable: false, takes: true },
      { selector: "region = 'eu'", credit: 5, isDurable: false, takes: true }
    ]
  )
  t.deepEqual(eu.goesTo, ['a'])
  const us = explain(a, { ...orders, headers: [['region', 'us']] })
  t.is(routeTo(us, 'a').reason, 'here-later')
  const topic = explain(a, prices)
  t.deepEqual(topic.here.map(({ credit, isDurable }) => [credit, isDurable]).sort(), [
    [0, true],
    [2, false]
  ])
})

test('selectors look at what the message says of itself', (t) => {
  const a = new BrokerNetwork().add('a')
  const filter = selectorFilter("JMSDeliveryMode = 'PERSISTENT' AND JMSPriority = 9")
  a.subscribe({ filter }, { pattern: 'orders' })
  const headers = [
    ['persistent', 'true'],
    ['priority', '9']
  ] as const
  t.deepEqual(explain(a, { ...orders, headers }).goesTo, ['a'])
  t.is(routeTo(explain(a, orders), 'a').reason, 'selector')
})

test('a full bridge is told, and its messages that are not acknowledged', (t) => {
  const world = new BrokerNetwork()
  const narrow = { messagesMax: 2, bytesMax: 1_000_000 }
  const [a, b] = world.addAll(['a', 'b'], {
    network: { bridges: { window: narrow, outbox: narrow } }
  })
  world.join('a-b')
  b!.subscribe({}, { kind: 'topic', pattern: 'prices' })
  world.run(100)
  for (let count = 0; count < 8; count += 1) a!.publish({ kind: 'topic', to: 'prices' })
  const { bridges, brokers } = explain(a!, prices)
  t.like(bridges[0], { peer: 'b', isFull: true })
  t.true(bridges[0]!.messagesPending > 0)
  t.is(routeTo({ brokers } as RouteExplanation, 'b').reason, 'bridge-full')
  // What is persistent has a lane of its own.
  const persistent = explain(a!, { ...prices, headers: [['persistent', 'true']] })
  t.is(routeTo(persistent, 'b').reason, 'sent')
  t.is(explain(a!, { ...orders }).bridges.length, 0)
})

test('a broker that is away is told as remembered once nothing else is known of it', (t) => {
  const world = new BrokerNetwork()
  const [a, , c] = world.addAll(['a', 'b', 'c'])
  world.join('a-b', 'b-c')
  const durable = { clientId: 'c', subscriptionName: 's' }
  c!.subscribe({}, { kind: 'topic', pattern: 'prices', durable })
  world.run(100)
  world.crash('c')
  world.run(100)
  t.like(routeTo(explain(a!, prices), 'c'), { reason: 'away', isReachable: false })
  const publish = { kind: 'topic', to: 'prices', isPersistent: true } as const
  a!.publish(publish)
  world.run(120_000)
  t.like(routeTo(explain(a!, prices), 'c'), { reason: 'away', isKept: true })
  const { places } = a!.network.router
  t.true(places!.isBusy('c'))
})

/** One network, who wants what in it, and what is published where. */
interface Case {
  readonly size: number
  readonly links: readonly Link[]
  readonly transit: readonly boolean[]
  readonly wishes: readonly Wish[]
  readonly at: number
  readonly to: { readonly kind: 'queue' | 'topic'; readonly name: string }
  /** Value of the header `n`, which selectors ask for. */
  readonly n: string
  readonly isPersistent: boolean
  readonly hopsMax: number
}

interface Link {
  readonly isThere: boolean
  readonly cost: number
  readonly duplex: boolean
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

interface Wish {
  readonly at: number
  readonly kind: 'queue' | 'topic'
  readonly pattern: string
  readonly credit: number
  readonly selector: string | undefined
}

const names = ['a', 'b', 'c', 'd', 'e']
const filterPatterns = ['queue://>', 'topic://>', 'queue://x.*', 'topic://x.y', 'queue://x.y']

const randomCase: fc.Arbitrary<Case> = fc.integer({ min: 2, max: names.length }).chain((size) => {
  const broker = fc.nat({ max: size - 1 })
  const kind = fc.constantFrom('queue' as const, 'topic' as const)
  const filter = fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.subarray(filterPatterns, { minLength: 1, maxLength: 2 }) }
  )
  const link = fc.record({
    isThere: fc.constantFrom(true, true, false),
    cost: fc.integer({ min: 1, max: 4 }),
    duplex: fc.constantFrom(true, true, true, true, false),
    include: filter,
    exclude: filter
  })
  const pairs = (size * (size - 1)) / 2
  return fc.record({
    size: fc.constant(size),
    links: fc.array(link, { minLength: pairs, maxLength: pairs }),
    transit: fc.array(fc.constantFrom(true, true, true, false), {
      minLength: size,
      maxLength: size
    }),
    wishes: fc.array(
      fc.record({
        at: broker,
        kind,
        pattern: fc.constantFrom('x.y', 'x.*', '>', 'z'),
        credit: fc.constantFrom(0, 10, 10),
        selector: fc.constantFrom(undefined, undefined, "n = '1'")
      }),
      { maxLength: 6 }
    ),
    at: broker,
    to: fc.record({ kind, name: fc.constantFrom('x.y', 'x.z', 'z') }),
    n: fc.constantFrom('1', '2'),
    isPersistent: fc.boolean(),
    hopsMax: fc.constantFrom(32, 32, 1)
  })
})

/** The network of a case, with what its consumers are given. */
class CaseWorld {
  readonly world = new BrokerNetwork()
  readonly members: readonly Member[]
  readonly consumers: readonly (Wish & { readonly consumer: TestConsumer })[]

  constructor({ size, links, transit, wishes, hopsMax }: Case) {
    const { world } = this
    this.members = names.slice(0, size).map((name, at) => {
      return world.add(name, { identity: { isTransit: transit[at]! }, network: { hopsMax } })
    })
    let next = 0
    for (const [at, from] of this.members.entries()) {
      for (const to of this.members.slice(at + 1)) {
        const { isThere, ...terms } = links[next]!
        next += 1
        if (isThere) from.dial(to.host, terms)
      }
    }
    this.consumers = wishes.map((wish) => {
      const { at, kind, pattern, credit, selector } = wish
      const filter = selector === undefined ? undefined : selectorFilter(selector)
      const consumer = this.members[at]!.subscribe({ credit, filter }, { kind, pattern })
      return { ...wish, consumer }
    })
    world.run(2_000)
  }

  /** Names of the brokers, but for the one where it was published, that took the message. */
  receivers(): string[] {
    return this.members.filter(({ broker }) => broker.counters.received > 0).map(({ host }) => host)
  }
}

test('a broker sends where it says it would, by the way it says, and nowhere else', (t) => {
  let moved = 0
  fc.assert(
    fc.property(randomCase, (one) => {
      const run = new CaseWorld(one)
      const { world, members, consumers } = run
      const origin = members[one.at]!
      const { n, isPersistent } = one
      const headers = [
        ['n', n],
        ['persistent', `${isPersistent}`]
      ] as const
      const explanation = explain(origin, { ...one.to, headers })
      const { kind, name: to } = one.to
      origin.publish({ kind, to, headers: `n:${n}\n`, isPersistent })
      world.run(500)
      const got = run.receivers()
      const elsewhere = explanation.goesTo.filter((name) => name !== origin.host)
      const text = JSON.stringify({ got, explanation })
      if (one.to.kind === 'topic') t.deepEqual([...got].sort(), [...elsewhere].sort(), text)
      else {
        const isSent = elsewhere.length > 0
        t.is(got.length, isSent ? 1 : 0, text)
        if (isSent) t.true(elsewhere.includes(got[0]!), text)
      }
      const isTaken = consumers.some(
        ({ at, consumer }) => at === one.at && consumer.deliveries.length > 0
      )
      t.is(isTaken, explanation.goesTo.includes(origin.host), text)
      for (const { at, consumer } of consumers) {
        for (const { message } of consumer.deliveries) {
          if (at === one.at) continue
          moved += 1
          // One that sets out anew forgets where it came from.
          if (one.hopsMax === 1) continue
          const path = routeTo(explanation, names[at]!).path.map(({ broker }) => broker)
          t.deepEqual([...message.brokerPath, names[at]!], [origin.host, ...path], text)
        }
      }
    }),
    { numRuns: 600 }
  )
  t.true(moved > 30)
})

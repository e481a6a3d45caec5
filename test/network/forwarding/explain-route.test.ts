// Where a message would go, and every reason why not, on maps and demand made for the purpose.

import test from 'ava'
import { Destination, Message, messageOrigin, selectorFilter } from '../../../src/broker/index.ts'
import { type DemandEntry, DemandTable } from '../../../src/network/demand/index.ts'
import {
  type BridgeState,
  type BrokerRoute,
  explainRoute,
  type RouteExplanation,
  type RouteReason,
  type RouteView,
  routeReasons
} from '../../../src/network/forwarding/index.ts'
import { type BrokerRecord, Routes } from '../../../src/network/map/index.ts'
import { aBridge, aRecord, mapOf, recordsOf } from '../map/map-builders.ts'

/** What a test varies. */
interface Facts {
  readonly records: readonly BrokerRecord[]
  /** By broker: what its consumers want. */
  readonly wants?: Readonly<Record<string, readonly DemandEntry[]>>
  readonly to?: { readonly kind: 'queue' | 'topic'; readonly name: string }
  readonly here?: RouteView['here']
  readonly hopsMax?: number
  /** Neighbours whose bridge is full; or gone. */
  readonly full?: readonly string[]
  readonly gone?: readonly string[]
  readonly parkedFor?: string
  /** Brokers whose demand is only remembered. */
  readonly kept?: readonly string[]
  readonly headers?: string
  /** A broker whose proxy takes nothing more just now. */
  readonly spent?: string
}

const topic = { kind: 'topic', name: 't' } as const
const queue = { kind: 'queue', name: 'q' } as const
const wantsT: DemandEntry = { ...pattern('topic', 't'), weight: 3 }
const wantsQ: DemandEntry = { ...pattern('queue', 'q'), weight: 3 }

function pattern(kind: 'queue' | 'topic', name: string) {
  return { kind, pattern: name }
}

function demandOf({ wants = {}, kept = [] }: Facts): DemandTable {
  const demand = new DemandTable(() => {})
  for (const [broker, entries] of Object.entries(wants)) {
    if (kept.includes(broker)) {
      demand.keep(
        broker,
        entries.map((entry) => entry.pattern)
      )
    } else demand.applySnapshot({ broker, incarnation: 1, version: 1, entries })
  }
  return demand
}

/** Published at `a`. */
function explain(facts: Facts): RouteExplanation {
  const { records, to = topic, here = [], hopsMax = 32, headers = '' } = facts
  const map = mapOf('a', records)
  const routes = new Routes(map)
  const demand = demandOf(facts)
  const message = new Message(new Destination(to.kind, to.name), messageOrigin('a', 1), 0)
  message.headers = Buffer.from(headers)
  message.headersEnd = message.headers.length
  const table = routes.for(to)
  const bridgeTo = (peer: string): BridgeState | undefined => {
    if (facts.gone?.includes(peer)) return undefined
    const isFull = facts.full?.includes(peer) === true
    return { peer, isFull, messagesPending: isFull ? 7 : 0, bytesPending: 0 }
  }
  const candidates = demand.demandForQueue(to.name).flatMap(({ broker, weight }) => {
    const nextHop = table.nextHop(broker)
    if (to.kind === 'topic' || nextHop === undefined) return []
    const isSpent = broker === facts.spent
    const credit = isSpent || weight === 0 || bridgeTo(nextHop)?.isFull === true ? 0 : 1
    return [{ broker, cost: table.costTo(broker), credit, filter: undefined }]
  })
  return explainRoute(
    {
      ...{ self: 'a', hopsMax, table, demand, here, candidates, bridgeTo },
      unfiltered: routes.for({ kind: 'temp-queue', name: '' }),
      records: () => map.records(),
      record: (name) => map.record(name),
      isReachable: (name) => map.isReachable(name),
      isBehindParked: (name) => name === facts.parkedFor
    },
    message
  )
}

function routeTo(explanation: RouteExplanation, broker: string): BrokerRoute {
  return explanation.brokers.find((route) => route.broker === broker)!
}

/** The records with more said of the bridge between two brokers, at both ends. */
function withTerms(
  records: readonly BrokerRecord[],
  [x, y]: readonly [string, string],
  terms: { readonly exclude?: readonly string[]; readonly include?: readonly string[] }
): BrokerRecord[] {
  const filter = { include: terms.include ?? [], exclude: terms.exclude ?? [] }
  return records.map((record) => {
    const other = record.broker === x ? y : record.broker === y ? x : undefined
    const bridges = record.bridges.map((one) => (one.peer === other ? { ...one, filter } : one))
    return { ...record, bridges }
  })
}

const chain = recordsOf('a-b', 'b-c:5')
const ring = recordsOf('a-b', 'b-c', 'c-d', 'd-a')
const consumer = { filter: undefined, credit: 5, isDurable: false }

const cases: Readonly<Record<RouteReason, { readonly facts: Facts; readonly at: string }>> = {
  here: { facts: { records: chain, here: [consumer] }, at: 'a' },
  'here-later': { facts: { records: chain, here: [{ ...consumer, credit: 0 }] }, at: 'a' },
  selector: {
    facts: {
      ...{ records: chain, headers: 'region:eu\n' },
      here: [{ ...consumer, filter: selectorFilter("region = 'us'") }]
    },
    at: 'a'
  },
  unheard: { facts: { records: chain }, at: 'b' },
  'no-consumers': { facts: { records: chain, wants: { b: [] } }, at: 'b' },
  away: { facts: { records: chain, wants: { z: [wantsT] }, kept: ['z'] }, at: 'z' },
  filtered: {
    facts: {
      records: withTerms(chain, ['b', 'c'], { exclude: ['topic://>'] }),
      wants: { c: [wantsT] }
    },
    at: 'c'
  },
  'no-route': {
    facts: {
      records: chain.map((one) => (one.broker === 'b' ? { ...one, isTransit: false } : one)),
      wants: { c: [wantsT] }
    },
    at: 'c'
  },
  'hop-limit': {
    facts: {
      records: recordsOf(...[...'abcdefghij'].map((name, at) => `${name}-${'bcdefghijk'[at]}`)),
      wants: { k: [wantsT] },
      hopsMax: 1
    },
    at: 'k'
  },
  'bridge-gone': { facts: { records: chain, wants: { c: [wantsT] }, gone: ['b'] }, at: 'c' },
  'behind-parked': { facts: { records: chain, wants: { c: [wantsT] }, parkedFor: 'c' }, at: 'c' },
  'consumers-full': {
    facts: { records: chain, wants: { c: [{ ...wantsQ, weight: 0 }] }, to: queue },
    at: 'c'
  },
  'bridge-full': { facts: { records: chain, wants: { c: [wantsT] }, full: ['b'] }, at: 'c' },
  'no-credit': {
    facts: { records: chain, wants: { c: [wantsQ] }, to: queue, spent: 'c' },
    at: 'c'
  },
  sent: { facts: { records: chain, wants: { c: [wantsT] } }, at: 'c' },
  next: { facts: { records: chain, wants: { b: [wantsQ], c: [wantsQ] }, to: queue }, at: 'c' }
}

for (const reason of Object.keys(routeReasons) as RouteReason[]) {
  test(`a message is said to be "${reason}": ${routeReasons[reason]}`, (t) => {
    const { facts, at } = cases[reason]
    const explanation = explain(facts)
    t.is(routeTo(explanation, at).reason, reason)
    const isThere = reason === 'sent' || reason === 'here'
    t.is(explanation.goesTo.includes(at), isThere)
  })
}

test('the whole way is told, with the cost of each bridge', (t) => {
  const { brokers, bridges } = explain({ records: chain, wants: { c: [wantsT], b: [] } })
  t.deepEqual(
    brokers.map(({ broker }) => broker),
    ['a', 'c', 'b']
  )
  t.like(brokers[1], { nextHop: 'b', cost: 6, weight: 3, isReachable: true, isKept: false })
  t.deepEqual(brokers[1]!.path, [
    { broker: 'b', cost: 1 },
    { broker: 'c', cost: 5 }
  ])
  t.deepEqual(brokers[1]!.wants, [{ pattern: 't', weight: 3, isDurable: false, selectors: [] }])
  t.deepEqual(
    bridges.map(({ peer }) => peer),
    ['b']
  )
})

test('what is routed round a filter says which one, and what is let through says nothing', (t) => {
  const records = withTerms(ring, ['a', 'b'], { include: ['topic://prices.>', 'queue://q'] })
  const round = routeTo(explain({ records, wants: { b: [wantsT] } }), 'b')
  t.is(round.reason, 'sent')
  t.deepEqual(
    round.path.map(({ broker }) => broker),
    ['d', 'c', 'b']
  )
  const obstacle = { kind: 'filter', from: 'a', to: 'b', rule: 'not-included', pattern: null }
  t.deepEqual(round.obstacles, [obstacle as never])
  const straight = routeTo(explain({ records, wants: { b: [wantsQ] }, to: queue }), 'b')
  t.deepEqual(straight.obstacles, [])
  t.is(straight.cost, 1)
})

test('a filter that leaves no way is named with its pattern', (t) => {
  const records = withTerms(chain, ['b', 'c'], { exclude: ['topic://t', 'queue://q'] })
  const { obstacles, cost, nextHop, path } = routeTo(
    explain({ records, wants: { c: [wantsT] } }),
    'c'
  )
  const filter = { kind: 'filter', from: 'b', to: 'c', rule: 'excluded', pattern: 'topic://t' }
  t.deepEqual(obstacles, [filter as never])
  t.deepEqual([cost, nextHop, path.length], [null, null, 0])
})

test('one-way bridges and brokers that carry nothing for others are named', (t) => {
  const records = [
    aRecord('a', { bridges: [aBridge('b')] }),
    aRecord('b', { isTransit: false, bridges: [aBridge('a'), aBridge('c', { sends: false })] }),
    aRecord('c', { bridges: [aBridge('b')] })
  ]
  const route = routeTo(explain({ records, wants: { c: [wantsT] } }), 'c')
  t.is(route.reason, 'no-route')
  t.deepEqual(route.obstacles, [
    { kind: 'no-transit', broker: 'b' },
    { kind: 'one-way', from: 'c', to: 'b' }
  ])
})

test('a queue waits for a full bridge like a topic', (t) => {
  const explanation = explain({ records: chain, wants: { c: [wantsQ] }, to: queue, full: ['b'] })
  t.is(routeTo(explanation, 'c').reason, 'bridge-full')
  t.deepEqual(explanation.goesTo, [])
})

test('a queue tells the order: here first, then the cheapest, equals share', (t) => {
  const records = recordsOf('a-b', 'a-c', 'a-d:4')
  const wants = { b: [wantsQ], c: [wantsQ], d: [wantsQ] }
  const away = explain({ records, wants, to: queue })
  t.deepEqual([...away.goesTo].sort(), ['b', 'c'])
  t.deepEqual(
    ['b', 'c', 'd'].map((name) => routeTo(away, name).rank),
    [1, 1, 2]
  )
  const near = explain({ records, wants, to: queue, here: [consumer] })
  t.deepEqual(near.goesTo, ['a'])
  t.deepEqual(
    ['a', 'b', 'd'].map((name) => routeTo(near, name).rank),
    [1, 2, 3]
  )
  const busy = explain({ records, wants, to: queue, here: [{ ...consumer, credit: 0 }] })
  t.deepEqual([...busy.goesTo].sort(), ['b', 'c'])
  t.is(routeTo(busy, 'a').reason, 'here-later')
})

test('a topic goes to all that want it; those that are full hold its producers back', (t) => {
  const full = { ...wantsT, pattern: '>', weight: 0 }
  const wants = { b: [full, wantsT], c: [wantsT] }
  const { goesTo, isHeldBack, brokers } = explain({ records: chain, wants })
  t.deepEqual(goesTo, ['b', 'c'])
  t.true(isHeldBack)
  t.is(routeTo({ brokers } as RouteExplanation, 'b').weight, 0)
  t.false(explain({ records: chain, wants: { c: [wantsT] } }).isHeldBack)
})

test('durable subscriptions of a broker that is away are told as remembered', (t) => {
  const explanation = explain({ records: chain, wants: { z: [wantsT] }, kept: ['z'] })
  const route = routeTo(explanation, 'z')
  t.like(route, { isKept: true, isReachable: false, cost: null })
  t.deepEqual(route.wants, [{ pattern: 't', weight: 1, isDurable: true, selectors: [] }])
})

test('brokers whose consumers all leave it out by their selectors do not get it', (t) => {
  const selectors = ["region = 'us'"]
  const wants = { b: [wantsT], c: [{ ...wantsT, selectors }] }
  const left = explain({ records: chain, wants, headers: 'region:eu\n' })
  t.deepEqual(left.goesTo, ['b'])
  t.like(routeTo(left, 'c'), { reason: 'selector', weight: 3 })
  t.deepEqual(routeTo(left, 'c').wants[0]!.selectors, selectors)
  const taken = explain({ records: chain, wants, headers: 'region:us\n' })
  t.deepEqual(taken.goesTo, ['b', 'c'])
})

test('a way longer than hopsMax tells how often the message sets out anew', (t) => {
  const records = recordsOf('a-b', 'b-c', 'c-d')
  const wants = { d: [wantsT] }
  t.is(routeTo(explain({ records, wants, hopsMax: 2 }), 'd').newJourneys, 1)
  t.is(routeTo(explain({ records, wants, hopsMax: 3 }), 'd').newJourneys, 0)
  t.is(routeTo(explain({ records, wants, hopsMax: 2 }), 'd').reason, 'sent')
})

test('of many patterns the first are told, and how many more there are', (t) => {
  const parts = Array.from({ length: 20 }, (_, at) => at)
  const name = parts.map((at) => `p${at}`).join('.')
  const entries = parts.map((at): DemandEntry => {
    const wild = name.split('.').map((one, place) => (place === at ? '*' : one))
    return { kind: 'topic', pattern: wild.join('.'), weight: 1 }
  })
  const to = { kind: 'topic', name } as const
  const route = routeTo(explain({ records: chain, wants: { b: entries }, to }), 'b')
  t.is(route.wants.length, 16)
  t.is(route.wantsLeft, 4)
})

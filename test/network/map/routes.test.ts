// Filters decide which bridges a destination may cross, and routes go round the others.

import test from 'ava'
import fc from 'fast-check'
import { patternMatches } from '../../../src/broker/index.ts'
import {
  type BrokerRecord,
  ForwardFilter,
  type ForwardFilterSpec,
  Routes,
  validateFilter
} from '../../../src/network/map/index.ts'
import { aBridge, aRecord, mapOf, naiveCosts, recordsOf } from './map-builders.ts'

function queue(name: string): { kind: 'queue'; name: string } {
  return { kind: 'queue', name }
}

function topic(name: string): { kind: 'topic'; name: string } {
  return { kind: 'topic', name }
}

/** The records with a filter put on the end of `broker` that faces `peer`. */
function withFilter(
  records: readonly BrokerRecord[],
  end: { readonly broker: string; readonly peer: string },
  filter: Partial<ForwardFilterSpec>
): BrokerRecord[] {
  const spec = { include: [], exclude: [], ...filter }
  return records.map((record) => {
    if (record.broker !== end.broker) return record
    const bridges = record.bridges.map((bridge) => {
      return bridge.peer === end.peer ? { ...bridge, filter: spec } : bridge
    })
    return { ...record, bridges }
  })
}

test('a filter admits what is included and not excluded, by kind', (t) => {
  const filter = new ForwardFilter({
    include: ['queue://orders.>', 'topic://prices.*'],
    exclude: ['queue://orders.test.>']
  })
  t.true(filter.admits(queue('orders.eu')))
  t.false(filter.admits(queue('orders.test.eu')))
  t.false(filter.admits(queue('prices.gold')))
  t.true(filter.admits(topic('prices.gold')))
  t.false(filter.admits(topic('orders.eu')))
})

test('without an include list everything is included', (t) => {
  const filter = new ForwardFilter({ include: [], exclude: ['topic://>'] })
  t.true(filter.admits(queue('any')))
  t.false(filter.admits(topic('any')))
})

test('temporary queues pass every filter', (t) => {
  const filter = new ForwardFilter({ include: ['topic://none'], exclude: ['queue://>'] })
  t.true(filter.admits({ kind: 'temp-queue', name: 'reply.1' }))
})

test('a destination goes round a bridge that does not admit it', (t) => {
  const ring = recordsOf('a-b', 'b-c', 'c-d', 'd-a')
  const records = withFilter(ring, { broker: 'b', peer: 'a' }, { exclude: ['queue://secret.>'] })
  const routes = new Routes(mapOf('a', records))
  t.is(routes.for(queue('orders')).nextHop('b'), 'b')
  t.is(routes.for(queue('secret.plans')).nextHop('b'), 'd')
  t.is(routes.for(queue('secret.plans')).costTo('b'), 3)
  t.is(routes.for(topic('secret.plans')).nextHop('b'), 'b')
  t.is(routes.for({ kind: 'temp-queue', name: 'secret.x' }).nextHop('b'), 'b')
})

test('both ends of a bridge must admit, so the filter of either is enough to stop', (t) => {
  let records = recordsOf('a-b')
  records = withFilter(records, { broker: 'a', peer: 'b' }, { include: ['queue://x.>'] })
  records = withFilter(records, { broker: 'b', peer: 'a' }, { include: ['queue://*.y'] })
  const routes = new Routes(mapOf('a', records))
  t.is(routes.for(queue('x.y')).nextHop('b'), 'b')
  t.is(routes.for(queue('x.z')).nextHop('b'), undefined)
  t.is(routes.for(queue('z.y')).nextHop('b'), undefined)
  t.is(routes.for(topic('x.y')).nextHop('b'), undefined)
})

test('destinations that may cross the same bridges share one table', (t) => {
  const records = withFilter(
    recordsOf('a-b'),
    { broker: 'a', peer: 'b' },
    { include: ['queue://x.>'] }
  )
  const routes = new Routes(mapOf('a', records))
  t.is(routes.for(queue('x.1')), routes.for(queue('x.2')))
  t.is(routes.for(queue('y')), routes.for(topic('x.1')))
  t.not(routes.for(queue('x.1')), routes.for(queue('y')))
})

test('without filters there is one table for all destinations', (t) => {
  const routes = new Routes(mapOf('a', recordsOf('a-b')))
  t.is(routes.for(queue('x')), routes.for(topic('y')))
})

test('filters that list nothing are no filters', (t) => {
  const records = withFilter(recordsOf('a-b'), { broker: 'a', peer: 'b' }, {})
  const routes = new Routes(mapOf('a', records))
  t.is(routes.for(queue('x')), routes.for({ kind: 'temp-queue', name: 'y' }))
  t.is(routes.for(queue('x')).nextHop('b'), 'b')
})

test('a filter is checked before it is believed, and the fault names the pattern', (t) => {
  t.is(validateFilter({ include: ['queue://a.>'], exclude: ['topic://*'] }), undefined)
  t.regex(validateFilter({ include: ['orders'], exclude: [] })!, /"orders".*queue:\/\//)
  t.regex(validateFilter({ include: [], exclude: ['queue://a b'] })!, /"a b"/)
})

test('routes follow the map, and are kept while it does not change', (t) => {
  const map = mapOf('a', recordsOf('a-b', 'b-c'))
  const routes = new Routes(map)
  const before = routes.for(queue('x'))
  t.is(before.costTo('c'), 2)
  map.accept(aRecord('b', { sequence: 2, bridges: map.record('b')!.bridges }))
  t.is(routes.for(queue('x')), before)
  map.accept(aRecord('b', { sequence: 3, bridges: [aBridge('a')] }))
  t.is(routes.for(queue('x')).costTo('c'), Number.POSITIVE_INFINITY)
})

test('more than 16 filtered bridges are told apart', (t) => {
  const leaves = Array.from({ length: 40 }, (_, at) => `n${at}`)
  let records = recordsOf(...leaves.map((leaf) => `hub-${leaf}`))
  for (const leaf of leaves) {
    records = withFilter(records, { broker: 'hub', peer: leaf }, { include: [`queue://${leaf}.>`] })
  }
  const routes = new Routes(mapOf('hub', records))
  for (const leaf of leaves) t.deepEqual(routes.for(queue(`${leaf}.x`)).targets(), [leaf])
})

const pattern = fc.constantFrom('queue://>', 'queue://x', 'queue://x.*', 'topic://x', 'queue://*.y')
const filter = fc.record({
  include: fc.array(pattern, { maxLength: 2 }),
  exclude: fc.array(pattern, { maxLength: 1 })
})

function admits({ include, exclude }: ForwardFilterSpec, name: string): boolean {
  const matches = (text: string): boolean => {
    return text.startsWith('queue://') && patternMatches(text.slice('queue://'.length), name)
  }
  return !exclude.some(matches) && (include.length === 0 || include.some(matches))
}

test('routes of a destination are those of a network without the bridges that refuse it', (t) => {
  const ends = ['a-b', 'b-c', 'c-d', 'd-a', 'b-d'].flatMap((join) => {
    const [broker, peer] = join.split('-') as [string, string]
    return [
      { broker, peer },
      { broker: peer, peer: broker }
    ]
  })
  const filters = fc.tuple(...ends.map(() => fc.option(filter, { nil: undefined, freq: 2 })))
  const name = fc.constantFrom('x', 'x.y', 'x.z', 'z.y', 'q')
  fc.assert(
    fc.property(filters, name, (specs, asked) => {
      let filtered = recordsOf('a-b', 'b-c', 'c-d', 'd-a', 'b-d')
      let reduced = filtered
      for (const [at, spec] of specs.entries()) {
        if (spec === undefined) continue
        const { broker, peer } = ends[at]!
        filtered = withFilter(filtered, { broker, peer }, spec)
        if (admits(spec, asked)) continue
        reduced = reduced.map((record) => {
          if (record.broker !== broker) return record
          return { ...record, bridges: record.bridges.filter((bridge) => bridge.peer !== peer) }
        })
      }
      const table = new Routes(mapOf('a', filtered)).for(queue(asked))
      for (const [target, cost] of naiveCosts(reduced, 'a')) t.is(table.costTo(target), cost)
    }),
    { numRuns: 300 }
  )
})

// Routes against a naive oracle, and against the promise that no message goes in a circle.

import test from 'ava'
import fc from 'fast-check'
import type { BrokerRecord } from '../../../src/network/map/index.ts'
import { Routes, type RouteTable } from '../../../src/network/map/index.ts'
import {
  aBridge,
  aRecord,
  assertValid,
  hopCost,
  mapOf,
  naiveCosts,
  randomRecords,
  recordsOf
} from './map-builders.ts'

const anyQueue = { kind: 'queue', name: 'orders' } as const

function tableOf(broker: string, records: readonly BrokerRecord[]): RouteTable {
  return new Routes(mapOf(broker, records)).for(anyQueue)
}

/** Every next hop that any broker may choose for `target`, equal ones included. */
function nextHopGraph(
  records: readonly BrokerRecord[],
  target: string
): Map<string, readonly string[]> {
  return new Map(
    records.map(({ broker }) => [broker, tableOf(broker, records).nextHops(target)] as const)
  )
}

function hasCycle(graph: ReadonlyMap<string, readonly string[]>): boolean {
  const done = new Set<string>()
  const onPath = new Set<string>()
  const walk = (at: string): boolean => {
    if (onPath.has(at)) return true
    if (done.has(at)) return false
    onPath.add(at)
    const isCyclic = (graph.get(at) ?? []).some(walk)
    onPath.delete(at)
    done.add(at)
    return isCyclic
  }
  return [...graph.keys()].some(walk)
}

test('costs are the least sums over usable bridges, by every path there is', (t) => {
  fc.assert(
    fc.property(randomRecords, (records) => {
      assertValid(records)
      for (const { broker } of records) {
        const table = tableOf(broker, records)
        for (const [target, cost] of naiveCosts(records, broker)) {
          t.is(table.costTo(target), cost)
          t.is(table.nextHop(target) !== undefined, cost > 0 && cost < Number.POSITIVE_INFINITY)
        }
      }
    }),
    { numRuns: 200 }
  )
})

test('next hops are exactly the neighbours on a path of least cost, the chosen one first', (t) => {
  fc.assert(
    fc.property(randomRecords, (records) => {
      const source = records[0]!.broker
      const table = tableOf(source, records)
      for (const [target, cost] of naiveCosts(records, source)) {
        if (target === source || cost === Number.POSITIVE_INFINITY) {
          t.deepEqual(table.nextHops(target), [])
          continue
        }
        const expected = records
          .map((record) => record.broker)
          .filter((neighbour) => {
            if (neighbour === source) return false
            const first = hopCost(records, { from: source, to: neighbour, source })
            if (first === undefined) return false
            if (neighbour === target) return first === cost
            const isTransit = records.find((record) => record.broker === neighbour)!.isTransit
            return isTransit && first + naiveCosts(records, neighbour).get(target)! === cost
          })
        t.deepEqual([...table.nextHops(target)].sort(), expected.sort())
        t.is(table.nextHops(target)[0], table.nextHop(target))
      }
    }),
    { numRuns: 200 }
  )
})

test('when maps agree, no choice of next hops leads in a circle', (t) => {
  fc.assert(
    fc.property(randomRecords, (records) => {
      for (const { broker } of records) t.false(hasCycle(nextHopGraph(records, broker)))
    }),
    { numRuns: 100 }
  )
})

test('a message handed to an alternate arrives, whatever equal hops the others choose', (t) => {
  fc.assert(
    fc.property(randomRecords, (records) => {
      const source = records[0]!.broker
      const table = tableOf(source, records)
      for (const { broker: target } of records) {
        const graph = nextHopGraph(records, target)
        for (const alternate of table.alternates(target)) {
          t.false(table.nextHops(target).includes(alternate))
          const met = new Set([alternate])
          for (const at of met) for (const hop of graph.get(at)!) met.add(hop)
          t.true(met.has(target))
          t.false(met.has(source), `${alternate} leads back to ${source} on the way to ${target}`)
        }
      }
    }),
    { numRuns: 150 }
  )
})

test('every neighbour that avoids the source on all its cheapest paths is an alternate', (t) => {
  const records = recordsOf('s-a', 'a-d', 's-b', 'b-c', 'c-d')
  t.deepEqual(tableOf('s', records).nextHops('d'), ['a'])
  // b reaches d over c for 2, over s for 2 + 1.
  t.deepEqual(tableOf('s', records).alternates('d'), ['b'])
})

test('a neighbour that would send back is no alternate, and neither is one that might', (t) => {
  t.deepEqual(tableOf('s', recordsOf('s-a', 'a-d', 's-b')).alternates('d'), [])
  // b reaches d over c for 3, which is what it costs over s.
  const records = recordsOf('s-a', 'a-d', 's-b', 'b-c:2', 'c-d')
  t.deepEqual(tableOf('s', records).alternates('d'), [])
})

test('a broker that is no transit is no alternate, but to itself', (t) => {
  const records = recordsOf('s-a', 'a-d', 's-b:9', 'a-b', 'b-d').map((record) => {
    return record.broker === 'b' ? { ...record, isTransit: false } : record
  })
  t.deepEqual(tableOf('s', records).alternates('d'), [])
  t.deepEqual(tableOf('s', records).nextHops('b'), ['a'])
  t.deepEqual(tableOf('s', records).alternates('b'), ['b'])
})

test('alternates come cheapest first', (t) => {
  const records = recordsOf('s-d', 's-a:5', 'a-d', 's-b:2', 'b-d', 's-c:2', 'c-d')
  t.deepEqual(tableOf('s', records).alternates('d'), ['b', 'c', 'a'])
})

test('in a ring of four the opposite broker has two next hops and no alternate', (t) => {
  const records = recordsOf('a-b', 'b-c', 'c-d', 'd-a')
  const table = tableOf('a', records)
  t.deepEqual([...table.nextHops('c')].sort(), ['b', 'd'])
  t.deepEqual(table.alternates('c'), [])
  t.is(table.hopsTo('c'), 2)
  t.is(table.costTo('c'), 2)
})

test('both ends break the tie of two equal paths alike, and not always by name', (t) => {
  const chosen = new Set<string>()
  for (let ring = 0; ring < 20; ring += 1) {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((letter) => `${letter}${ring}`)
    const records = recordsOf(`${a}-${b}`, `${b}-${c}`, `${c}-${d}`, `${d}-${a}`)
    const there = tableOf(a!, records).nextHop(c!)
    t.is(tableOf(c!, records).nextHop(a!), there)
    chosen.add(there!.charAt(0))
  }
  t.deepEqual([...chosen].sort(), ['b', 'd'])
})

test('a large cost never gives way to many ties: cost comes first on long paths as well', (t) => {
  // 150 hops of cost 1 against one bridge of cost 149, then of cost 151.
  const chain = Array.from({ length: 150 }, (_, at) => `n${at}-n${at + 1}`)
  const cheaper = tableOf('n0', recordsOf(...chain, 'n0-n150:149'))
  t.is(cheaper.nextHop('n150'), 'n150')
  t.is(cheaper.costTo('n150'), 149)
  const dearer = tableOf('n0', recordsOf(...chain, 'n0-n150:151'))
  t.is(dearer.nextHop('n150'), 'n1')
  t.is(dearer.hopsTo('n150'), 150)
  t.deepEqual(dearer.nextHops('n150'), ['n1'])
})

test('the larger of the two costs of a bridge counts, so that both ends agree', (t) => {
  const records = [
    aRecord('a', { bridges: [aBridge('b', { cost: 3 })] }),
    aRecord('b', { bridges: [aBridge('a', { cost: 8 })] })
  ]
  t.is(tableOf('a', records).costTo('b'), 8)
  t.is(tableOf('b', records).costTo('a'), 8)
})

test('a bridge that one end alone lists carries nothing', (t) => {
  const records = [aRecord('a', { bridges: [aBridge('b')] }), aRecord('b')]
  t.is(tableOf('a', records).costTo('b'), Number.POSITIVE_INFINITY)
  t.is(tableOf('b', records).nextHop('a'), undefined)
})

test('a one-way bridge carries messages one way', (t) => {
  const records = [
    aRecord('a', { bridges: [aBridge('b')] }),
    aRecord('b', { bridges: [aBridge('a', { sends: false })] })
  ]
  t.is(tableOf('a', records).nextHop('b'), 'b')
  t.is(tableOf('b', records).nextHop('a'), undefined)
  t.deepEqual(tableOf('b', records).targets(), [])
})

test('a broker that is no transit gets and sends its own, and carries nothing for others', (t) => {
  const records = recordsOf('a-s', 's-b').map((record) => {
    return record.broker === 's' ? { ...record, isTransit: false } : record
  })
  t.is(tableOf('a', records).costTo('b'), Number.POSITIVE_INFINITY)
  t.is(tableOf('a', records).nextHop('s'), 's')
  t.is(tableOf('s', records).nextHop('b'), 'b')
  t.deepEqual(tableOf('s', records).targets().toSorted(), ['a', 'b'])
})

test('a table knows itself at no cost, and nothing of a broker it never heard of', (t) => {
  const table = tableOf('a', recordsOf('a-b'))
  t.is(table.costTo('a'), 0)
  t.is(table.hopsTo('a'), 0)
  t.is(table.nextHop('a'), undefined)
  t.deepEqual(table.nextHops('a'), [])
  t.deepEqual(table.alternates('a'), [])
  t.is(table.costTo('nobody'), Number.POSITIVE_INFINITY)
  t.is(table.hopsTo('nobody'), Number.POSITIVE_INFINITY)
  t.is(table.nextHop('nobody'), undefined)
  t.deepEqual(table.nextHops('nobody'), [])
  t.deepEqual(table.alternates('nobody'), [])
})

test('targets come nearest first, without the broker itself', (t) => {
  t.deepEqual(tableOf('a', recordsOf('a-b', 'b-c', 'c-d')).targets(), ['b', 'c', 'd'])
})

test('a path names every broker on it, and adds up to its cost', (t) => {
  t.deepEqual(tableOf('a', recordsOf('a-b', 'b-c:5', 'a-c:7')).pathTo('c'), ['a', 'b', 'c'])
  t.deepEqual(tableOf('a', recordsOf('a-b')).pathTo('a'), ['a'])
  t.deepEqual(tableOf('a', recordsOf('a-b')).pathTo('nobody'), [])
  t.deepEqual(tableOf('a', recordsOf('a-b', 'c-d')).pathTo('c'), [])
  fc.assert(
    fc.property(randomRecords, (records) => {
      const table = tableOf('a', records)
      for (const target of table.targets()) {
        const path = table.pathTo(target)
        t.is(path[1], table.nextHop(target))
        t.is(path.length - 1, table.hopsTo(target))
        let cost = 0
        for (const [at, to] of path.slice(1).entries()) {
          cost += hopCost(records, { from: path[at]!, to, source: 'a' })!
        }
        t.is(cost, table.costTo(target))
      }
    })
  )
})

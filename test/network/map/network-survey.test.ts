// Planned networks: who reaches whom, what that depends on, and what a loss changes, compared with
// networks of which the parts are really taken away.

import test from 'ava'
import fc from 'fast-check'
import {
  type BrokerRecord,
  type ClassSurvey,
  type PlannedNetwork,
  RouteTable,
  recordsWithout,
  surveyLoss,
  surveyNetwork
} from '../../../src/network/map/index.ts'
import { LinkGraph } from '../../../src/network/map/link-graph.ts'
import { findSinglePoints } from '../../../src/network/map/single-points.ts'
import { aBridge, aRecord, randomRecords, recordsOf } from './map-builders.ts'

function plan(records: readonly BrokerRecord[], hopsMax = 32): PlannedNetwork {
  return { records, hopsMax: () => hopsMax }
}

function only(surveys: readonly ClassSurvey[]): ClassSurvey {
  if (surveys.length !== 1) throw new Error(`${surveys.length} classes`)
  return surveys[0]!
}

function filtered(records: readonly BrokerRecord[], pair: string, exclude: readonly string[]) {
  const filter = { include: [], exclude }
  return records.map((record) => {
    const peer = pair.replace(record.broker, '').replace('-', '')
    const bridges = record.bridges.map((one) => {
      return pair.includes(record.broker) && one.peer === peer ? { ...one, filter } : one
    })
    return { ...record, bridges }
  })
}

test('a ring reaches everybody, and no one loss cuts others off', (t) => {
  const survey = only(surveyNetwork(plan(recordsOf('a-b', 'b-c', 'c-d', 'd-a'))))
  t.like(survey, { of: ['every destination'], pairs: 12, cutPairs: 0, singlePoints: [] })
  t.like(survey.longest, { hops: 2, cost: 2 })
  t.is(survey.hopsMean, 16 / 12)
})

test('a chain depends on all in the middle, brokers and bridges', (t) => {
  const { singlePoints, longest } = only(surveyNetwork(plan(recordsOf('a-b', 'b-c:3', 'c-d'))))
  t.deepEqual(longest?.path, longest?.from === 'a' ? ['a', 'b', 'c', 'd'] : ['d', 'c', 'b', 'a'])
  t.is(longest?.cost, 5)
  t.deepEqual(
    singlePoints!.map(({ kind, ends, pairs }) => [kind, ends.join('-'), pairs]),
    [
      ['bridge', 'b-c', 8],
      ['bridge', 'a-b', 6],
      ['bridge', 'c-d', 6],
      ['broker', 'b', 4],
      ['broker', 'c', 4]
    ]
  )
  const { from, to } = singlePoints!.at(-1)!
  t.true([from, to].includes('d') && !from.includes('c') && !to.includes('c'))
})

test('destinations that filters treat alike are told together', (t) => {
  const records = filtered(recordsOf('a-b', 'b-c'), 'b-c', ['queue://x.>', 'topic://secret'])
  const surveys = surveyNetwork(plan(records))
  t.deepEqual(
    surveys.map(({ of, cutPairs }) => [of, cutPairs]),
    [
      [['other queues', 'other topics'], 0],
      [['queue://x.>', 'topic://secret'], 4]
    ]
  )
  const pair = surveys[1]!.cut.find(({ from, to }) => from === 'a' && to === 'c')!
  const filter = { kind: 'filter', from: 'b', to: 'c', rule: 'excluded', pattern: 'queue://x.>' }
  t.deepEqual(pair.obstacles, [filter as never])
})

test('a filter that is the same for all destinations makes one class', (t) => {
  const records = filtered(recordsOf('a-b'), 'a-b', ['queue://>', 'topic://>'])
  const surveys = surveyNetwork(plan(records))
  t.deepEqual(
    surveys.map(({ cutPairs }) => cutPairs),
    [2]
  )
})

test('ways longer than a broker on them lets messages go are found', (t) => {
  const records = recordsOf('a-b', 'b-c', 'c-d')
  const { overlong } = only(surveyNetwork(plan(records, 2)))
  t.deepEqual(
    overlong.map(({ broker, hops }) => [broker, hops]),
    [
      ['b', 3],
      ['c', 3]
    ]
  )
  t.deepEqual(only(surveyNetwork(plan(records, 3))).overlong, [])
})

test('a broker that carries nothing for others is found where there is no way round it', (t) => {
  const star = recordsOf('a-h', 'b-h', 'a-x', 'b-x')
  const noTransit = star.map((one) => (one.broker === 'h' ? { ...one, isTransit: false } : one))
  t.deepEqual(only(surveyNetwork(plan(noTransit))).noTransit, [])
  const alone = recordsWithout(noTransit, { brokers: new Set(['x']), bridges: [] })
  const survey = only(surveyNetwork(plan(alone)))
  t.deepEqual(survey.noTransit, [{ broker: 'h', pairs: 2 }])
  t.is(survey.cutPairs, 2)
})

test('a bridge that leads one way is in the way of those behind it', (t) => {
  const records = [
    aRecord('a', { bridges: [aBridge('b')] }),
    aRecord('b', { bridges: [aBridge('a', { sends: false })] })
  ]
  const { cut, pairs } = only(surveyNetwork(plan(records)))
  t.is(pairs, 1)
  const oneWay = { kind: 'one-way', from: 'a', to: 'b' } as const
  t.deepEqual(cut, [{ from: 'b', to: 'a', obstacles: [oneWay] }])
})

test('a loss tells who is cut off, and whose way becomes dearer', (t) => {
  const ring = plan(recordsOf('a-b', 'b-c', 'c-d', 'd-a'))
  const [without] = surveyLoss(ring, { brokers: new Set(), bridges: [['b', 'a']] })
  t.is(without!.lostPairs, 0)
  const { before, after } = without!.changed[0]!
  t.deepEqual([before.cost, after.cost, after.hops], [1, 3, 3])
  t.is(without!.longest?.hops, 3)
  const [half] = surveyLoss(ring, { brokers: new Set(['b']), bridges: [['c', 'd']] })
  t.is(half!.lostPairs, 4)
  t.deepEqual(half!.lost[0], { from: 'a', to: 'c' })
  const [none] = surveyLoss(ring, { brokers: new Set(['a', 'b', 'c', 'd']), bridges: [] })
  t.like(none, { lostPairs: 0, changedPairs: 0 })
})

test('the search for single points ends where it would take too long, and says so', (t) => {
  const chain = recordsOf('a-b', 'b-c', 'c-d')
  const records = chain.map((one) => (one.broker === 'd' ? { ...one, isTransit: false } : one))
  const graph = new LinkGraph(records, () => {
    throw new Error('no filters here')
  })
  t.is(findSinglePoints(graph, undefined, 10), undefined)
  t.is(findSinglePoints(graph, undefined, 1_000)?.length, 5)
})

test('single points are those without which fewer pairs have a way, one by one', (t) => {
  fc.assert(
    fc.property(randomRecords, fc.boolean(), (records, isPlain) => {
      const all = isPlain ? records.map(plain) : records
      const { singlePoints, pairs } = only(surveyNetwork(plan(all)))
      t.is(pairs, [...pairsOf(all)].length)
      const found = new Map(singlePoints!.map((one) => [one.ends.join('-'), one]))
      for (const [name, brokers, bridges] of losses(all)) {
        const left = recordsWithout(all, { brokers: new Set(brokers), bridges })
        const after = new Set(pairsOf(left))
        const lost = [...pairsOf(all)].filter((pair) => {
          return !after.has(pair) && !pair.split(' ').some((end) => brokers.includes(end))
        })
        t.is(found.get(name)?.pairs ?? 0, lost.length, `${name} of ${JSON.stringify(all)}`)
        const point = found.get(name)
        if (point !== undefined) t.true(lost.includes(`${point.from} ${point.to}`))
      }
    }),
    { numRuns: 200 }
  )
})

function plain(record: BrokerRecord): BrokerRecord {
  return {
    ...record,
    isTransit: true,
    bridges: record.bridges.map((bridge) => ({ ...bridge, sends: true }))
  }
}

/** Each broker and each bridge by itself. */
function* losses(
  records: readonly BrokerRecord[]
): Generator<[string, readonly string[], readonly (readonly [string, string])[]]> {
  for (const { broker, bridges } of records) {
    yield [broker, [broker], []]
    for (const { peer } of bridges) {
      if (broker < peer) yield [`${broker}-${peer}`, [], [[broker, peer]]]
    }
  }
}

function* pairsOf(records: readonly BrokerRecord[]): Generator<string> {
  const graph = new LinkGraph(records, () => {
    throw new Error('no filters here')
  })
  for (const { broker } of records) {
    for (const target of new RouteTable(graph, broker).targets()) yield `${broker} ${target}`
  }
}

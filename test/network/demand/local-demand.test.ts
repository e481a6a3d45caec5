// The own demand is counted, summed and told as differences that add up to the snapshot.

import test from 'ava'
import fc from 'fast-check'
import { AssertionFailure, isPostroadError } from '../../../src/base/index.ts'
import { patternMatches } from '../../../src/broker/index.ts'
import {
  type DemandDelta,
  type DemandEntry,
  LocalDemand,
  weightOfCredit
} from '../../../src/network/demand/index.ts'

test('credit is told by its magnitude, from 1 for one to 16 for 32,768 and more', (t) => {
  const weights = [0, 1, 2, 3, 4, 1_000, 32_767, 32_768, 65_535, 4_000_000_000].map(weightOfCredit)
  t.deepEqual(weights, [0, 1, 2, 2, 3, 10, 15, 16, 16, 16])
})

test('the first delta leads from the empty set at version 0', (t) => {
  const demand = new LocalDemand('a', 7)
  t.deepEqual(demand.snapshot(), { broker: 'a', incarnation: 7, version: 0, entries: [] })
  t.is(demand.takeDelta(), undefined)
  demand.add('queue', 'orders', { weight: 100 })
  t.deepEqual(demand.takeDelta(), {
    broker: 'a',
    incarnation: 7,
    fromVersion: 0,
    toVersion: 1,
    set: [{ kind: 'queue', pattern: 'orders', weight: 7 }],
    removed: []
  })
  t.is(demand.takeDelta(), undefined)
  t.is(demand.version, 1)
})

test('a durable subscription is told as such, with and without other consumers', (t) => {
  const demand = new LocalDemand('a', 1)
  const entry = { kind: 'topic', pattern: 'prices', weight: 1 } as const
  demand.add('topic', 'prices', { weight: 1 })
  t.deepEqual(demand.takeDelta()?.set, [entry])
  demand.add('topic', 'prices', { weight: 0, isDurable: true })
  t.deepEqual(demand.takeDelta()?.set, [{ ...entry, isDurable: true }])
  t.deepEqual(demand.snapshot().entries, [{ ...entry, isDurable: true }])
  demand.remove('topic', 'prices', { weight: 0, isDurable: true })
  t.deepEqual(demand.takeDelta()?.set, [entry])
  t.deepEqual(demand.entries(), [entry])
})

test('consumers are counted: the entry goes with the last of them', (t) => {
  const demand = new LocalDemand('a', 1)
  demand.add('topic', 'prices.>', { weight: 1 })
  demand.add('topic', 'prices.>', { weight: 1 })
  demand.takeDelta()
  demand.remove('topic', 'prices.>', { weight: 1 })
  t.like(demand.takeDelta(), { set: [{ kind: 'topic', pattern: 'prices.>', weight: 1 }] })
  demand.remove('topic', 'prices.>', { weight: 1 })
  const delta = demand.takeDelta()
  t.deepEqual(delta?.removed, [{ kind: 'topic', pattern: 'prices.>' }])
  t.deepEqual(delta?.set, [])
  t.deepEqual(demand.entries(), [])
})

test('a change of credit within its magnitude is not told', (t) => {
  const demand = new LocalDemand('a', 1)
  demand.add('queue', 'q', { weight: 1_000 })
  demand.takeDelta()
  demand.add('queue', 'q', { weight: 5 })
  t.is(demand.takeDelta(), undefined)
  demand.add('queue', 'q', { weight: 1_000 })
  t.is(demand.takeDelta()?.set[0]?.weight, 11)
})

test('what came and went between two deltas is not told, nor is it in a snapshot', (t) => {
  const demand = new LocalDemand('a', 1)
  demand.add('queue', 'q', { weight: 1 })
  t.deepEqual(demand.snapshot().entries, [])
  t.deepEqual(demand.entries(), [{ kind: 'queue', pattern: 'q', weight: 1 }])
  demand.remove('queue', 'q', { weight: 1 })
  t.is(demand.takeDelta(), undefined)
})

test('a full pattern weighs nothing and is still wanted', (t) => {
  const demand = new LocalDemand('a', 1)
  demand.add('queue', 'q', { weight: 10 })
  demand.setFull('queue', 'q', true)
  t.deepEqual(demand.entries(), [{ kind: 'queue', pattern: 'q', weight: 0 }])
  demand.setFull('queue', 'q', false)
  t.deepEqual(demand.entries(), [{ kind: 'queue', pattern: 'q', weight: 4 }])
})

test('a mark of being full outlasts the consumers, and alone is not told', (t) => {
  const demand = new LocalDemand('a', 1)
  demand.setFull('queue', 'q', true)
  t.is(demand.takeDelta(), undefined)
  demand.add('queue', 'q', { weight: 10 })
  t.is(demand.takeDelta()?.set[0]?.weight, 0)
  demand.remove('queue', 'q', { weight: 10 })
  t.is(demand.takeDelta()?.removed.length, 1)
})

test('a full queue is told while only a wildcard has consumers for it', (t) => {
  const demand = new LocalDemand('a', 1)
  demand.setFull('queue', 'orders.eu', true)
  demand.setFull('queue', 'other', true)
  demand.add('queue', 'orders.*', { weight: 10 })
  t.deepEqual(
    demand.takeDelta()?.set.toSorted((a, b) => a.weight - b.weight),
    [
      { kind: 'queue', pattern: 'orders.eu', weight: 0 },
      { kind: 'queue', pattern: 'orders.*', weight: 4 }
    ]
  )
  demand.remove('queue', 'orders.*', { weight: 10 })
  t.is(demand.takeDelta()?.removed.length, 2)
  demand.add('queue', 'orders.*', { weight: 10 })
  demand.takeDelta()
  demand.setFull('queue', 'orders.eu', false)
  t.deepEqual(demand.takeDelta()?.removed, [{ kind: 'queue', pattern: 'orders.eu' }])
})

test('queues and topics of one name are two things', (t) => {
  const demand = new LocalDemand('a', 1)
  demand.add('queue', 'x', { weight: 1 })
  demand.add('topic', 'x', { weight: 2 })
  demand.remove('queue', 'x', { weight: 1 })
  t.deepEqual(demand.entries(), [{ kind: 'topic', pattern: 'x', weight: 2 }])
})

test('credit without bound is counted as much credit, in and out', (t) => {
  const demand = new LocalDemand('a', 1)
  demand.add('queue', 'q', { weight: Number.POSITIVE_INFINITY })
  demand.add('queue', 'q', { weight: 1 })
  demand.remove('queue', 'q', { weight: Number.POSITIVE_INFINITY })
  t.deepEqual(demand.entries(), [{ kind: 'queue', pattern: 'q', weight: 1 }])
})

test('counting out what was never counted in stops the process', (t) => {
  const demand = new LocalDemand('a', 1)
  demand.add('queue', 'q', { weight: 1 })
  t.throws(() => demand.remove('queue', 'other', { weight: 1 }), { instanceOf: AssertionFailure })
  t.throws(() => demand.remove('topic', 'q', { weight: 1 }), { instanceOf: AssertionFailure })
  t.throws(() => demand.remove('queue', 'q', { weight: 2 }), { instanceOf: AssertionFailure })
  t.throws(() => demand.add('queue', 'q', { weight: Number.NaN }), { instanceOf: AssertionFailure })
})

test('one pattern over the limit is refused, known ones and marks are not', (t) => {
  const demand = new LocalDemand('a', 1, 2)
  demand.add('queue', 'q1', { weight: 1 })
  demand.add('topic', 't1', { weight: 1 })
  const error = t.throws(() => demand.add('queue', 'q2', { weight: 1 }))
  t.true(isPostroadError(error, 'LOCAL_LIMIT_REACHED'))
  demand.add('queue', 'q1', { weight: 1 })
  t.notThrows(() => demand.setFull('queue', 'q2', true))
  t.is(demand.entries().length, 2)
  demand.remove('topic', 't1', { weight: 1 })
  demand.takeDelta()
  t.notThrows(() => demand.add('queue', 'q2', { weight: 1 }))
})

test('a rolled-back broker numbers its demand above what is heard of its forgotten life', (t) => {
  const demand = new LocalDemand('a', 3)
  demand.add('queue', 'q', { weight: 1 })
  demand.takeDelta()
  t.false(demand.outrank({ incarnation: 3, version: 1 }))
  t.false(demand.outrank({ incarnation: 2, version: 99 }))
  t.true(demand.outrank({ incarnation: 3, version: 40 }))
  t.like(demand.snapshot(), { incarnation: 3, version: 41 })
  t.true(demand.outrank({ incarnation: 5, version: 0 }))
  t.like(demand.snapshot(), { incarnation: 5, version: 1 })
  t.is(demand.snapshot().entries.length, 1)
  demand.remove('queue', 'q', { weight: 1 })
  t.like(demand.takeDelta(), { incarnation: 5, fromVersion: 1, toVersion: 2 })
})

type Step =
  | { readonly what: 'add' | 'remove'; readonly pattern: string; readonly credit: number }
  | { readonly what: 'full'; readonly pattern: string; readonly isFull: boolean }
  | { readonly what: 'take' }

const pattern = fc.constantFrom('a.b', 'a.c', 'a.*', '>')
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    what: fc.constantFrom('add' as const, 'remove' as const),
    pattern,
    credit: fc.constantFrom(0, 1, 100, 70_000)
  }),
  fc.record({ what: fc.constant('full' as const), pattern, isFull: fc.boolean() }),
  fc.record({ what: fc.constant('take' as const) })
)

function apply(entries: Map<string, number>, delta: DemandDelta | undefined): void {
  for (const { pattern: each } of delta?.removed ?? []) entries.delete(each)
  for (const { pattern: each, weight } of delta?.set ?? []) entries.set(each, weight)
}

/** What should be told of these consumers and marks, worked out from nothing. */
function expectedEntries(
  consumers: readonly { readonly pattern: string; readonly credit: number }[],
  full: ReadonlySet<string>
): DemandEntry[] {
  const entries: DemandEntry[] = []
  for (const each of ['a.b', 'a.c', 'a.*', '>']) {
    const own = consumers.filter((consumer) => consumer.pattern === each)
    const credit = own.reduce((sum, consumer) => sum + Math.min(65_535, consumer.credit), 0)
    const isWild = consumers.some((consumer) => patternMatches(consumer.pattern, each))
    if (own.length > 0) {
      const weight = full.has(each) ? 0 : weightOfCredit(credit)
      entries.push({ kind: 'queue', pattern: each, weight })
    } else if (full.has(each) && isWild && !each.includes('*') && !each.includes('>')) {
      entries.push({ kind: 'queue', pattern: each, weight: 0 })
    }
  }
  return entries.sort((a, b) => (a.pattern < b.pattern ? -1 : 1))
}

test('deltas add up to the snapshot and to what consumers want, whatever they do', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const demand = new LocalDemand('a', 1)
      const consumers: { pattern: string; credit: number }[] = []
      const full = new Set<string>()
      const told = new Map<string, number>()
      for (const each of steps) {
        if (each.what === 'take') apply(told, demand.takeDelta())
        else if (each.what === 'full') {
          demand.setFull('queue', each.pattern, each.isFull)
          if (each.isFull) full.add(each.pattern)
          else full.delete(each.pattern)
        } else if (each.what === 'add') {
          demand.add('queue', each.pattern, { weight: each.credit })
          consumers.push(each)
        } else {
          const at = consumers.findIndex((consumer) => consumer.pattern === each.pattern)
          if (at < 0) continue
          demand.remove('queue', each.pattern, { weight: consumers[at]!.credit })
          consumers.splice(at, 1)
        }
      }
      const inSnapshot = new Map(demand.snapshot().entries.map((e) => [e.pattern, e.weight]))
      t.deepEqual(new Map([...told].sort()), new Map([...inSnapshot].sort()))
      apply(told, demand.takeDelta())
      const expected = expectedEntries(consumers, full)
      t.deepEqual(
        [...told].sort(),
        expected.map((e) => [e.pattern, e.weight] as [string, number])
      )
      const now = demand.entries().sort((a, b) => (a.pattern < b.pattern ? -1 : 1))
      t.deepEqual(now, expected)
    }),
    { numRuns: 300 }
  )
})

test('selectors are told where all consumers of a pattern have one, each once', (t) => {
  const demand = new LocalDemand('a', 1)
  const entry = { kind: 'queue', pattern: 'orders', weight: 1 } as const
  const [eu, us] = ["region = 'eu'", "region = 'us'"]
  demand.add('queue', 'orders', { weight: 1, selector: us })
  demand.add('queue', 'orders', { weight: 0, selector: eu })
  demand.add('queue', 'orders', { weight: 0, selector: eu })
  t.deepEqual(demand.takeDelta()?.set, [{ ...entry, selectors: [eu, us] }])
  demand.remove('queue', 'orders', { weight: 0, selector: eu })
  t.is(demand.takeDelta(), undefined)
  demand.add('queue', 'orders', { weight: 0 })
  t.deepEqual(demand.takeDelta()?.set, [entry])
  t.deepEqual(demand.entries(), [entry])
  demand.remove('queue', 'orders', { weight: 0 })
  demand.remove('queue', 'orders', { weight: 0, selector: eu })
  t.deepEqual(demand.takeDelta()?.set, [{ ...entry, selectors: [us] }])
  t.deepEqual(demand.snapshot().entries, [{ ...entry, selectors: [us] }])
})

test('too many selectors, long ones and those about redelivery are told as none', (t) => {
  const demand = new LocalDemand('a', 1)
  const number = (at: number): string => `number = ${at}`
  for (let at = 1; at <= 9; at += 1) {
    demand.add('topic', 'many', { weight: 1, selector: number(at) })
  }
  demand.add('topic', 'long', { weight: 1, selector: `text = '${'x'.repeat(1_024)}'` })
  demand.add('topic', 'again', { weight: 1, selector: 'JMSRedelivered = TRUE' })
  for (const { selectors } of demand.entries()) t.is(selectors, undefined)
  demand.remove('topic', 'many', { weight: 1, selector: number(5) })
  const many = demand.entries().find(({ pattern }) => pattern === 'many')
  t.is(many?.selectors?.length, 8)
})

// The table of others' demand: versions decide, gaps are repaired, answers equal trying every
// pattern.

import test from 'ava'
import fc from 'fast-check'
import { type DemandKind, patternMatches } from '../../../src/broker/index.ts'
import {
  type DemandChange,
  type DemandDelta,
  type DemandEntry,
  type DemandSnapshot,
  DemandTable,
  LocalDemand
} from '../../../src/network/demand/index.ts'

function anEntry(kind: DemandKind, pattern: string, weight = 1): DemandEntry {
  return { kind, pattern, weight }
}

function aSnapshot(facts: Partial<DemandSnapshot> = {}): DemandSnapshot {
  return { broker: 'b', incarnation: 1, version: 1, entries: [], ...facts }
}

function aDelta(facts: Partial<DemandDelta> = {}): DemandDelta {
  return {
    broker: 'b',
    incarnation: 1,
    fromVersion: 1,
    toVersion: 2,
    set: [],
    removed: [],
    ...facts
  }
}

function aTable(limits?: { entriesMax?: number; brokersMax?: number }): {
  readonly table: DemandTable
  readonly changes: DemandChange[]
} {
  const changes: DemandChange[] = []
  return { table: new DemandTable((change) => changes.push(change), limits), changes }
}

test('a snapshot is answered for, topic and queue apart', (t) => {
  const { table } = aTable()
  const entries = [anEntry('topic', 'prices.*'), anEntry('queue', 'orders.>', 5)]
  t.is(table.applySnapshot(aSnapshot({ entries })), 'applied')
  t.deepEqual([...table.brokersForTopic('prices.gold')], ['b'])
  t.deepEqual([...table.brokersForTopic('orders.eu')], [])
  t.deepEqual(table.demandForQueue('orders.eu'), [{ broker: 'b', weight: 5 }])
  t.deepEqual(table.demandForQueue('prices.gold'), [])
  t.deepEqual(table.version('b'), { incarnation: 1, version: 1 })
  t.is(table.version('c'), undefined)
})

test('an older snapshot changes nothing, a newer one replaces all', (t) => {
  const { table, changes } = aTable()
  table.applySnapshot(
    aSnapshot({ version: 5, entries: [anEntry('queue', 'x'), anEntry('queue', 'y')] })
  )
  changes.length = 0
  t.is(table.applySnapshot(aSnapshot({ version: 5 })), 'stale')
  t.is(table.applySnapshot(aSnapshot({ version: 4 })), 'stale')
  t.is(table.applySnapshot(aSnapshot({ incarnation: 0, version: 9 })), 'stale')
  t.deepEqual(changes, [])
  const next = aSnapshot({
    incarnation: 2,
    entries: [anEntry('queue', 'y'), anEntry('topic', 'z')]
  })
  t.is(table.applySnapshot(next), 'applied')
  t.deepEqual(table.entriesOf('b'), next.entries)
  t.deepEqual(changes.map((change) => change.pattern).sort(), ['x', 'z'])
})

test('a delta is applied to exactly the version it starts from', (t) => {
  const { table } = aTable()
  table.applySnapshot(aSnapshot({ version: 3, entries: [anEntry('queue', 'x', 2)] }))
  const set = [anEntry('queue', 'y')]
  t.is(table.applyDelta(aDelta({ fromVersion: 4, toVersion: 5, set })), 'gap')
  t.is(table.applyDelta(aDelta({ fromVersion: 2, toVersion: 4, set })), 'gap')
  t.is(table.applyDelta(aDelta({ fromVersion: 2, toVersion: 3, set })), 'stale')
  t.is(table.applyDelta(aDelta({ incarnation: 0, fromVersion: 3, toVersion: 4, set })), 'stale')
  t.is(table.applyDelta(aDelta({ incarnation: 2, fromVersion: 3, toVersion: 4, set })), 'gap')
  t.deepEqual(table.entriesOf('b'), [anEntry('queue', 'x', 2)])
  const removed = [{ kind: 'queue', pattern: 'x' }] as const
  t.is(table.applyDelta(aDelta({ fromVersion: 3, toVersion: 4, set, removed })), 'applied')
  t.deepEqual(table.entriesOf('b'), [anEntry('queue', 'y')])
  t.like(table.version('b'), { version: 4 })
})

test('the first delta of a new broker or life needs no snapshot, any later one does', (t) => {
  const { table } = aTable()
  const set = [anEntry('queue', 'x')]
  t.is(table.applyDelta(aDelta({ fromVersion: 1, toVersion: 2, set })), 'gap')
  t.is(table.applyDelta(aDelta({ fromVersion: 0, toVersion: 1, set })), 'applied')
  t.deepEqual(table.entriesOf('b'), set)
  const again = [anEntry('queue', 'y')]
  const nextLife = aDelta({ incarnation: 2, fromVersion: 0, toVersion: 1, set: again })
  t.is(table.applyDelta(nextLife), 'applied')
  t.deepEqual(table.entriesOf('b'), again)
})

test('a delta from version 0 is a gap once anything of that life is known', (t) => {
  const { table } = aTable()
  table.applySnapshot(aSnapshot({ version: 1, entries: [anEntry('queue', 'x')] }))
  t.is(table.applyDelta(aDelta({ fromVersion: 0, toVersion: 2 })), 'gap')
  t.is(table.entriesOf('b').length, 1)
})

test('a delta that leads nowhere, or to nothing valid, is a gap and changes nothing', (t) => {
  const { table, changes } = aTable()
  table.applySnapshot(aSnapshot({ version: 1, entries: [anEntry('queue', 'x')] }))
  changes.length = 0
  const bad: Partial<DemandDelta>[] = [
    { set: [anEntry('queue', 'y'), anEntry('queue', '')] },
    { set: [anEntry('queue', 'y', 17)] },
    { set: [anEntry('queue', 'y', -1)] },
    { set: [anEntry('queue', 'y', 1.5)] },
    { set: [anEntry('queue', 'y', Number.NaN)] },
    { set: [anEntry('temp-queue' as DemandKind, 'y')] },
    { set: [anEntry('queue', 'y'.repeat(1_025))] }
  ]
  for (const facts of bad) t.is(table.applyDelta(aDelta(facts)), 'gap')
  t.is(aTable().table.applyDelta(aDelta({ fromVersion: 0, toVersion: 0 })), 'gap')
  t.deepEqual(changes, [])
  t.like(table.version('b'), { version: 1 })
})

test('removing what is not there, or of no kind there is, is harmless', (t) => {
  const { table, changes } = aTable()
  table.applySnapshot(aSnapshot({ entries: [anEntry('queue', 'x')] }))
  changes.length = 0
  const removed = [
    { kind: 'topic', pattern: 'x' },
    { kind: 'queue', pattern: 'never' },
    { kind: 'other' as DemandKind, pattern: 'x' }
  ] as const
  t.is(table.applyDelta(aDelta({ removed })), 'applied')
  t.deepEqual(changes, [])
  t.is(table.entriesOf('b').length, 1)
})

test('a pattern both removed and set by one delta is wanted: demand is never under-stated', (t) => {
  const { table } = aTable()
  table.applySnapshot(aSnapshot({ entries: [anEntry('queue', 'x')] }))
  const removed = [{ kind: 'queue', pattern: 'x' }] as const
  table.applyDelta(aDelta({ set: [anEntry('queue', 'x', 3)], removed }))
  t.deepEqual(table.demandForQueue('x'), [{ broker: 'b', weight: 3 }])
})

test('entries over the limit are refused whole, or asked for as a snapshot', (t) => {
  const { table } = aTable({ entriesMax: 2 })
  const [x, y, z] = [anEntry('queue', 'x'), anEntry('queue', 'y'), anEntry('topic', 'z')]
  t.is(table.applySnapshot(aSnapshot({ entries: [x, y, z] })), 'refused')
  t.is(table.version('b'), undefined)
  t.is(table.applyDelta(aDelta({ fromVersion: 0, toVersion: 1, set: [x, y, z] })), 'gap')
  table.applySnapshot(aSnapshot({ entries: [x, y] }))
  t.is(table.applyDelta(aDelta({ set: [z] })), 'gap')
  t.is(table.applyDelta(aDelta({ set: [x, y] })), 'applied')
  const swap = aDelta({ fromVersion: 2, toVersion: 3, set: [z], removed: [x] })
  t.is(table.applyDelta(swap), 'applied')
  t.deepEqual(table.entriesOf('b'), [y, z])
})

test('a snapshot with an invalid entry is refused whole', (t) => {
  const { table } = aTable()
  const entries = [anEntry('queue', 'x'), anEntry('queue', 'y', 99)]
  t.is(table.applySnapshot(aSnapshot({ entries })), 'refused')
  t.deepEqual(table.entriesOf('b'), [])
})

test('a broker over the limit is refused, and taken when another is dropped', (t) => {
  const { table } = aTable({ brokersMax: 1 })
  table.applySnapshot(aSnapshot())
  t.is(table.applySnapshot(aSnapshot({ broker: 'c' })), 'refused')
  t.is(table.applyDelta(aDelta({ broker: 'c', fromVersion: 0, toVersion: 1 })), 'gap')
  table.drop('b')
  t.is(table.applySnapshot(aSnapshot({ broker: 'c' })), 'applied')
})

test('dropping a broker takes its demand and its version, and tells', (t) => {
  const { table, changes } = aTable()
  table.applySnapshot(aSnapshot({ entries: [anEntry('queue', 'x'), anEntry('topic', 'y')] }))
  table.applySnapshot(aSnapshot({ broker: 'c', entries: [anEntry('queue', 'x', 2)] }))
  t.is(table.demandForQueue('x').length, 2)
  changes.length = 0
  table.drop('b')
  table.drop('nobody')
  t.deepEqual(changes.map(({ broker, pattern }) => `${broker} ${pattern}`).sort(), ['b x', 'b y'])
  t.deepEqual(table.demandForQueue('x'), [{ broker: 'c', weight: 2 }])
  t.is(table.brokersForTopic('y').size, 0)
  t.is(table.version('b'), undefined)
  t.is(table.applyDelta(aDelta()), 'gap')
})

test('of several matching patterns of a broker the largest weight counts', (t) => {
  const { table } = aTable()
  const entries = [anEntry('queue', 'a.*', 3), anEntry('queue', '>', 9), anEntry('queue', 'a.b', 1)]
  table.applySnapshot(aSnapshot({ entries }))
  t.deepEqual(table.demandForQueue('a.b'), [{ broker: 'b', weight: 9 }])
})

test('a full queue weighs nothing, whatever wildcards its broker has', (t) => {
  const { table } = aTable()
  const entries = [anEntry('queue', '>', 9), anEntry('queue', 'a.b', 0)]
  table.applySnapshot(aSnapshot({ entries }))
  t.deepEqual(table.demandForQueue('a.b'), [{ broker: 'b', weight: 0 }])
  t.deepEqual(table.demandForQueue('a.c'), [{ broker: 'b', weight: 9 }])
})

test('a broker is wanted for a topic although it is full, and listed once', (t) => {
  const { table } = aTable()
  table.applySnapshot(
    aSnapshot({ entries: [anEntry('topic', 'a.*', 0), anEntry('topic', 'a.>', 0)] })
  )
  t.deepEqual([...table.brokersForTopic('a.b')], ['b'])
})

test('a topic is full at a broker as soon as one of its matching patterns is', (t) => {
  const { table } = aTable()
  table.applySnapshot(
    aSnapshot({ entries: [anEntry('topic', 'a.*', 5), anEntry('topic', '>', 3)] })
  )
  t.false(table.isTopicFull('b', 'a.b'))
  table.applyDelta(aDelta({ set: [anEntry('topic', 'a.*', 0)] }))
  t.true(table.isTopicFull('b', 'a.b'))
  t.deepEqual([...table.brokersFullOfTopic('a.b')], ['b'])
  t.deepEqual([...table.brokersFullOfTopic('c')], [])
  t.false(table.isTopicFull('b', 'c'))
  t.false(table.isTopicFull('nobody', 'a.b'))
})

test('changes are told after they took effect, weights too', (t) => {
  const seen: string[] = []
  const table: DemandTable = new DemandTable(({ broker, kind, pattern }) => {
    const now = table.demandForQueue('x')[0]?.weight ?? 'none'
    seen.push(`${broker} ${kind} ${pattern} ${now} v${table.version('b')?.version ?? 'none'}`)
  })
  table.applySnapshot(aSnapshot({ entries: [anEntry('queue', 'x', 2)] }))
  table.applyDelta(aDelta({ set: [anEntry('queue', 'x', 0), anEntry('topic', 'y')] }))
  table.applyDelta(aDelta({ fromVersion: 2, toVersion: 3, set: [anEntry('topic', 'y', 5)] }))
  table.drop('b')
  t.deepEqual(seen, [
    'b queue x 2 v1',
    'b queue x 0 v2',
    'b topic y 0 v2',
    'b topic y 0 v3',
    'b queue x none vnone',
    'b topic y none vnone'
  ])
})

test('the generation rises when an answer may have changed; until then answers are kept', (t) => {
  const { table } = aTable()
  table.applySnapshot(aSnapshot({ entries: [anEntry('queue', 'x'), anEntry('topic', 'y')] }))
  const { generation } = table
  const [queues, topics] = [table.demandForQueue('x'), table.brokersForTopic('y')]
  table.applySnapshot(
    aSnapshot({ version: 2, entries: [anEntry('queue', 'x'), anEntry('topic', 'y')] })
  )
  t.is(table.generation, generation)
  t.is(table.demandForQueue('x'), queues)
  table.applyDelta(aDelta({ fromVersion: 2, toVersion: 3, set: [anEntry('queue', 'x', 4)] }))
  t.true(table.generation > generation)
  t.is(table.demandForQueue('x')[0]?.weight, 4)
  t.is(table.brokersForTopic('y'), topics)
})

test('a digest shows what the other side lacks, and leaves out what must be forgotten', (t) => {
  const [left, right] = [aTable().table, aTable().table]
  left.applySnapshot(aSnapshot({ broker: 'b', version: 2, entries: [anEntry('queue', 'x')] }))
  left.applySnapshot(aSnapshot({ broker: 'c' }))
  left.applySnapshot(aSnapshot({ broker: 'd' }))
  right.applySnapshot(aSnapshot({ broker: 'b', version: 1 }))
  right.applySnapshot(aSnapshot({ broker: 'c', version: 7 }))
  const lacking = left.newerThan(right.digest()).map((snapshot) => snapshot.broker)
  t.deepEqual(lacking, ['b', 'd'])
  const offered = left.newerThan(right.digest(), (broker) => broker !== 'd')
  t.deepEqual(offered, [left.snapshotOf('b')])
  t.is(left.snapshotOf('nobody'), undefined)
})

const namePart = fc.constantFrom('a', 'b', 'c')
const name = fc.array(namePart, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'))
const pattern = fc.oneof(name, fc.constantFrom('>', '*', 'a.*', 'a.>', '*.b', '*.*.c', 'b.*.>'))
const entry: fc.Arbitrary<DemandEntry> = fc.record({
  kind: fc.constantFrom('queue', 'topic'),
  pattern,
  weight: fc.integer({ min: 0, max: 16 })
})
const broker = fc.constantFrom('b', 'c', 'd')

test('answers are those of trying every entry of every broker', (t) => {
  const snapshots = fc.array(fc.tuple(broker, fc.array(entry, { maxLength: 8 })), { maxLength: 6 })
  fc.assert(
    fc.property(snapshots, fc.array(name, { maxLength: 6 }), (list, names) => {
      const { table } = aTable()
      const wanted = new Map<string, DemandEntry[]>()
      for (const [index, [of, entries]] of list.entries()) {
        // Asking in between fills the caches that must then be seen through.
        for (const each of names) [table.brokersForTopic(each), table.demandForQueue(each)]
        table.applySnapshot(aSnapshot({ broker: of, version: index, entries }))
        const last = new Map(entries.map((each) => [`${each.kind} ${each.pattern}`, each]))
        wanted.set(of, [...last.values()])
      }
      for (const each of names) {
        const matching = (of: string, kind: DemandKind): DemandEntry[] => {
          return wanted.get(of)!.filter((e) => e.kind === kind && patternMatches(e.pattern, each))
        }
        const brokers = [...wanted.keys()].sort()
        const forTopic = brokers.filter((of) => matching(of, 'topic').length > 0)
        t.deepEqual([...table.brokersForTopic(each)].sort(), forTopic)
        const forQueue = brokers.flatMap((of) => {
          const found = matching(of, 'queue')
          if (found.length === 0) return []
          const isFull = found.some((e) => e.pattern === each && e.weight === 0)
          return [{ broker: of, weight: isFull ? 0 : Math.max(...found.map((e) => e.weight)) }]
        })
        t.deepEqual(table.demandForQueue(each), forQueue)
      }
    }),
    { numRuns: 300 }
  )
})

type Step =
  | { readonly what: 'consume'; readonly at: string; readonly entry: DemandEntry }
  | { readonly what: 'restart'; readonly at: string }
  | { readonly what: 'deliver'; readonly pick: number; readonly isLost: boolean }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('consume' as const), at: broker, entry }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('restart' as const), at: broker }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('deliver' as const),
      pick: fc.nat(),
      isLost: fc.boolean()
    })
  }
)

test('deltas and snapshots lost, doubled, in any order: a digest leads to the truth', (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { table } = aTable()
      const origins = new Map<string, LocalDemand>()
      for (const each of ['b', 'c', 'd']) origins.set(each, new LocalDemand(each, 1))
      const onTheWay: (DemandDelta | DemandSnapshot)[] = []
      const deliver = (sent: DemandDelta | DemandSnapshot): void => {
        if ('entries' in sent) table.applySnapshot(sent)
        else if (table.applyDelta(sent) === 'gap') {
          // The origin answers the request for its snapshot some time later.
          onTheWay.push(origins.get(sent.broker)!.snapshot())
        }
      }
      for (const each of steps) {
        if (each.what === 'restart') {
          const { incarnation } = origins.get(each.at)!
          origins.set(each.at, new LocalDemand(each.at, incarnation + 1))
        } else if (each.what === 'consume') {
          const { kind, pattern: wanted, weight } = each.entry
          const origin = origins.get(each.at)!
          const isThere = origin.entries().some((e) => e.kind === kind && e.pattern === wanted)
          if (isThere) origin.setFull(kind, wanted, weight % 2 === 0)
          else origin.add(kind, wanted, { weight: weight })
          const delta = origin.takeDelta()
          if (delta !== undefined) onTheWay.push(delta)
        } else if (onTheWay.length > 0) {
          const at = each.pick % onTheWay.length
          if (!each.isLost) deliver(onTheWay[at]!)
          // Half of what is delivered stays on the way and comes again.
          if (each.isLost || each.pick % 2 === 0) onTheWay.splice(at, 1)
        }
      }
      const known = new Map(table.digest().map((mark) => [mark.broker, mark]))
      for (const [of, origin] of origins) {
        const own = origin.snapshot()
        const mark = known.get(of)
        if (mark?.incarnation !== own.incarnation || mark.version !== own.version) {
          t.is(table.applySnapshot(own), 'applied')
        }
        t.deepEqual(sorted(table.entriesOf(of)), sorted(own.entries))
      }
    }),
    { numRuns: 300 }
  )
})

function sorted(entries: readonly DemandEntry[]): string[] {
  return entries.map((each) => `${each.kind} ${each.pattern} ${each.weight}`).sort()
}

test('selectors of several patterns add up; one without any wants everything', (t) => {
  const { table } = aTable()
  const [red, blue] = ["colour = 'red'", "colour = 'blue'"]
  const choosy = { ...anEntry('queue', 'a.b'), selectors: [red] }
  const wild = { ...anEntry('queue', 'a.>'), selectors: [blue, red] }
  table.applySnapshot(aSnapshot({ entries: [choosy, wild] }))
  t.deepEqual(table.demandForQueue('a.b'), [{ broker: 'b', weight: 1, selectors: [blue, red] }])
  t.deepEqual(table.entriesOf('b'), [choosy, wild])
  table.applyDelta(aDelta({ set: [anEntry('queue', 'a.>')] }))
  t.deepEqual(table.demandForQueue('a.b'), [{ broker: 'b', weight: 1 }])
})

test('other selectors are a change, the same ones are none', (t) => {
  const { table, changes } = aTable()
  const entry = { ...anEntry('topic', 'x'), selectors: ['a = 1'] }
  table.applySnapshot(aSnapshot({ entries: [entry] }))
  t.is(table.choosyForTopic('x')?.get('b')?.length, 1)
  changes.length = 0
  table.applyDelta(aDelta({ set: [entry] }))
  t.deepEqual(changes, [])
  const others = { ...entry, selectors: ['a = 1', 'a = 2'] }
  table.applyDelta(aDelta({ fromVersion: 2, toVersion: 3, set: [others] }))
  t.deepEqual(changes, [{ broker: 'b', kind: 'topic', pattern: 'x' }])
  t.is(table.choosyForTopic('x')?.get('b')?.length, 2)
})

test('a broker whose selector is not understood here gets everything', (t) => {
  const { table } = aTable()
  const entry = { ...anEntry('topic', 'x'), selectors: ['a LIKES 1'] }
  t.is(table.applySnapshot(aSnapshot({ entries: [entry] })), 'applied')
  t.deepEqual([...table.brokersForTopic('x')], ['b'])
  t.is(table.choosyForTopic('x'), undefined)
})

test('an entry with no selector in its list, or too many, is refused', (t) => {
  for (const selectors of [[], [''], Array.from({ length: 9 }, (_, at) => `a = ${at}`)]) {
    const { table } = aTable()
    const entries = [{ ...anEntry('queue', 'x'), selectors }]
    t.is(table.applySnapshot(aSnapshot({ entries })), 'refused')
  }
})

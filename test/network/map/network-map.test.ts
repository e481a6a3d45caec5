// The map takes the newest record of each broker, defends its own, and agrees with other maps.

import test from 'ava'
import fc from 'fast-check'
import { isPostroadError } from '../../../src/base/index.ts'
import { type BrokerRecord, brokersMax, NetworkMap } from '../../../src/network/map/index.ts'
import { aBridge, aRecord, mapOf, randomRecords, recordsOf } from './map-builders.ts'

const self = { broker: 'a', brokerId: 'id-a', incarnation: 3, isTransit: true }

test('a new map holds its own record and reaches itself only', (t) => {
  const map = new NetworkMap(self)
  t.deepEqual(map.records(), [{ ...self, sequence: 1, bridges: [] }])
  t.deepEqual([...map.reachable()], ['a'])
})

test('new bridges raise the sequence, the same ones in another order do not', (t) => {
  const map = new NetworkMap(self)
  const record = map.setOwnBridges([aBridge('c'), aBridge('b', { cost: 4 })])!
  t.is(record.sequence, 2)
  t.deepEqual(
    record.bridges.map((bridge) => bridge.peer),
    ['b', 'c']
  )
  const { version } = map
  t.is(map.setOwnBridges([aBridge('b', { cost: 4 }), aBridge('c')]), undefined)
  t.is(map.version, version)
  t.is(map.ownRecord, record)
})

test('every fact of a bridge counts as a change', (t) => {
  const changes = [
    aBridge('b', { cost: 2 }),
    aBridge('b', { sends: false }),
    aBridge('b', { filter: { include: [], exclude: [] } }),
    aBridge('b', { filter: { include: ['queue://x'], exclude: [] } }),
    aBridge('b', { filter: { include: [], exclude: ['queue://x'] } }),
    aBridge('c')
  ]
  for (const bridge of changes) {
    const map = new NetworkMap(self)
    map.setOwnBridges([aBridge('b')])
    const { version } = map
    t.is(map.setOwnBridges([bridge])?.sequence, 3)
    t.true(map.version > version)
  }
})

test('own bridges that break a rule are refused, and the record stays', (t) => {
  const map = new NetworkMap(self)
  const before = map.ownRecord
  for (const bridges of [
    [aBridge('b', { cost: 0 })],
    [aBridge('b'), aBridge('b')],
    Array.from({ length: 4_097 }, (_, at) => aBridge(`b${at}`))
  ]) {
    t.true(
      isPostroadError(
        t.throws(() => map.setOwnBridges(bridges)),
        'LOCAL_LIMIT_REACHED'
      )
    )
  }
  t.is(map.ownRecord, before)
})

test('records are compared by incarnation, then by sequence', (t) => {
  const map = new NetworkMap(self)
  const current = aRecord('b', { incarnation: 2, sequence: 5 })
  t.is(map.accept(current).kind, 'newer')
  t.is(map.accept({ ...current }).kind, 'same')
  for (const older of [
    { ...current, sequence: 4 },
    { ...current, incarnation: 1, sequence: 9 }
  ]) {
    t.deepEqual(map.accept(older), { kind: 'older', ours: current })
  }
  t.is(map.accept({ ...current, sequence: 6 }).kind, 'newer')
  const restarted = { ...current, incarnation: 3, sequence: 1 }
  t.is(map.accept(restarted).kind, 'newer')
  t.is(map.record('b'), restarted)
})

test('of two brokers with one name the later record wins, and equal ones are told apart', (t) => {
  const one = aRecord('b', { brokerId: 'id-1' })
  const two = aRecord('b', { brokerId: 'id-2' })
  const forwards = new NetworkMap(self)
  forwards.accept(one)
  t.is(forwards.accept(two).kind, 'newer')
  const backwards = new NetworkMap(self)
  backwards.accept(two)
  t.is(backwards.accept(one).kind, 'older')
  t.is(backwards.accept({ ...one, sequence: 2 }).kind, 'newer')
})

test('a record of the own name with another id is reported and not kept', (t) => {
  const map = new NetworkMap(self)
  const by = aRecord('a', { brokerId: 'id-other', incarnation: 9, sequence: 9 })
  t.deepEqual(map.accept(by), { kind: 'name-taken', by })
  t.is(map.record('a')?.brokerId, 'id-a')
})

test('a rolled-back broker outdoes what is heard of its forgotten life', (t) => {
  const map = new NetworkMap(self)
  map.setOwnBridges([aBridge('b')])
  const sameLife = map.accept(aRecord('a', { incarnation: 3, sequence: 40 }))
  t.like(sameLife, { kind: 'own-outdated', times: 1 })
  t.like(map.ownRecord, { incarnation: 3, sequence: 41, bridges: [aBridge('b')] })
  const laterLife = map.accept(aRecord('a', { incarnation: 5, sequence: 7 }))
  t.like(laterLife, { kind: 'own-outdated', ours: map.ownRecord, times: 2 })
  t.like(map.ownRecord, { incarnation: 5, sequence: 8 })
  t.like(map.setOwnBridges([]), { incarnation: 5, sequence: 9 })
})

test('other content under the own numbers is outdone, whichever content sorts first', (t) => {
  for (const peer of ['b', 'z']) {
    const map = new NetworkMap(self)
    map.setOwnBridges([aBridge('m')])
    const twin = aRecord('a', { incarnation: 3, sequence: 2, bridges: [aBridge(peer)] })
    t.is(map.accept(twin).kind, 'own-outdated')
    t.is(map.ownRecord.sequence, 3)
  }
})

test('an older record of the own life is answered with the current one', (t) => {
  const map = new NetworkMap(self)
  const first = map.ownRecord
  const ours = map.setOwnBridges([aBridge('b')])!
  t.deepEqual(map.accept(first), { kind: 'older', ours })
  t.is(map.accept(ours).kind, 'same')
})

test('numbers that leave no later one are passed by a later incarnation, or refused', (t) => {
  const map = new NetworkMap(self)
  const top = Number.MAX_SAFE_INTEGER
  t.is(map.accept(aRecord('a', { incarnation: 3, sequence: top })).kind, 'own-outdated')
  t.like(map.ownRecord, { incarnation: 4, sequence: 1 })
  t.is(map.accept(aRecord('a', { incarnation: top })).kind, 'refused')
  t.like(map.ownRecord, { incarnation: 4, sequence: 1 })
})

const invalid: readonly (readonly [string, BrokerRecord])[] = [
  ['an empty name', aRecord('')],
  ['a name with a dot', aRecord('b.c')],
  ['a name of 64 letters', aRecord('b'.repeat(64))],
  ['an empty id', aRecord('b', { brokerId: '' })],
  ['an id of 65 letters', aRecord('b', { brokerId: 'x'.repeat(65) })],
  ['a negative incarnation', aRecord('b', { incarnation: -1 })],
  ['a broken incarnation', aRecord('b', { incarnation: 1.5 })],
  ['sequence 0', aRecord('b', { sequence: 0 })],
  ['a sequence that is no number', aRecord('b', { sequence: Number.NaN })],
  ['a sequence past exact numbers', aRecord('b', { sequence: 2 ** 53 })],
  ['a bridge to itself', aRecord('b', { bridges: [aBridge('b')] })],
  ['a bridge to a name that is none', aRecord('b', { bridges: [aBridge('c d')] })],
  ['two bridges to one broker', aRecord('b', { bridges: [aBridge('c'), aBridge('c')] })],
  ['cost 0', aRecord('b', { bridges: [aBridge('c', { cost: 0 })] })],
  ['a broken cost', aRecord('b', { bridges: [aBridge('c', { cost: 1.5 })] })],
  ['a cost over the limit', aRecord('b', { bridges: [aBridge('c', { cost: 65_536 })] })],
  [
    'too many bridges',
    aRecord('b', { bridges: Array.from({ length: 4_097 }, (_, at) => aBridge(`c${at}`)) })
  ],
  ...[['orders'], ['temp-queue://x'], ['queue://'], ['queue://a..b'], ['topic://a.>.b']].flatMap(
    (list): (readonly [string, BrokerRecord])[] => [
      [`the pattern ${list[0]} included`, aFiltered({ include: list, exclude: [] })],
      [`the pattern ${list[0]} excluded`, aFiltered({ include: [], exclude: list })]
    ]
  ),
  ['too many patterns', aFiltered({ include: new Array(1_025).fill('queue://a'), exclude: [] })]
]

function aFiltered(filter: {
  include: readonly string[]
  exclude: readonly string[]
}): BrokerRecord {
  return aRecord('b', { bridges: [aBridge('c', { filter })] })
}

for (const [what, record] of invalid) {
  test(`refuses a record with ${what}`, (t) => {
    const map = new NetworkMap(self)
    t.is(map.accept(record).kind, 'refused')
    t.is(map.records().length, 1)
  })
}

test('refuses the broker over the limit, says so, and still takes news of those it knows', (t) => {
  const map = new NetworkMap(self)
  for (let at = 1; at < brokersMax; at += 1) {
    if (map.accept(aRecord(`b${at}`)).kind !== 'newer') t.fail()
  }
  const outcome = map.accept(aRecord('late'))
  t.is(outcome.kind, 'refused')
  t.true(outcome.kind === 'refused' && outcome.fault.includes('8192'))
  t.is(map.accept(aRecord('b7', { sequence: 2 })).kind, 'newer')
})

test('the version rises with what routes depend on, not with every record', (t) => {
  const map = mapOf('a', recordsOf('a-b'))
  const { version } = map
  const b = map.record('b')!
  map.accept({ ...b, sequence: 2 })
  map.accept({ ...b, incarnation: 2, brokerId: 'id-new' })
  t.is(map.version, version)
  map.accept({ ...b, incarnation: 3, isTransit: false })
  t.is(map.version, version + 1)
  map.accept({ ...b, incarnation: 4, bridges: [] })
  t.is(map.version, version + 2)
})

test('reaches a broker over bridges that both ends list, whichever way messages may go', (t) => {
  const map = mapOf('a', [
    aRecord('a', { bridges: [aBridge('b', { sends: false }), aBridge('x')] }),
    aRecord('b', { bridges: [aBridge('a', { sends: false }), aBridge('c')], isTransit: false }),
    aRecord('c', { bridges: [aBridge('b')] }),
    aRecord('x'),
    aRecord('y', { bridges: [aBridge('a')] })
  ])
  t.deepEqual([...map.reachable()].sort(), ['a', 'b', 'c'])
  t.true(map.isReachable('c'))
  t.false(map.isReachable('x'))
  t.false(map.isReachable('nobody'))
  map.setOwnBridges([])
  t.deepEqual([...map.reachable()], ['a'])
})

test('reaches the same brokers as a naive walk over all records', (t) => {
  fc.assert(
    fc.property(randomRecords, fc.integer({ min: 0, max: 15 }), (records, hub) => {
      // One of many bridges, most of them to nobody: they are looked up in another way.
      const { broker } = records[hub % records.length]!
      const more = Array.from({ length: 12 }, (_, at) => aBridge(`nobody-${at}`))
      const all = records.map((one) =>
        one.broker === broker ? { ...one, bridges: [...one.bridges, ...more] } : one
      )
      for (const { broker: from } of all) {
        t.deepEqual([...mapOf(from, all).reachable()].sort(), naivelyReachable(from, all))
      }
    })
  )
})

test('a broker unreachable for the hold time is forgotten, one that came back starts anew', (t) => {
  const map = mapOf('a', recordsOf('a-b', 'b-c'))
  t.deepEqual(map.forgetUnreachable(0, 60_000), [])
  map.setOwnBridges([])
  t.deepEqual(map.forgetUnreachable(1_000, 60_000), [])
  t.deepEqual(map.forgetUnreachable(60_999, 60_000), [])
  map.setOwnBridges([aBridge('b')])
  t.deepEqual(map.forgetUnreachable(61_500, 60_000), [])
  map.setOwnBridges([])
  t.deepEqual(map.forgetUnreachable(62_000, 60_000), [])
  t.deepEqual(map.forgetUnreachable(121_999, 60_000), [])
  t.deepEqual(map.forgetUnreachable(122_000, 60_000).sort(), ['b', 'c'])
  t.deepEqual(
    map.digest().map((mark) => mark.broker),
    ['a']
  )
  t.deepEqual([...map.reachable()], ['a'])
  t.is(map.accept(aRecord('b', { bridges: [aBridge('a')] })).kind, 'newer')
})

test('a forgotten broker is not handed back by a map that still holds it', (t) => {
  const records = recordsOf('a-b', 'b-c').map((record) => {
    return record.broker === 'b' ? { ...record, bridges: [aBridge('a')] } : record
  })
  const [a, b] = [mapOf('a', records), mapOf('b', records)]
  a.forgetUnreachable(0, 10)
  t.deepEqual(a.forgetUnreachable(10, 10), ['c'])
  t.not(b.record('c'), undefined)
  const offered = b.newerThan(a.digest()).map((record) => record.broker)
  t.deepEqual(offered, ['b'])
})

/** What one map has of the brokers it reaches, in an order of its own. */
function known(map: NetworkMap): BrokerRecord[] {
  const records = [...map.reachable()].map((broker) => map.record(broker)!)
  return records.sort((x, y) => (x.broker < y.broker ? -1 : 1))
}

test('maps that heard a network in pieces, twice or never agree after exchanging digests', (t) => {
  const delivery = fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 40 })
  fc.assert(
    fc.property(randomRecords, delivery, (records, deliveries) => {
      // The first two are joined, and every record comes after an older one of another shape.
      const [p, q] = [records[0]!.broker, records[1]!.broker]
      const joined = records.map((record) => {
        const peer = record.broker === p ? q : record.broker === q ? p : undefined
        if (peer === undefined) return { ...record, sequence: 2 }
        const others = record.bridges.filter((bridge) => bridge.peer !== peer)
        const bridges = [...others, aBridge(peer)].sort((x, y) => (x.peer < y.peer ? -1 : 1))
        return { ...record, sequence: 2, bridges }
      })
      const all = [...joined.map((record) => aRecord(record.broker)), ...joined]
      const [left, right] = [mapOf(p, joined.slice(0, 1)), mapOf(q, joined.slice(1, 2))]
      for (const [at, isLeft] of deliveries) (isLeft ? left : right).accept(all[at % all.length]!)
      // Two rounds: what one map lacks may be what makes others reachable to the second.
      for (let round = 0; round < 2; round += 1) {
        const [fromLeft, fromRight] = [
          left.newerThan(right.digest()),
          right.newerThan(left.digest())
        ]
        for (const record of fromRight) left.accept(record)
        for (const record of fromLeft) right.accept(record)
      }
      t.deepEqual(known(left), known(right))
      t.deepEqual(left.newerThan(right.digest()), [])
    }),
    { numRuns: 300 }
  )
})

test('the order in which records arrive does not matter to what is kept', (t) => {
  const record = fc.record({
    broker: fc.constantFrom('b', 'c'),
    brokerId: fc.constantFrom('id-1', 'id-2'),
    incarnation: fc.integer({ min: 0, max: 2 }),
    sequence: fc.integer({ min: 1, max: 3 }),
    isTransit: fc.boolean(),
    bridges: fc.constantFrom([], [aBridge('a')], [aBridge('a', { cost: 2 })])
  })
  const twoOrders = fc
    .array(record, { maxLength: 12 })
    .chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))
    )
  fc.assert(
    fc.property(twoOrders, ([one, two]) => {
      const [first, second] = [new NetworkMap(self), new NetworkMap(self)]
      for (const each of one) first.accept(each)
      for (const each of two) second.accept(each)
      for (const broker of ['b', 'c']) t.deepEqual(first.record(broker), second.record(broker))
    })
  )
})

function naivelyReachable(from: string, records: readonly BrokerRecord[]): string[] {
  const lists = (a: string, b: string): boolean =>
    records.some(({ broker, bridges }) => broker === a && bridges.some(({ peer }) => peer === b))
  let found = [from]
  for (;;) {
    const next = records
      .map(({ broker }) => broker)
      .filter((one) => found.includes(one) || found.some((a) => lists(a, one) && lists(one, a)))
    if (next.length === found.length) return found.sort()
    found = next
  }
}

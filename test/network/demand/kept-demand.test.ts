// Durable subscriptions of other brokers are remembered: over a start of this broker, and while
// theirs is away.

import test from 'ava'
import { DemandTable, KeptDemand } from '../../../src/network/demand/index.ts'

const durable = { kind: 'topic', pattern: 'news', weight: 1, isDurable: true } as const
const passing = { kind: 'topic', pattern: 'prices', weight: 1 } as const

/** Two lives of one broker: what is written in one is read by the next. */
class Lives {
  private readonly facts = new Map<string, string>()

  begin(): { readonly table: DemandTable; readonly kept: KeptDemand } {
    const { facts } = this
    const table: DemandTable = new DemandTable(({ broker, isDurable }) => {
      if (isDurable === true) kept.note(broker)
    })
    const store = {
      fact: (key: string) => facts.get(key),
      factKeys: (prefix: string) => [...facts.keys()].filter((key) => key.startsWith(prefix)),
      setFact: (key: string, value: string | undefined) => {
        if (value === undefined) facts.delete(key)
        else facts.set(key, value)
      }
    }
    const kept = new KeptDemand(store, table)
    kept.recover()
    return { table, kept }
  }
}

function aSnapshot(version: number, ...entries: (typeof durable | typeof passing)[]) {
  return { broker: 'b', incarnation: 5, version, entries }
}

test('a later life knows durable subscriptions before it hears of their broker', (t) => {
  const lives = new Lives()
  const first = lives.begin()
  first.table.applySnapshot(aSnapshot(3, durable, passing))
  first.kept.write()
  const { table } = lives.begin()
  t.deepEqual([...table.brokersForTopic('news')], ['b'])
  t.deepEqual([...table.brokersForTopic('prices')], [])
})

test('what is remembered is neither passed on nor taken for an answer', (t) => {
  const lives = new Lives()
  const first = lives.begin()
  first.table.applySnapshot(aSnapshot(3, durable))
  first.kept.write()
  const { table } = lives.begin()
  t.is(table.version('b'), undefined)
  t.deepEqual(table.digest(), [])
  t.deepEqual(table.newerThan([]), [])
  t.is(table.snapshotOf('b'), undefined)
})

test('whatever the broker says itself takes the place of what is remembered', (t) => {
  const lives = new Lives()
  const first = lives.begin()
  first.table.applySnapshot(aSnapshot(3, durable))
  first.kept.write()
  const second = lives.begin()
  const delta = { broker: 'b', incarnation: 5, fromVersion: 3, toVersion: 4, set: [], removed: [] }
  t.is(second.table.applyDelta(delta), 'gap')
  t.is(second.table.applySnapshot(aSnapshot(1, passing)), 'applied')
  second.kept.write()
  t.deepEqual([...second.table.brokersForTopic('news')], [])
  t.deepEqual([...lives.begin().table.brokersForTopic('news')], [])
})

test('a broker that is forgotten keeps its durable subscriptions and nothing else', (t) => {
  const lives = new Lives()
  const { table, kept } = lives.begin()
  table.applySnapshot(aSnapshot(3, durable, passing))
  table.drop('b')
  kept.write()
  t.deepEqual([...table.brokersForTopic('news')], ['b'])
  t.deepEqual([...table.brokersForTopic('prices')], [])
  t.is(table.version('b'), undefined)
  t.deepEqual([...lives.begin().table.brokersForTopic('news')], ['b'])
})

test('a subscription that is deleted is remembered no longer', (t) => {
  const lives = new Lives()
  const { table, kept } = lives.begin()
  table.applySnapshot(aSnapshot(3, durable))
  const removed = [{ kind: 'topic', pattern: 'news' }] as const
  table.applyDelta({ ...aSnapshot(3), fromVersion: 3, toVersion: 4, set: [], removed })
  kept.write()
  table.drop('b')
  t.deepEqual([...lives.begin().table.brokersForTopic('news')], [])
})

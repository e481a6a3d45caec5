// Which brokers a scenario has left a way between.

import test from 'ava'
import { WaysLeft } from '../../../sim/report/ways-left.ts'
import { chain, ring, twoHubs } from '../../../sim/topologies.ts'

test('a dead broker has no way, and is none', (t) => {
  const ways = new WaysLeft(chain(3), [])
  t.true(ways.isJoined('a', 'c'))
  for (const kind of ['kill', 'stop', 'power-off', 'disk-loss'] as const) {
    ways.onEvent({ kind, broker: 'b' })
    t.false(ways.isJoined('a', 'c'))
    t.false(ways.isJoined('b', 'b'))
    t.true(ways.isJoined('a', 'a'))
    ways.onEvent({ kind: 'start', broker: 'b' })
    t.true(ways.isJoined('a', 'c'))
  }
  ways.onEvent({ kind: 'pause', broker: 'b' })
  t.false(ways.isJoined('a', 'c'))
  ways.onEvent({ kind: 'resume', broker: 'b' })
  t.true(ways.isJoined('a', 'c'))
})

test('a cut link leaves the other way round a ring, a second one none', (t) => {
  const ways = new WaysLeft(ring(4), [])
  ways.onEvent({ kind: 'cut', a: 'b', b: 'a' })
  t.true(ways.isJoined('a', 'b'))
  ways.onEvent({ kind: 'cut-one-way', from: 'c', to: 'd' })
  t.false(ways.isJoined('a', 'b'))
  ways.onEvent({ kind: 'heal', a: 'a', b: 'b' })
  t.true(ways.isJoined('a', 'b'))
})

test('groups of a partition are joined within, and all after heal-all', (t) => {
  const ways = new WaysLeft(ring(4), [])
  ways.onEvent({
    kind: 'partition',
    groups: [
      ['a', 'b'],
      ['c', 'd']
    ]
  })
  t.true(ways.isJoined('a', 'b'))
  t.false(ways.isJoined('a', 'd'))
  ways.onEvent({ kind: 'heal-all' })
  t.true(ways.isJoined('a', 'd'))
})

test('brokers that carry nothing for others are no way', (t) => {
  const ways = new WaysLeft(twoHubs(3), [])
  t.true(ways.isJoined('s1', 's2'))
  ways.onEvent({ kind: 'kill', broker: 'hub1' })
  t.true(ways.isJoined('s1', 's2'))
  ways.onEvent({ kind: 'cut', a: 's1', b: 'hub2' })
  t.false(ways.isJoined('s1', 's2'))
  t.true(ways.isJoined('s2', 's3'))
})

test('a one-way link is a way in its direction only, a filter is no certain one', (t) => {
  const { links, ...shape } = chain(2)
  const [link] = links
  const oneWay = new WaysLeft({ ...shape, links: [{ ...link!, duplex: false }] }, [])
  t.true(oneWay.isJoined('a', 'b'))
  t.false(oneWay.isJoined('b', 'a'))
  const filtered = new WaysLeft({ ...shape, links: [{ ...link!, exclude: ['queue://x'] }] }, [])
  t.false(filtered.isJoined('a', 'b'))
})

test('a broker that comes late is not there before', (t) => {
  const ways = new WaysLeft(chain(3), ['b'])
  t.false(ways.isJoined('a', 'c'))
  ways.onEvent({ kind: 'start-all' })
  t.true(ways.isJoined('a', 'c'))
})

import test from 'ava'
import { canLieBetween, groupsOf, reachOf } from '../../../sim/real/reach.ts'
import { chain, hubSpoke, ring, twoHubs } from '../../../sim/topologies.ts'

test('edges gather brokers into groups', (t) => {
  const groups = groupsOf(
    ['a', 'b', 'c', 'd', 'e'],
    [
      ['a', 'b'],
      ['d', 'c'],
      ['b', 'a']
    ]
  )
  t.deepEqual(
    groups.map((group) => group.toSorted()),
    [['a', 'b'], ['c', 'd'], ['e']]
  )
})

test('in a row only those in between lie between two brokers', (t) => {
  const row = chain(5)
  t.deepEqual(
    row.brokers.filter((name) => canLieBetween(row, name, ['b', 'd'])),
    ['b', 'c', 'd']
  )
})

test('in a circle everybody lies between any two brokers', (t) => {
  const circle = ring(5)
  for (const name of circle.brokers) t.true(canLieBetween(circle, name, ['a', 'c']))
})

test('a spoke lies between nobody but itself and others', (t) => {
  const star = hubSpoke(3)
  t.false(canLieBetween(star, 's3', ['s1', 's2']))
  t.true(canLieBetween(star, 'hub', ['s1', 's2']))
  t.true(canLieBetween(star, 's1', ['s1', 's2']))
})

test('between a broker and itself lies nobody else', (t) => {
  t.true(canLieBetween(ring(3), 'a', ['a', 'a']))
  t.false(canLieBetween(ring(3), 'b', ['a', 'a']))
})

test('messages reach what whole links, filters and directions let them reach', (t) => {
  const row = chain(4)
  const [first, second, third] = row.links
  const filtered = {
    ...row,
    links: [
      { ...first!, include: ['queue://orders.>'] },
      { ...second!, exclude: ['queue://orders.old'] },
      { ...third!, duplex: false }
    ]
  }
  const reach = (from: string, kind: 'queue' | 'topic', name: string): string =>
    reachOf(filtered, from, { kind, name }, () => true).join('')
  t.is(reach('a', 'queue', 'orders.new'), 'abcd')
  t.is(reach('a', 'queue', 'orders.old'), 'ab')
  t.is(reach('a', 'topic', 'orders.new'), 'a')
  t.is(reach('d', 'queue', 'orders.new'), 'd')
  const isWhole = ({ a }: { a: string }): boolean => a !== 'b'
  t.is(reachOf(row, 'a', { kind: 'queue', name: 'q' }, isWhole).join(''), 'ab')
})

test('brokers that carry nothing for others are ends only', (t) => {
  const hubs = twoHubs(2)
  const withoutHub1 = ({ a, b }: { a: string; b: string }): boolean => a !== 'hub1' && b !== 'hub1'
  const queue = { kind: 'queue', name: 'q' } as const
  t.deepEqual(reachOf(hubs, 's1', queue, withoutHub1).toSorted(), ['hub2', 's1', 's2'])
  const onlySpoke1 = ({ a, b }: { a: string; b: string }): boolean => a === 's1' || b === 's1'
  t.deepEqual(reachOf(hubs, 'hub1', queue, onlySpoke1).toSorted(), ['hub1', 's1'])
})

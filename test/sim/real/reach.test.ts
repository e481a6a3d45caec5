import test from 'ava'
import { canLieBetween, groupsOf } from '../../../sim/real/reach.ts'
import { chain, hubSpoke, ring } from '../../../sim/topologies.ts'

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

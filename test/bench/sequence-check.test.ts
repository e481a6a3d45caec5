// Loss, duplicates and reordering must each be told for what they are.

import test from 'ava'
import fc from 'fast-check'

import { SequenceCheck } from '../../bench/load-client/sequence-check.ts'

function noted(numbers: readonly number[]): SequenceCheck {
  const check = new SequenceCheck(1)
  for (const number of numbers) check.note(0, number)
  return check
}

test('finds nothing wrong with numbers in order', (t) => {
  const check = noted([0, 1, 2, 3])
  t.deepEqual(check.counts(), { received: 4, duplicates: 0, reordered: 0, gaps: 0 })
  t.is(check.lost([4]), 0)
})

test('counts a number that never comes as lost', (t) => {
  const check = noted([0, 1, 4])
  t.is(check.counts().gaps, 2)
  t.is(check.lost([5]), 2)
})

test('counts what was sent after the last number received as lost', (t) => {
  t.is(noted([0, 1]).lost([10]), 8)
  t.is(new SequenceCheck(2).lost([3, 4]), 7)
})

test('counts a number that comes late as reordered, not as a duplicate or lost', (t) => {
  const check = noted([0, 2, 1, 3])
  t.deepEqual(check.counts(), { received: 4, duplicates: 0, reordered: 1, gaps: 1 })
  t.is(check.lost([4]), 0)
})

test('counts a number that comes twice as a duplicate, late ones too', (t) => {
  t.is(noted([0, 1, 1, 2]).counts().duplicates, 1)
  t.is(noted([0, 2, 1, 1, 2]).counts().duplicates, 2)
})

test('keeps streams apart', (t) => {
  const check = new SequenceCheck(2)
  check.note(0, 0)
  check.note(1, 0)
  check.note(1, 2)
  t.deepEqual(check.counts(), { received: 3, duplicates: 0, reordered: 0, gaps: 1 })
  t.is(check.lost([1, 3]), 1)
})

test('refuses a stream that is not of this run', (t) => {
  t.throws(() => new SequenceCheck(2).note(2, 0), { message: /unknown stream 2/ })
})

test('counts a gap too wide to follow as lost', (t) => {
  const check = noted([0, 1_000_000])
  t.is(check.lost([1_000_001]), 999_999)
})

test('adds up for any order, loss and duplication', (t) => {
  const property = fc.property(fc.array(fc.nat(40), { maxLength: 80 }), (numbers) => {
    const check = noted(numbers)
    const { received, duplicates } = check.counts()
    const distinct = new Set(numbers).size
    const isRight = received === numbers.length && duplicates === numbers.length - distinct
    return isRight && check.lost([41]) === 41 - distinct
  })
  fc.assert(property)
  t.pass()
})

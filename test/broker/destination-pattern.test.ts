// Patterns and their index, held against each other and against a matcher that tries everything.

import test from 'ava'
import fc from 'fast-check'
import { hasWildcard, PatternIndex, patternMatches } from '../../src/broker/destination-pattern.ts'

const part = fc.constantFrom('a', 'b', 'c', 'prices')
const name = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.'))
const pattern = fc
  .tuple(
    fc.array(fc.oneof(part, fc.constant('*')), { minLength: 1, maxLength: 5 }),
    fc.constantFrom('', '.>')
  )
  .map(([parts, tail]) => parts.join('.') + tail)
  .chain((text) => fc.constantFrom(text, text, text, '>'))

/** Says what a pattern means by a regular expression. */
function matchesByRegExp(wanted: string, asked: string): boolean {
  const text = wanted
    .split('.')
    .map((each) => (each === '*' ? '[^.]+' : each === '>' ? '.+' : each))
    .join('\\.')
  return new RegExp(`^${text}$`).test(asked)
}

test('a plain pattern matches its own name only', (t) => {
  t.true(patternMatches('orders.eu', 'orders.eu'))
  t.false(patternMatches('orders.eu', 'orders'))
  t.false(patternMatches('orders.eu', 'orders.eu.paris'))
  t.false(patternMatches('orders', 'orders.eu'))
})

test('"*" stands for exactly one part', (t) => {
  t.true(patternMatches('orders.*.new', 'orders.eu.new'))
  t.false(patternMatches('orders.*', 'orders'))
  t.false(patternMatches('orders.*', 'orders.eu.new'))
  t.true(patternMatches('*', 'orders'))
})

test('a final ">" stands for one part or more, never for none', (t) => {
  t.true(patternMatches('orders.>', 'orders.eu'))
  t.true(patternMatches('orders.>', 'orders.eu.new'))
  t.false(patternMatches('orders.>', 'orders'))
  t.true(patternMatches('>', 'orders'))
})

test('a ">" before the last part is no wildcard: it matches no valid name', (t) => {
  const index = new PatternIndex<number>()
  index.add('orders.>.new', 1)
  t.false(patternMatches('orders.>.new', 'orders.eu.new'))
  t.is(index.match('orders.eu.new').size, 0)
})

test('only "*" and ">" are wildcards', (t) => {
  t.true(hasWildcard('a.*'))
  t.true(hasWildcard('a.>'))
  t.false(hasWildcard('a.b?'))
})

test('matching means what the regular expression of the pattern means', (t) => {
  fc.assert(
    fc.property(pattern, name, (wanted, asked) => {
      return patternMatches(wanted, asked) === matchesByRegExp(wanted, asked)
    }),
    { numRuns: 2_000 }
  )
  t.pass()
})

test('the index answers what trying every pattern answers, through adding and removing', (t) => {
  const step = fc.record({ isAdd: fc.boolean(), pattern, value: fc.integer({ min: 0, max: 3 }) })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.array(name, { maxLength: 10 }),
      (steps, asked) => {
        const index = new PatternIndex<number>()
        const filed = new Map<string, { pattern: string; value: number }>()
        for (const { isAdd, pattern: where, value } of steps) {
          const key = `${where} ${value}`
          if (isAdd) {
            index.add(where, value)
            filed.set(key, { pattern: where, value })
          } else {
            t.is(index.remove(where, value), filed.delete(key))
          }
          t.is(index.size, filed.size)
        }
        for (const each of asked) {
          const expected = new Set<number>()
          for (const { pattern: where, value } of filed.values()) {
            if (patternMatches(where, each)) expected.add(value)
          }
          t.deepEqual([...index.match(each)].sort(), [...expected].sort())
        }
        const all = new Set([...filed.values()].map(({ value }) => value))
        t.deepEqual(index.values().sort(), [...all].sort())
      }
    ),
    { numRuns: 300 }
  )
})

test('values of one pattern come in order of filing, also after the first is gone', (t) => {
  for (const where of ['orders', 'orders.*']) {
    const index = new PatternIndex<string>()
    const asked = where.replace('*', 'eu')
    for (const value of ['a', 'b', 'c', 'a']) index.add(where, value)
    t.deepEqual([...index.match(asked)], ['a', 'b', 'c'])
    t.true(index.remove(where, 'a'))
    index.add(where, 'a')
    t.deepEqual([...index.match(asked)], ['b', 'c', 'a'])
  }
})

test('a value is found once, however many of its patterns match', (t) => {
  const index = new PatternIndex<string>()
  for (const where of ['>', 'a.*', 'a.b', '*.b', 'a.>', '*.>']) index.add(where, 'x')
  t.is(index.size, 6)
  t.deepEqual([...index.match('a.b')], ['x'])
})

test('values that are undefined or false are values', (t) => {
  const index = new PatternIndex<false | undefined>()
  index.add('a', undefined)
  index.add('a', false)
  t.deepEqual([...index.match('a')], [undefined, false])
  t.true(index.remove('a', undefined))
  t.false(index.remove('a', undefined))
  t.deepEqual([...index.match('a')], [false])
})

test('wildcards match no name of the broker itself, and plain patterns do', (t) => {
  const own = '_postroad.admin.a'
  const index = new PatternIndex<string>()
  for (const wanted of ['>', '*.>', '*.*.*', '_postroad.>', own]) {
    index.add(wanted, wanted)
    t.is(patternMatches(wanted, own), wanted === own)
  }
  t.deepEqual([...index.match(own)], [own])
  t.true(index.match('_postroads').has('>'))
})

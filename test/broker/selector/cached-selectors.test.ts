// The cache gives the same object back, forgets the least recently used, and remembers no failure.

import test from 'ava'
import { isPostroadError } from '../../../src/base/index.ts'
import { CachedSelectors, cachedSelectorsMax } from '../../../src/broker/selector/index.ts'

test('gives the same selector for the same text', (t) => {
  const cache = new CachedSelectors()
  const selector = cache.parse('a = 1')
  t.is(cache.parse('a = 1'), selector)
  t.not(cache.parse('a = 2'), selector)
  t.is(cache.size, 2)
})

test('forgets the least recently used text past its bound', (t) => {
  const cache = new CachedSelectors()
  const first = cache.parse('a = 0')
  const second = cache.parse('a = 1')
  for (let index = 2; index < cachedSelectorsMax; index += 1) cache.parse(`a = ${index}`)
  t.is(cache.parse('a = 0'), first)
  cache.parse('a = 1000')
  t.is(cache.size, cachedSelectorsMax)
  t.is(cache.parse('a = 0'), first)
  t.not(cache.parse('a = 1'), second)
})

test('refuses a bad text every time and remembers nothing of it', (t) => {
  const cache = new CachedSelectors()
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const error = t.throws(() => cache.parse('a ='))
    t.true(isPostroadError(error, 'LOCAL_SELECTOR_INVALID'))
  }
  t.is(cache.size, 0)
})

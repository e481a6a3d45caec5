// LIKE against an oracle that is plainly right and slow, and the bound on its work.

import test from 'ava'
import fc from 'fast-check'
import { parseSelector } from '../../../src/broker/selector/index.ts'

/** SQL's definition, by recursion over characters. */
function likeOracle(
  pattern: readonly string[],
  text: readonly string[],
  escapeBy: string
): boolean {
  const [first, second] = pattern
  if (first === undefined) return text.length === 0
  if (first === escapeBy)
    return text[0] === second && likeOracle(pattern.slice(2), text.slice(1), escapeBy)
  if (first === '%') {
    return (
      text.some((_, skip) => likeOracle(pattern.slice(1), text.slice(skip), escapeBy)) ||
      likeOracle(pattern.slice(1), [], escapeBy)
    )
  }
  return (
    text.length > 0 &&
    (first === '_' || first === text[0]) &&
    likeOracle(pattern.slice(1), text.slice(1), escapeBy)
  )
}

function like(pattern: string, text: string, escapeBy?: string): boolean {
  const ending = escapeBy === undefined ? '' : ` ESCAPE '${escapeBy}'`
  return parseSelector(`a LIKE '${pattern}'${ending}`).matches({ property: () => text })
}

const character = fc.constantFrom('a', 'b', '\u{1f600}')
const text = fc.array(character, { maxLength: 9 })

test('LIKE agrees with the definition', (t) => {
  const wild = fc.array(fc.oneof(character, fc.constantFrom('%', '_')), { maxLength: 7 })
  fc.assert(
    fc.property(wild, text, (pattern, given) => {
      return like(pattern.join(''), given.join('')) === likeOracle(pattern, given, '')
    }),
    { numRuns: 3000 }
  )
  t.pass()
})

test('LIKE with ESCAPE agrees with the definition', (t) => {
  const part = fc.oneof(character, fc.constantFrom('%', '_', '!%', '!_', '!!', '!a'))
  const given = fc.array(fc.oneof(character, fc.constantFrom('%', '_', '!')), { maxLength: 7 })
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), given, (pattern, characters) => {
      const joined = pattern.join('')
      return like(joined, characters.join(''), '!') === likeOracle([...joined], characters, '!')
    }),
    { numRuns: 2000 }
  )
  t.pass()
})

test('LIKE keeps its state across the words of a long pattern', (t) => {
  for (const length of [30, 31, 32, 33, 63, 64, 65, 96, 999]) {
    const body = Array.from({ length }, (_, index) => 'abcdefghijk'[index % 11]).join('')
    const pattern = `_%${body.slice(1)}`
    t.true(like(pattern, `a${body.slice(1)}`), `${length}`)
    t.true(like(pattern, `zzz${body.slice(1)}`), `${length}`)
    t.false(like(pattern, body.slice(1)), `${length}`)
    t.false(like(pattern, `${body}z`), `${length}`)
  }
})

test('a pathological LIKE reads each character of the value once', (t) => {
  const selector = parseSelector(`a LIKE '${'%a'.repeat(499)}%b'`)
  const backtracks = parseSelector(`a LIKE '%${'_a'.repeat(400)}b%'`)
  const value = 'a'.repeat(1000)
  const source = { property: () => value }
  const prototype = String.prototype
  const { codePointAt } = prototype
  let reads = 0
  prototype.codePointAt = function (this: string, position: number) {
    reads += 1
    return codePointAt.call(this, position)
  }
  try {
    t.false(selector.matches(source))
    t.is(reads, 1000)
    t.false(backtracks.matches(source))
    t.is(reads, 2000)
  } finally {
    prototype.codePointAt = codePointAt
  }
})

test('LIKE stops reading once nothing can match any more', (t) => {
  const selector = parseSelector("a LIKE 'ab_%'")
  const prototype = String.prototype
  const { codePointAt } = prototype
  let reads = 0
  prototype.codePointAt = function (this: string, position: number) {
    reads += 1
    return codePointAt.call(this, position)
  }
  try {
    t.false(selector.matches({ property: () => 'ax'.repeat(1000) }))
  } finally {
    prototype.codePointAt = codePointAt
  }
  t.is(reads, 2)
})

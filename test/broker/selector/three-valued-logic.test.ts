// The truth tables of Jakarta Messaging 3.1 section 3.8.1.2, cell by cell. A selector shows only
// whether it is true, so each cell is asked twice: as it is, and negated.

import test from 'ava'
import { parseSelector } from '../../../src/broker/selector/index.ts'

type Truth = 'T' | 'F' | 'U'

/** `t` is true, `f` is false and `u` is absent, so its comparison is unknown. */
const source = { property: (name: string) => (name === 'u' ? undefined : name === 't') }
const operand: Readonly<Record<Truth, string>> = { T: 't = TRUE', F: 'f = TRUE', U: 'u = TRUE' }
const values = ['T', 'F', 'U'] as const

function truthOf(text: string): Truth {
  if (parseSelector(text).matches(source)) return 'T'
  return parseSelector(`NOT (${text})`).matches(source) ? 'F' : 'U'
}

const table = test.macro<[string, readonly string[]]>((t, word, rows) => {
  for (const [row, left] of values.entries()) {
    for (const [column, right] of values.entries()) {
      const text = `${operand[left]} ${word} ${operand[right]}`
      t.is(truthOf(text), rows[row]![column]! as Truth, text)
    }
  }
})

test('AND is false if either side is, and unknown if one side is', table, 'AND', [
  'TFU',
  'FFF',
  'UFU'
])

test('OR is true if either side is, and unknown if one side is', table, 'OR', ['TTT', 'TFU', 'TUU'])

test('NOT of unknown is unknown', (t) => {
  t.is(truthOf(`NOT (${operand.T})`), 'F')
  t.is(truthOf(`NOT (${operand.F})`), 'T')
  t.is(truthOf(`NOT (${operand.U})`), 'U')
})

test('chains of three keep the tables', (t) => {
  for (const first of values) {
    for (const second of values) {
      for (const third of values) {
        const all = [first, second, third]
        const terms = all.map((value) => operand[value])
        const and = all.includes('F') ? 'F' : all.includes('U') ? 'U' : 'T'
        const or = all.includes('T') ? 'T' : all.includes('U') ? 'U' : 'F'
        t.is(truthOf(terms.join(' AND ')), and)
        t.is(truthOf(terms.join(' OR ')), or)
      }
    }
  }
})

test('every comparison with an absent property is unknown', (t) => {
  for (const text of [
    'u = 1',
    "u <> 'a'",
    'u = TRUE',
    'u < 1',
    '1 >= u',
    'u = u',
    'u + 1 = 2',
    'u BETWEEN 1 AND 2',
    'u NOT BETWEEN 1 AND 2',
    "u IN ('a')",
    "u NOT IN ('a', 1)",
    "u LIKE 'a%'",
    "u NOT LIKE '_a%'",
    'u',
    // NULL is judged before the kinds: t is no number, yet the answer is unknown, not false.
    'u < t',
    't < u',
    't = u'
  ]) {
    t.is(truthOf(text), 'U', text)
  }
})

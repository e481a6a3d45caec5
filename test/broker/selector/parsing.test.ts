// What is refused, where the fault is said to be, and what normalising keeps and drops.

import test from 'ava'
import fc from 'fast-check'
import { isPostroadError, type PostroadError } from '../../../src/base/index.ts'
import {
  likeCharactersMax,
  parseSelector,
  selectorBytesMax,
  selectorDepthMax,
  selectorListMax
} from '../../../src/broker/selector/index.ts'

function faultOf(text: string): PostroadError {
  try {
    parseSelector(text)
  } catch (error) {
    if (isPostroadError(error, 'LOCAL_SELECTOR_INVALID')) return error
    throw error
  }
  throw new Error(`this was accepted: ${text}`)
}

const invalid: ReadonlyArray<readonly [text: string, column: number, why: RegExp]> = [
  ['', 1, /expected a value, a property name or \(, found the end/],
  ['   ', 4, /found the end/],
  ['price >', 8, /found the end/],
  ['price > )', 9, /found "\)"/],
  ['= 5', 1, /found "="/],
  ['price 5', 7, /expected an operator or the end, found the number 5/],
  ['a = 1 b = 2', 7, /expected AND, OR or the end, found "b"/],
  ['a = b = c', 7, /expected AND, OR or the end, found "="/],
  ['a == 1', 4, /found "="/],
  ['(a = 1', 7, /expected an operator or \), found the end/],
  ['a = 1)', 6, /found "\)"/],
  ['a AND', 6, /found the end/],
  ['5', 1, /expected a condition, found a value/],
  ["'red'", 1, /expected a condition/],
  ['a AND b + 1', 7, /expected a condition/],
  ['NOT 5', 5, /expected a condition/],
  ['a = 1 OR (5)', 11, /expected a condition/],
  ["color > 'red'", 9, /for >, which compares numbers only; found a string/],
  ['TRUE < 5', 1, /found TRUE/],
  ['(a = 1) >= 5', 2, /found a condition/],
  ["a + 'x' = 1", 5, /right of \+; found a string/],
  ['(a = 1) * 2 = 2', 2, /left of \*; found a condition/],
  ["-'x' = 1", 2, /after the sign -; found a string/],
  ["a BETWEEN 'a' AND 'b'", 11, /after BETWEEN; found a string/],
  ['a BETWEEN 1 OR 2', 13, /expected AND and the upper bound of BETWEEN, found the keyword OR/],
  ['a NOT = 5', 7, /expected BETWEEN, IN or LIKE after NOT/],
  ['a = NULL', 5, /write IS NULL/],
  ['a IS 5', 6, /expected NULL or NOT NULL/],
  ['a IS NOT 5', 10, /expected NULL, found the number 5/],
  ['5 IS NULL', 1, /expected a property name before IS NULL, found a number/],
  ["5 LIKE '5'", 1, /before LIKE/],
  ['a LIKE 5', 8, /expected a pattern in single quotes/],
  ["a LIKE 'x' ESCAPE ''", 19, /exactly one character/],
  ["a LIKE 'x' ESCAPE 'ab'", 19, /exactly one character/],
  ["a LIKE 'x!' ESCAPE '!'", 8, /escape character that ends the pattern/],
  ["a + 1 IN ('a')", 1, /before IN, found a number/],
  ["a IN 'a'", 6, /expected \( after IN/],
  ['a IN ()', 7, /expected a string or a number in the IN list, found "\)"/],
  ["a IN ('a' 'b')", 11, /expected , or \)/],
  ["a IN ('a', TRUE)", 12, /found the keyword TRUE/],
  ['a IN (-b)', 8, /found "b"/],
  ["a = 'red", 5, /no end; close it/],
  ["a = 'it''s", 5, /no end/],
  ['a = "red"', 5, /single quotes/],
  ['a = 5 & b = 6', 7, /found "&"/],
  ['a = \u0000', 5, /found U\+0000/],
  ['a ! 5', 3, /found "!"/],
  ['in = 5', 1, /found the keyword IN/],
  ['a = 0x1F', 5, /decimal number.*found "0x1F"/],
  ['a = 57L', 5, /found "57L"/],
  ['a = 017', 5, /may not start with 0/],
  ['a = 1E999', 5, /too large for a double/],
  ['a = 9223372036854775809', 5, /over 64 bits/],
  ["\u{1f600} = 'a'", 1, /found/],
  // The column counts characters: the emoji takes two UTF-16 units.
  ["a = '\u{1f600}' b", 9, /found "b"/],
  ['hyphenated_props:content- 5', 27, /found the number 5/]
]

for (const [text, column, why] of invalid) {
  test(`refuses ${JSON.stringify(text)} at column ${column}`, (t) => {
    const fault = faultOf(text)
    t.is(fault.facts.column, column)
    t.true(fault.message.startsWith(`selector, column ${column}: `), fault.message)
    t.regex(fault.message, why)
  })
}

test('shows the text with a caret below the fault', (t) => {
  t.is(
    faultOf('price > )').message,
    [
      'selector, column 9: expected a value, a property name or (, found ")"',
      '  price > )',
      '          ^'
    ].join('\n')
  )
})

test('shows only a window of a long text, on one line', (t) => {
  const padding = ' '.repeat(60)
  const lines = faultOf(`a = 1${padding}\n)${padding}OR b = 2`).message.split('\n')
  t.is(lines.length, 3)
  t.is(lines[1]!.length, 2 + 1 + 40 + 40 + 1)
  t.is(lines[1]!.indexOf(')'), lines[2]!.indexOf('^'))
  t.true(lines[1]!.startsWith('  …') && lines[1]!.endsWith('…'))
})

test('takes a text of the longest size and refuses one byte more', (t) => {
  const fits = `a = '${'x'.repeat(selectorBytesMax - 6)}'`
  t.is(Buffer.byteLength(fits), selectorBytesMax)
  t.is(parseSelector(fits).normalised, fits)
  const fault = faultOf(`${fits} `)
  t.is(fault.facts.bytes, selectorBytesMax + 1)
  t.regex(fault.message, /8193 bytes long; shorten it to at most 8192/)
})

test('refuses a text whose normalised form would be too long for another broker', (t) => {
  const fault = faultOf(Array.from({ length: 1000 }, () => 'a=1').join(' OR '))
  t.regex(fault.message, /written out/)
})

test('nests as deep as the limit and no deeper', (t) => {
  for (const [open, close] of [
    ['(', ')'],
    ['NOT ', '']
  ] as const) {
    const nest = (depth: number) => `${open.repeat(depth)}a = 1${close.repeat(depth)}`
    t.notThrows(() => parseSelector(nest(selectorDepthMax)))
    const fault = faultOf(nest(selectorDepthMax + 1))
    t.is(fault.facts.column, selectorDepthMax * open.length + 1)
    t.regex(fault.message, /nested at most 100 deep/)
  }
  t.notThrows(() => parseSelector(`${'-'.repeat(selectorDepthMax)}a = 1`))
  t.regex(faultOf(`${'-'.repeat(selectorDepthMax + 1)}a = 1`).message, /nested at most/)
})

test('nesting that has ended no longer counts', (t) => {
  for (const term of ['NOT a = 1', '(a = 1)', '-a = 1']) {
    const terms = Array.from({ length: 2 * selectorDepthMax }, () => term)
    t.notThrows(() => parseSelector(terms.join(' OR ')))
  }
})

test('long chains are not nesting', (t) => {
  const sum = Array.from({ length: 1500 }, () => 'a').join(' + ')
  t.true(parseSelector(`${sum} = 3000`).matches({ property: () => 2 }))
  const terms = Array.from({ length: 700 }, () => 'a = 2')
  t.true(parseSelector(terms.join(' AND ')).matches({ property: () => 2 }))
})

test('takes an IN list of the longest size and refuses one value more', (t) => {
  const list = (length: number) => `a IN (${Array.from({ length }, () => '7').join(',')})`
  t.notThrows(() => parseSelector(list(selectorListMax)))
  const fault = faultOf(list(selectorListMax + 1))
  t.is(fault.facts.column, 7 + 2 * selectorListMax)
  t.regex(fault.message, /at most 1000 values/)
})

test('takes a LIKE pattern of the longest size and refuses one character more', (t) => {
  const like = (length: number) => `a LIKE '%${'_'.repeat(length)}%'`
  t.notThrows(() => parseSelector(like(likeCharactersMax)))
  t.regex(faultOf(like(likeCharactersMax + 1)).message, /at most 1000 characters, found 1001/)
})

const normalised: ReadonlyArray<readonly [text: string, normalised: string]> = [
  ["  color='red'and\n size>5", "color = 'red' AND size > 5"],
  ['a!=1', 'a <> 1'],
  ['((a)) = (1)', 'a = 1'],
  ['(a = 1 AND b = 2) AND (c = 3)', 'a = 1 AND b = 2 AND c = 3'],
  ['a = 1 AND (b = 2 OR c = 3)', 'a = 1 AND (b = 2 OR c = 3)'],
  ['(a = 1 AND b = 2) OR c = 3', 'a = 1 AND b = 2 OR c = 3'],
  ['not(a=1)', 'NOT a = 1'],
  ['not(a=1 or b=1)', 'NOT (a = 1 OR b = 1)'],
  ['(not a) = true', '(NOT a) = TRUE'],
  ['a-(b-1)=+2', 'a - (b - 1) = 2'],
  ['(a-b)-1=--2', 'a - b - 1 = 2'],
  ['(a+1)*-b=0', '(a + 1) * - b = 0'],
  ['a/(b*c)=-(d+1)', 'a / (b * c) = - (d + 1)'],
  ['a between 1 and 2+3', 'a BETWEEN 1 AND 2 + 3'],
  ["a not in('x',-1.50,+2)", "a NOT IN ('x', -1.5, 2)"],
  ["a not like'it''s' escape'!'", "a NOT LIKE 'it''s' ESCAPE '!'"],
  ['a is not null', 'a IS NOT NULL'],
  ['a=7. or a=.50', 'a = 7 OR a = 0.5'],
  ['a=1e3 or a=1E+21', 'a = 1000 OR a = 1e+21'],
  ['a = 1E19', 'a = 1e+19'],
  ['a = 1152921504606846976', 'a = 1152921504606846976'],
  ['a = -9223372036854775808', 'a = -9223372036854775808'],
  ['convert_string_expressions:a=1', 'a = 1'],
  ['hyphenated_props:a-b=1', 'hyphenated_props:a-b = 1'],
  ['hyphenated_props:a - b=1', 'a - b = 1']
]

for (const [text, expected] of normalised) {
  test(`normalises ${JSON.stringify(text)}`, (t) => {
    const selector = parseSelector(text)
    t.is(selector.text, text)
    t.is(selector.normalised, expected)
    t.is(parseSelector(expected).normalised, expected)
  })
}

test('keeps apart what blanks and case of keywords do not explain', (t) => {
  const texts = ["a = 'x'", "A = 'x'", "a = 'X'", "a = ' x'", "a <> 'x'", "a LIKE 'x'", 'a = x']
  t.is(new Set(texts.map((text) => parseSelector(text).normalised)).size, texts.length)
})

/** Texts made of the language's own words: most are near misses, some are selectors. */
const wordSoup = fc
  .array(
    fc.constantFrom(
      ...['a', 'b.c', '$d', "'x'", "''''", '1', '2.5', '.5', '7.', '1E3', '9007199254740993'],
      ...['TRUE', 'false', 'NULL', 'AND', 'or', 'NOT', 'BETWEEN', 'in', 'LIKE', 'ESCAPE', 'IS'],
      ...['=', '<>', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '(', ')', ',', "'", 'x-y'],
      'hyphenated_props:'
    ),
    { maxLength: 14 }
  )
  .map((words) => words.join(' '))

/** Selectors, with more parentheses than they need. */
const { condition } = fc.letrec<{ condition: string; value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', '1', '2.50', '1E25', '.5', '123456789012345678', '9007199254740993'),
    tie('value').map((value) => `- ${value}`),
    fc
      .tuple(tie('value'), fc.constantFrom('+', '-', '*', '/'), tie('value'))
      .map(([left, operator, right]) => `(${left}${operator}${right})`)
  ),
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom("a = 'x'", 'c', 'NOT c', "b IN ('x', 2)", "a NOT LIKE '%x_'", 'b IS NULL'),
    fc
      .tuple(tie('value'), fc.constantFrom('=', '!=', '<', '>='), tie('value'))
      .map((parts) => parts.join('')),
    fc
      .tuple(tie('value'), tie('value'), tie('value'))
      .map(([value, low, high]) => `${value} not between ${low} and ${high}`),
    tie('condition').map((term) => `not (${term})`),
    fc
      .tuple(tie('condition'), fc.constantFrom('and', 'or', '=', '<>'), tie('condition'))
      .map(([left, word, right]) => `(${left})${word}(${right})`)
  )
}))

const properties = fc.dictionary(
  fc.constantFrom('a', 'b', 'c'),
  fc.oneof(
    fc.constantFrom('x', 'yxz', '1', '2.5', '-3', 'true', 'false', '9007199254740993', ''),
    fc.boolean(),
    fc.constantFrom(0, 1, 2.5, -3, 1e25)
  )
)

test('arbitrary text gives a selector or the selector error, and nothing else', (t) => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), wordSoup, wordSoup)
  fc.assert(
    fc.property(text, properties, (given, values) => {
      let selector: ReturnType<typeof parseSelector>
      try {
        selector = parseSelector(given)
      } catch (error) {
        return isPostroadError(error, 'LOCAL_SELECTOR_INVALID')
      }
      const answer = selector.matches({ property: (name) => values[name] })
      return typeof answer === 'boolean' && parseSelector(selector.normalised) !== undefined
    }),
    { numRuns: 3000 }
  )
  t.pass()
})

test('normalising keeps the meaning and is stable', (t) => {
  fc.assert(
    fc.property(condition, properties, (text, values) => {
      const source = { property: (name: string) => values[name] }
      const selector = parseSelector(text)
      const again = parseSelector(selector.normalised)
      return (
        again.normalised === selector.normalised &&
        again.matches(source) === selector.matches(source) &&
        parseSelector(`NOT (${again.text})`).matches(source) ===
          parseSelector(`NOT (${text})`).matches(source)
      )
    }),
    { numRuns: 1000 }
  )
  t.pass()
})

test('blanks and case of keywords do not show in the normalised text', (t) => {
  const blank = fc.constantFrom(' ', '\t', '\n', '  ', '\r\n', '\f')
  fc.assert(
    fc.property(condition, blank, (text, blanks) => {
      const spread = text
        .replaceAll(/ ?([()]) ?/g, ` $1 `)
        .replaceAll(' ', blanks)
        .replaceAll(/\b(?:and|or|not|between)\b/g, (word) => word.toUpperCase())
      return parseSelector(spread).normalised === parseSelector(text).normalised
    }),
    { numRuns: 500 }
  )
  t.pass()
})

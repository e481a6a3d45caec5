// What valid selectors match: one table of expression, properties and answer per rule.

import test from 'ava'
import { type PropertySource, parseSelector } from '../../../src/broker/selector/index.ts'

type Properties = Record<string, string | number | boolean>
type Case = readonly [text: string, properties: Properties, expected: boolean]

function sourceOf(properties: Properties): PropertySource {
  const byName = new Map(Object.entries(properties))
  return { property: (name) => byName.get(name) }
}

const holdsFor = test.macro<[readonly Case[]]>((t, cases) => {
  for (const [text, properties, expected] of cases) {
    const selector = parseSelector(text)
    const shown = `${text} on ${JSON.stringify(properties)}`
    t.is(selector.matches(sourceOf(properties)), expected, shown)
    t.is(parseSelector(selector.normalised).matches(sourceOf(properties)), expected, shown)
  }
})

test('literals and bare boolean properties are conditions', holdsFor, [
  ['TRUE', {}, true],
  ['false', {}, false],
  ['urgent', { urgent: true }, true],
  ['urgent', { urgent: 'true' }, true],
  ['urgent', { urgent: 'false' }, false],
  ['urgent', { urgent: 'yes' }, false],
  ['NOT urgent', { urgent: 'yes' }, false],
  ['NOT urgent', { urgent: 'false' }, true],
  ['urgent', {}, false],
  ['NOT urgent', {}, false]
])

test('strings compare by their exact characters', holdsFor, [
  ["color = 'red'", { color: 'red' }, true],
  ["color = 'red'", { color: 'Red' }, false],
  ["'red' = color", { color: 'red' }, true],
  ["color <> 'red'", { color: 'blue' }, true],
  ["color != 'red'", { color: 'red' }, false],
  ["name = 'O''Brien'", { name: "O'Brien" }, true],
  ["name = ''", { name: '' }, true],
  ["name = ''''", { name: "'" }, true],
  ["word = 'naïve \u{1f600}'", { word: 'naïve \u{1f600}' }, true],
  ['a = b', { a: 'x', b: 'x' }, true],
  ['a = b', { a: '1', b: '1.0' }, false],
  ["'a' = 'a'", {}, true]
])

test('a header compared with a number is read as a number when it is written as one', holdsFor, [
  ['price = 5', { price: '5' }, true],
  ['price = 5', { price: '5.0' }, true],
  ['price = 5', { price: '+05' }, true],
  ['price = 500', { price: '5e2' }, true],
  ['price = -0.5', { price: '-.5' }, true],
  ['price <> 5', { price: '6' }, true],
  ['price > 10', { price: '9' }, false],
  ['price > 10', { price: '10.01' }, true],
  ['price >= 10', { price: '10' }, true],
  ['price < 10', { price: '-20' }, true],
  ['price <= 10', { price: '10' }, true],
  ['10 < price', { price: '11' }, true],
  ['a < b', { a: '9', b: '10' }, true],
  ['a = b', { a: '9.0', b: 9 }, true],
  ['a = b', { a: 9, b: '9.0' }, true]
])

test('a header that is not written as a number never compares with one', holdsFor, [
  ['price = 5', { price: 'five' }, false],
  ['price <> 5', { price: 'five' }, false],
  ['price > 0', { price: '' }, false],
  ['price > 0', { price: ' 5' }, false],
  ['price > 0', { price: '5 ' }, false],
  ['price > 0', { price: '0x10' }, false],
  ['price > 0', { price: 'Infinity' }, false],
  ['price > 0', { price: '1e999' }, false],
  ['price > 0', { price: '.' }, false],
  ['price > 0', { price: '1e' }, false],
  ['price > 0', { price: '1_000' }, false],
  ['price > 0', { price: '9'.repeat(400) }, false]
])

test('a header compared with TRUE or FALSE is read as a boolean', holdsFor, [
  ['urgent = TRUE', { urgent: 'true' }, true],
  ['urgent = true', { urgent: 'false' }, false],
  ['urgent <> TRUE', { urgent: 'false' }, true],
  ['urgent = FALSE', { urgent: 'false' }, true],
  ['FALSE = urgent', { urgent: false }, true],
  ['urgent = TRUE', { urgent: '1' }, false],
  ['urgent <> TRUE', { urgent: '1' }, false],
  ['a = b', { a: 'true', b: true }, true]
])

test('values of unlike kinds compare as false, also with <>', holdsFor, [
  ["count = '5'", { count: 5 }, false],
  ["count <> '5'", { count: 5 }, false],
  ["'5' = 5", {}, false],
  ["'5' <> 5", {}, false],
  ['urgent = 1', { urgent: true }, false],
  ['urgent <> 1', { urgent: true }, false],
  ['urgent > 0', { urgent: true }, false],
  ["a + 1 = '6'", { a: '5' }, false],
  ["a + 1 <> '6'", { a: '5' }, false],
  ['NOT color > 5', { color: 'red' }, true]
])

test('arithmetic binds as usual and works left to right', holdsFor, [
  ['2 + 3 * 4 = 14', {}, true],
  ['(2 + 3) * 4 = 20', {}, true],
  ['10 - 4 - 3 = 3', {}, true],
  ['10 - (4 - 3) = 9', {}, true],
  ['8 / 4 / 2 = 1', {}, true],
  ['8 / (4 / 2) = 4', {}, true],
  ['7 / 2 = 3.5', {}, true],
  ['-a = 5', { a: '-5' }, true],
  ['+a = 5', { a: '5' }, true],
  ['- - a = 5', { a: '5' }, true],
  ['--5 = 5', {}, true],
  ['2*-3 = -6', {}, true],
  ['a-1 = 4', { a: '5' }, true],
  ['price * count > 99.5', { price: '10.5', count: '10' }, true],
  ['7. = 7 AND .5 = 0.5 AND 7E3 = 7000 AND -57.9e2 = -5790', {}, true]
])

test('arithmetic on what is absent, no number or not finite is unknown', holdsFor, [
  ['a + 1 = 2', {}, false],
  ['NOT (a + 1 = 2)', {}, false],
  ['NOT (a + 1 = 2)', { a: 'one' }, false],
  ['NOT (-a = 2)', { a: 'true' }, false],
  ['a / 0 > 1', { a: '1' }, false],
  ['NOT (a / 0 > 1)', { a: '1' }, false],
  ['a / 0 = a / 0', { a: '0' }, false],
  ['NOT (a * 1E300 > 1)', { a: '1E300' }, false]
])

test('whole numbers of 64 bits compare exactly', holdsFor, [
  ['id = 9223372036854775807', { id: '9223372036854775807' }, true],
  ['id = 9223372036854775807', { id: '9223372036854775806' }, false],
  ['id < 9223372036854775807', { id: '9223372036854775806' }, true],
  ['id = -9223372036854775808', { id: '-9223372036854775808' }, true],
  ['-id = 9223372036854775807', { id: '-9223372036854775807' }, true],
  ['id = 9007199254740993', { id: '9007199254740992' }, false],
  ['id IN (9007199254740993, 1)', { id: '9007199254740993' }, true],
  ['id IN (9007199254740993, 1)', { id: '9007199254740992' }, false],
  ['id = 1152921504606846976', { id: '1152921504606846976' }, true],
  ['id = 1152921504606846976', { id: '1152921504606847000' }, false],
  ['id > 1E30', { id: '1234567890123456789012345678901' }, true]
])

test('BETWEEN includes its bounds and NOT BETWEEN excludes them', holdsFor, [
  ['age BETWEEN 15 AND 19', { age: '15' }, true],
  ['age BETWEEN 15 AND 19', { age: '19' }, true],
  ['age BETWEEN 15 AND 19', { age: '20' }, false],
  ['age NOT BETWEEN 15 AND 19', { age: '20' }, true],
  ['age NOT BETWEEN 15 AND 19', { age: '14' }, true],
  ['age NOT BETWEEN 15 AND 19', { age: '15' }, false],
  ['age BETWEEN 19 AND 15', { age: '17' }, false],
  ['age BETWEEN low AND low + 4 AND TRUE', { age: '17', low: '15' }, true],
  ['age BETWEEN 15 AND 19', { age: 'old' }, false],
  ['age NOT BETWEEN 15 AND 19', { age: 'old' }, false]
])

test('BETWEEN is unknown only where an absent value decides', holdsFor, [
  ['NOT (age BETWEEN 15 AND 19)', {}, false],
  ['NOT (age BETWEEN low AND 19)', { age: '20' }, true],
  ['age BETWEEN low AND 19', { age: '17' }, false],
  ['age BETWEEN 15 AND high', { age: '17' }, false],
  ['NOT (age BETWEEN low AND 19)', { age: '17' }, false],
  ['NOT (age BETWEEN 15 AND high)', { age: '17' }, false],
  ['age NOT BETWEEN low AND 19', { age: '20' }, true],
  ['age NOT BETWEEN 15 AND high', { age: '14' }, true],
  ['age NOT BETWEEN low AND 19', { age: '17' }, false],
  ['NOT (age NOT BETWEEN low AND 19)', { age: '17' }, false],
  ['NOT (age NOT BETWEEN 15 AND high)', { age: '17' }, false]
])

test('IN compares with each value of its list', holdsFor, [
  ["country IN ('UK', 'US')", { country: 'US' }, true],
  ["country IN ('UK', 'US')", { country: 'us' }, false],
  ["country NOT IN ('UK', 'US')", { country: 'FR' }, true],
  ["country NOT IN ('UK')", { country: 'UK' }, false],
  ["country NOT IN ('UK')", {}, false],
  ["NOT country IN ('UK')", {}, false],
  ['size IN (1, 2.5, -3, +4)', { size: '-3.0' }, true],
  ['size IN (1, 2.5, -3, +4)', { size: 4 }, true],
  ["size IN ('1')", { size: 1 }, false],
  ["size NOT IN ('1')", { size: 1 }, true],
  ["size IN ('small', 1)", { size: '1' }, true],
  ["size IN ('small', 1)", { size: 'small' }, true]
])

test('LIKE matches % and _ over the whole string', holdsFor, [
  ["phone LIKE '12%3'", { phone: '123' }, true],
  ["phone LIKE '12%3'", { phone: '12993' }, true],
  ["phone LIKE '12%3'", { phone: '1234' }, false],
  ["word LIKE 'l_se'", { word: 'lose' }, true],
  ["word LIKE 'l_se'", { word: 'loose' }, false],
  ["word LIKE '_'", { word: '\u{1f600}' }, true],
  ["word LIKE '%'", { word: '' }, true],
  ["word LIKE ''", { word: 'a' }, false],
  ["word LIKE 'a.c'", { word: 'abc' }, false],
  ["word LIKE '%\n_'", { word: 'a\nb' }, true],
  ["u LIKE '\\_%' ESCAPE '\\'", { u: '_foo' }, true],
  ["u LIKE '\\_%' ESCAPE '\\'", { u: 'bar' }, false],
  ["u LIKE '100!%!!' ESCAPE '!'", { u: '100%!' }, true],
  ["u LIKE '!a_' ESCAPE '!'", { u: 'ab' }, true],
  ["u LIKE '%%5__' ESCAPE '%'", { u: '%5ab' }, true],
  ["u LIKE 'it''s%'", { u: "it's so" }, true]
])

test('LIKE is unknown without a value and false for what is no string', holdsFor, [
  ["phone NOT LIKE '12%'", { phone: '13' }, true],
  ["phone NOT LIKE '12%'", {}, false],
  ["NOT (phone LIKE '12%')", {}, false],
  ["phone LIKE '%'", { phone: 12 }, false],
  ["phone NOT LIKE '%'", { phone: 12 }, true]
])

test('IS NULL asks for absence and is never unknown', holdsFor, [
  ['a IS NULL', {}, true],
  ['a IS NULL', { a: '' }, false],
  ['a IS NOT NULL', { a: 'x' }, true],
  ['a IS NOT NULL', {}, false],
  ['NOT a IS NULL', { a: 'x' }, true],
  ['(a) is null', {}, true]
])

test('NOT binds before AND, and AND before OR', holdsFor, [
  ['TRUE OR TRUE AND FALSE', {}, true],
  ['(TRUE OR TRUE) AND FALSE', {}, false],
  ['NOT FALSE AND FALSE', {}, false],
  ['NOT (FALSE AND FALSE)', {}, true],
  ['NOT a = 1 AND b = 1', { a: '2', b: '1' }, true],
  ['a = 1 AND (b = 1 AND c = 1)', { a: '1', b: '1', c: '2' }, false],
  ['NOT NOT a = 1', { a: '1' }, true]
])

test('a condition in parentheses compares as a boolean', holdsFor, [
  ['(a = 1) = TRUE', { a: '1' }, true],
  ['(a = 1) <> (b = 1)', { a: '1', b: '2' }, true],
  ['(a = 1) = flag', { a: '1', flag: 'true' }, true],
  ['(a = 1) = FALSE', {}, false]
])

test('keywords are read in any case and identifiers are not', holdsFor, [
  ["a like 'x%' And b bEtWeEn 1 aNd 2", { a: 'xy', b: '1' }, true],
  ["Color = 'red'", { color: 'red' }, false],
  ['\t a\n=\r\f1 ', { a: '1' }, true],
  ['_x = 1 AND $y = 1 AND größe.cm = 1', { _x: '1', $y: '1', 'größe.cm': '1' }, true],
  ['andy = 1 AND nott = 1 AND inn = 1', { andy: '1', nott: '1', inn: '1' }, true],
  // A dotless i has the capital I, but it does not spell a keyword.
  ['ıs = 1', { ıs: '1' }, true]
])

test('the prefixes of ActiveMQ are understood', holdsFor, [
  ['convert_string_expressions:age > 18', { age: '21' }, true],
  ["hyphenated_props:content-type = 'text'", { 'content-type': 'text' }, true],
  [' hyphenated_props: convert_string_expressions: a-b - 1 = 4', { 'a-b': '5' }, true],
  ["content-type = 'text'", { 'content-type': 'text' }, false]
])

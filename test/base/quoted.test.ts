// How messages quote what others wrote.

import test from 'ava'
import { quoted } from '../../src/base/index.ts'

test('quotes stay on one line, with control characters escaped', (t) => {
  t.is(quoted('a'), '"a"')
  t.is(quoted(''), '""')
  t.is(quoted('a\nb\r\0"\\'), '"a\\nb\\r\\u0000\\"\\\\"')
})

test('long texts are cut, and show it', (t) => {
  t.is(quoted('x'.repeat(100)), `"${'x'.repeat(100)}"`)
  t.is(quoted('x'.repeat(101)), `"${'x'.repeat(100)}…"`)
  t.is(quoted('abcdef', 3), '"abc…"')
})

test('half a character at the cut does no harm', (t) => {
  t.is(quoted('ab\u{1f600}', 3), '"ab\\ud83d…"')
})

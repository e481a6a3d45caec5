// Figures for people.

import test from 'ava'
import { atText, bytesText, countText, msText, nounText } from '../../../sim/report/figure-text.ts'

test('counts have separators between thousands', (t) => {
  t.deepEqual([0, 999, 1_000, 1_234_567].map(countText), ['0', '999', '1,000', '1,234,567'])
  t.is(nounText(1, 'fault'), '1 fault')
  t.is(nounText(2_000, 'fault'), '2,000 faults')
})

test('times have the unit that suits them, and never sixty of one', (t) => {
  const cases: readonly [number, string][] = [
    [0, '0 ms'],
    [0.04, '0.0 ms'],
    [2.98, '3.0 ms'],
    [9.94, '9.9 ms'],
    [9.96, '10 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [9_960, '10 s'],
    [119_400, '119 s'],
    [119_600, '2 m 0 s'],
    [7_199_000, '119 m 59 s'],
    [7_199_600, '2 h 0 m'],
    [86_400_000, '24 h 0 m']
  ]
  for (const [ms, text] of cases) t.is(msText(ms), text)
  t.is(atText(12_345), '12.3 s')
  t.is(atText(1_234_567), '1,234.6 s')
})

test('bytes have the unit that suits them, and never 1024 of one', (t) => {
  const cases: readonly [number, string][] = [
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_024, '1.0 KiB'],
    [1_536, '1.5 KiB'],
    [150 * 1_024, '150 KiB'],
    [1_024 ** 2 - 1, '1.0 MiB'],
    [5 * 1_024 ** 3, '5.0 GiB']
  ]
  for (const [bytes, text] of cases) t.is(bytesText(bytes), text)
})

import test from 'ava'
import { counted, countText, shareText, sizeText, timeText } from '../../../sim/page/figures.ts'

/** Figures and units do not part, but a test may write them as people do. */
function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ')
}

test('counts have separators, and what is not there is a dash', (t) => {
  t.is(countText(1_234_567), '1,234,567')
  t.is(countText(0), '0')
  t.is(countText(2.25), '2.3')
  for (const missing of [undefined, null, Number.NaN, Number.POSITIVE_INFINITY]) {
    t.is(countText(missing), '–')
    t.is(timeText(missing), '–')
    t.is(sizeText(missing), '–')
  }
})

test('times are said in the unit that fits', (t) => {
  const texts: [number, string][] = [
    [0, '0 ms'],
    [0.42, '0.4 ms'],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [12_540, '12.5 s'],
    [59_960, '1 min'],
    [125_000, '2 min 5 s'],
    [3_599_700, '1 h'],
    [12_000_000, '3 h 20 min'],
    [-2_000, '-2 s']
  ]
  for (const [ms, text] of texts) t.is(plain(timeText(ms)), text)
})

test('sizes are said in the unit that fits', (t) => {
  t.is(plain(sizeText(812)), '812 B')
  t.is(plain(sizeText(999.96)), '1 kB')
  t.is(plain(sizeText(1_410_000)), '1.4 MB')
  t.is(plain(sizeText(3e15)), '3,000 TB')
})

test('a share is never rounded up to all or down to nothing', (t) => {
  t.is(plain(shareText(999_999, 1_000_000)), '> 99.99 %')
  t.is(plain(shareText(1, 1_000_000)), '< 0.01 %')
  t.is(plain(shareText(5, 5)), '100 %')
  t.is(plain(shareText(0, 5)), '0 %')
  t.is(shareText(0, 0), '–')
})

test('one is not many', (t) => {
  t.is(counted(1, 'broker'), '1 broker')
  t.is(counted(1_200, 'broker'), '1,200 brokers')
})

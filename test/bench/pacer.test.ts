// Pacing is arithmetic: no timer is involved here.

import test from 'ava'
import fc from 'fast-check'

import { Pacer } from '../../bench/load-client/pacer.ts'

test('the first message is due at the start and the others at even intervals', (t) => {
  const pacer = new Pacer(1_000, 500)
  t.is(pacer.dueBy(499.9), 0)
  t.is(pacer.dueBy(500), 1)
  t.is(pacer.dueBy(500.9), 1)
  t.is(pacer.dueBy(501), 2)
  t.is(pacer.dueBy(1_499.5), 1_000)
  t.is(pacer.dueAtMs(3), 503)
})

test('a late wake-up finds all that fell due meanwhile', (t) => {
  const pacer = new Pacer(200, 0)
  t.is(pacer.dueBy(1_000) - pacer.dueBy(0), 200)
})

test('says how long to wait, and never a negative time', (t) => {
  const pacer = new Pacer(100, 0)
  t.is(pacer.waitMs(2, 15), 5)
  t.is(pacer.waitMs(2, 25), 0)
})

test('waiting as told makes exactly the awaited message due', (t) => {
  const rate = fc.double({ min: 0.5, max: 100_000, noNaN: true })
  const property = fc.property(rate, fc.nat(10_000), (ratePerSecond, index) => {
    const pacer = new Pacer(ratePerSecond, 0)
    // A hair later, because the due time itself is rounded.
    const due = pacer.dueBy(pacer.waitMs(index, 0) * (1 + 1e-12) + 1e-9)
    return due === index + 1
  })
  fc.assert(property)
  t.pass()
})

for (const rate of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`refuses a rate of ${rate}`, (t) => {
    t.throws(() => new Pacer(rate, 0), { instanceOf: RangeError, message: /ratePerSecond/ })
  })
}

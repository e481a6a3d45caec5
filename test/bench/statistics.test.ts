// The statistics the report quotes.

import test from 'ava'
import fc from 'fast-check'

import { LatencySamples } from '../../bench/load-client/latency-samples.ts'
import { median, percentile, spread } from '../../bench/statistics.ts'

const oneToThousand = Float64Array.from({ length: 1_000 }, (_, i) => i + 1)

test('a percentile is the smallest value that share of the values does not exceed', (t) => {
  t.is(percentile(oneToThousand, 50), 500)
  t.is(percentile(oneToThousand, 99), 990)
  t.is(percentile(oneToThousand, 99.9), 999)
  t.is(percentile(oneToThousand, 99.95), 1_000)
  t.is(percentile(oneToThousand, 100), 1_000)
  t.is(percentile([7], 0.1), 7)
  t.is(percentile([1, 2, 3], 50), 2)
})

test('a percentile is always one of the values, and enough values do not exceed it', (t) => {
  const values = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 50 })
  const property = fc.property(values, fc.integer({ min: 1, max: 100 }), (list, percent) => {
    const sorted = Float64Array.from(list).sort()
    const value = percentile(sorted, percent)
    const covered = sorted.filter((each) => each <= value).length
    return sorted.includes(value) && covered * 100 >= percent * sorted.length
  })
  fc.assert(property)
  t.pass()
})

test('refuses a percentile of nothing, or outside (0, 100]', (t) => {
  t.throws(() => percentile([], 50), { instanceOf: RangeError })
  t.throws(() => percentile([1], 0), { instanceOf: RangeError })
  t.throws(() => percentile([1], 100.1), { instanceOf: RangeError })
})

test('the median of an even number of values is the mean of the middle two', (t) => {
  t.is(median([5, 1, 3]), 3)
  t.is(median([4, 1, 3, 2]), 2.5)
  t.throws(() => median([]), { instanceOf: RangeError })
})

test('a spread holds median, least and greatest in any order of the values', (t) => {
  t.deepEqual(spread([9, 2, 4]), { median: 4, min: 2, max: 9, rounds: 3 })
  t.throws(() => spread([]), { instanceOf: RangeError })
})

test('latency samples are exact, and what does not fit is counted', (t) => {
  const samples = new LatencySamples(4)
  t.is(samples.figures(), undefined)
  for (const value of [4, 1, 3, 2, 100]) samples.record(value)
  t.deepEqual(samples.figures(), {
    samples: 4,
    dropped: 1,
    p50Ms: 2,
    p90Ms: 4,
    p99Ms: 4,
    p999Ms: 4,
    maxMs: 4
  })
})

// Times in little memory.

import test from 'ava'
import fc from 'fast-check'
import { LatencyHistogram } from '../../../sim/report/latency-histogram.ts'

const times = fc.array(fc.double({ min: 0.05, max: 1e7, noNaN: true }), { minLength: 1 })

test('any percentile is within one per cent of the exact one', (t) => {
  fc.assert(
    fc.property(times, fc.constantFrom(0.01, 0.5, 0.9, 0.99, 1), (values, share) => {
      const histogram = new LatencyHistogram()
      for (const value of values) histogram.add(value)
      const sorted = [...values].sort((one, other) => one - other)
      const exact = sorted[Math.ceil(values.length * share) - 1]!
      return Math.abs(histogram.percentile(share) - exact) <= exact * 0.0101
    })
  )
  t.pass()
})

test('two that are merged are as one that took all', (t) => {
  fc.assert(
    fc.property(times, times, (one, other) => {
      const [first, second, both] = [one, other, [...one, ...other]].map((values) => {
        const histogram = new LatencyHistogram()
        for (const value of values) histogram.add(value)
        return histogram
      }) as [LatencyHistogram, LatencyHistogram, LatencyHistogram]
      first.merge(second)
      t.deepEqual(first.percentiles(), both.percentiles())
    })
  )
})

test('the longest is exact, none at all is 0, and time does not run backwards', (t) => {
  const histogram = new LatencyHistogram()
  t.deepEqual(histogram.percentiles(), { count: 0, p50: 0, p99: 0, max: 0 })
  histogram.add(-3)
  t.deepEqual(histogram.percentiles(), { count: 1, p50: 0, p99: 0, max: 0 })
  histogram.add(1_234.5)
  t.is(histogram.percentiles().max, 1_234.5)
})

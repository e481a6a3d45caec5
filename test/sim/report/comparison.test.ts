// Which of two reports is better, line by line.

import test from 'ava'
import { compareReports } from '../../../sim/report/comparison.ts'
import { aDestination, aFault, aReport, noFates } from './a-report.ts'

const a = aReport({
  destinations: [aDestination('/queue/q', 100, { longestGapMs: 5_000 })],
  faults: [aFault('kill x', { detectMs: 3 }), aFault('cut x-y', { detectMs: 3_000, recoverMs: 0 })]
})
const b = aReport({
  destinations: [
    aDestination('/queue/q', 100, {
      fates: { ...noFates, delivered: 90, late: 5, lost: 10 },
      ...{ longestGapMs: 400 },
      latencyMs: { count: 90, p50: 12.35, p99: 100, max: 1_251 }
    })
  ],
  faults: [aFault('kill x', { detectMs: 3 }), aFault('cut x-y', { rerouteMs: 4_000 })]
})
const rows = new Map(compareReports(a, b).rows.map((row) => [row.figure, row]))

test('less of what is bad is better, more of what is good as well', (t) => {
  t.like(rows.get('lost'), { a: 0, b: 10, difference: 10, better: 'a' })
  t.like(rows.get('delivered'), { a: 100, b: 90, difference: -10, better: 'a' })
  t.like(rows.get('longest gap'), { a: 5_000, b: 400, difference: -4_600, better: 'b' })
})

test('times that differ by less than they are measured are the same', (t) => {
  t.is(rows.get('latency, longest')!.better, 'same')
  t.is(rows.get('latency, median')!.better, 'same')
  t.is(rows.get('latency, 99 %')!.better, 'b')
})

test('what only one of them measured has no better', (t) => {
  t.like(rows.get('time to re-route'), { a: undefined, b: 4_000, better: 'none' })
  t.is(rows.get('time to re-route')!.difference, undefined)
  t.is(rows.get('sent')!.better, 'none')
})

test('several faults are compared one by one, in their order', (t) => {
  t.like(rows.get('kill x: detect'), { a: 3, b: 3, better: 'same' })
  t.like(rows.get('cut x-y: detect'), { a: 3_000, b: undefined, better: 'none' })
  t.false(
    new Map(compareReports(aReport(), aReport()).rows.map((r) => [r.figure, r])).has(
      'kill x: detect'
    )
  )
})

// Expectations against reports made by hand.

import test from 'ava'
import type { Expectation } from '../../../sim/plan/index.ts'
import { checkExpectations } from '../../../sim/report/check-expectations.ts'
import type { Report } from '../../../sim/report/report.ts'
import { aBridge, aBroker, aDestination, aFault, aReport, noFates } from './a-report.ts'

const report = aReport({
  destinations: [
    aDestination('/queue/a', 10, {
      fates: { ...noFates, delivered: 7, lost: 1, waiting: 2 },
      ...{ duplicates: 3, deliveredBytes: 700 }
    }),
    aDestination('/topic/b', 5, { duplicates: 1, deliveredBytes: 300 })
  ],
  brokers: [aBroker('x', { peakBacklog: 4 }), aBroker('y', { peakBacklog: 9 })],
  bridges: [aBridge('x', 'y', { bytesToA: 500, bytesToB: 2_000 })],
  faults: [aFault('one', { detectMs: 30, recoverMs: 900 }), aFault('two', { detectMs: 20 })],
  latencyMs: { count: 12, p50: 5, p99: 50, max: 1_250 }
})

test('an expectation says what it expects, what was found and where it is written', (t) => {
  const where = 'hub.yaml:3:5'
  t.deepEqual(check(report, { figure: 'lost', comparison: 'at-most', value: 0, where }), {
    ...{ text: 'lost is at most 0', isMet: false, actual: 1, where }
  })
})

test('a bound is met at the bound itself, and not beyond it', (t) => {
  for (const [value, atMost, atLeast] of [
    [11, false, true],
    [12, true, true],
    [13, true, false]
  ] as const) {
    const figure = 'delivered'
    t.is(check(report, { figure, comparison: 'at-most', value }).isMet, atMost)
    t.is(check(report, { figure, comparison: 'at-least', value }).isMet, atLeast)
  }
})

test('figures are of the whole network, or of one destination', (t) => {
  t.is(actual('duplicates'), 4)
  t.is(actual('duplicates', '/topic/b'), 1)
  t.is(actual('waiting'), 2)
  t.is(actual('lost', '/topic/b'), 0)
  t.is(actual('latencyP99Ms'), 50)
  t.is(actual('latencyP99Ms', '/queue/a'), 250)
  t.is(actual('latencyMaxMs'), 1_250)
  t.is(actual('peakBacklog'), 9)
  t.is(actual('bridgeBytesPerDeliveredByte'), 2.5)
  t.is(actual('detectMs'), 30)
  t.is(actual('recoverMs'), 900)
})

test('a figure that nobody could measure is not met', (t) => {
  const empty = aReport({
    destinations: [aDestination('/queue/a', 0, { latencyMs: { count: 0, p50: 0, p99: 0, max: 0 } })]
  })
  for (const figure of ['latencyP50Ms', 'latencyP99Ms', 'latencyMaxMs'] as const) {
    const { isMet, actual: found } = check(empty, { figure, comparison: 'at-most', value: 1_000 })
    t.deepEqual({ isMet, found }, { isMet: false, found: undefined })
  }
  const ofNobody = { figure: 'lost', comparison: 'at-most', value: 0, destination: '/queue/x' }
  t.false(check(report, ofNobody as Expectation).isMet)
  const bytes = { figure: 'bridgeBytesPerDeliveredByte', comparison: 'at-most', value: 9 } as const
  t.false(check(empty, bytes).isMet)
})

test('without anything to re-route, at most is met and at least is not', (t) => {
  for (const figure of ['detectMs', 'rerouteMs', 'recoverMs'] as const) {
    const quiet = aReport()
    t.true(check(quiet, { figure, comparison: 'at-most', value: 1 }).isMet)
    t.false(check(quiet, { figure, comparison: 'at-least', value: 1 }).isMet)
  }
})

function actual(figure: Expectation['figure'], destination?: string): number | undefined {
  const bound = { figure, comparison: 'at-most', value: 0 } as const
  return check(report, destination === undefined ? bound : { ...bound, destination }).actual
}

function check(of: Report, expectation: Expectation) {
  return checkExpectations(of, [expectation])[0]!
}

// Holds a report to what its scenario expects.
//
// A figure that could not be measured is not met: a latency without any delivery proves nothing.
// Times of faults are the exception: if there was nothing to detect, to re-route or to recover
// from, 'at most' is met; 'at least' is not.

import type { Expectation } from '../plan/index.ts'
import { expectationText, isTime } from './expectation-text.ts'
import { figureOf, ofFaults } from './figure.ts'
import type { ExpectationReport, Report } from './report.ts'

/** In the order of the scenario. */
export function checkExpectations(
  report: Report,
  expectations: readonly Expectation[]
): ExpectationReport[] {
  return expectations.map((expectation) => {
    const { figure, destination, where } = expectation
    const actual = figureOf(report, figure, destination)
    const unit = isTime(expectation) ? { unit: 'ms' as const } : {}
    const text = expectationText(expectation)
    return { text, isMet: isMet(expectation, actual), actual, ...unit, where }
  })
}

function isMet({ figure, comparison, value }: Expectation, actual: number | undefined): boolean {
  if (actual === undefined) return comparison === 'at-most' && ofFaults.has(figure)
  return comparison === 'at-most' ? actual <= value : actual >= value
}

// Expectations for people, in the words and units of scenario files.

import type { Expectation } from '../plan/index.ts'
import { countText, msText } from './figure-text.ts'
import type { ExpectationReport } from './report.ts'

/** 'latency-p99 of /queue/orders is at most 500 ms' */
export function expectationText(expectation: Expectation): string {
  const { figure, comparison, destination } = expectation
  const whose = destination === undefined ? '' : ` of ${destination}`
  const bound = boundText(expectation)
  return `${figureName(figure)}${whose} is ${comparison.replace('-', ' ')} ${bound}`
}

/** What was found, '1,204' or '2.4 s'. */
export function foundText({ actual, unit }: ExpectationReport): string {
  if (actual === undefined) return 'nothing to measure'
  return unit === 'ms' ? msText(actual) : numberText(actual)
}

function boundText(expectation: Expectation): string {
  const { value } = expectation
  return isTime(expectation) ? msText(value) : numberText(value)
}

function numberText(value: number): string {
  return Number.isInteger(value) ? countText(value) : String(value)
}

/** True for a figure in milliseconds. */
export function isTime({ figure }: Expectation): boolean {
  return figure.endsWith('Ms')
}

/** As scenario files call it: 'latencyP99Ms' is 'latency-p99' there. */
export function figureName(figure: Expectation['figure']): string {
  return figure.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

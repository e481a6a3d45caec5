// A report for a terminal: what it came to in one line, then what there is to see. It leaves out
// what did not happen.

import { countText, msText } from '../report/figure-text.ts'
import { headlineOf } from '../report/headline.ts'
import type { BrokerReport, ExpectationReport, Report } from '../report/report.ts'
import { courseLines } from './course-text.ts'
import { fateLines } from './fate-text.ts'
import { bridgeLines, brokerLines, destinationLines, faultLines } from './report-tables.ts'
import { moreLines, rowsMax } from './telling-rows.ts'

/** How a report is shown. */
export interface ReportTextOptions {
  /** False for what is no terminal. */
  readonly isColoured: boolean
  /** Columns of the terminal; 100 if left out. */
  readonly width?: number
}

type Paint = (text: string, colour: string) => string

const red = '31'
const green = '32'
const bold = '1'

/** The whole report, with a line feed at the end. */
export function reportText(report: Report, options: ReportTextOptions): string {
  const { isColoured, width = 100 } = options
  const paint: Paint = (text, colour) => (isColoured ? `\u001b[${colour}m${text}\u001b[0m` : text)
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Course', courseLines(report, width)],
    ['Destinations', destinationLines(report, width)],
    ['What was not simply delivered once', fateLines(report.destinations)],
    ['Brokers', brokerLines(report, width)],
    ['Bridges', bridgeLines(report, width)],
    ['Faults', faultLines(report, width)],
    ['Waiting at the end', waitingLines(report.brokers)],
    ['Expectations', report.expectations.map((one) => expectationLine(one, paint))],
    ['Complaints', complaintLines(report.complaints, paint)]
  ]
  const lines = [paint(headlineOf(report), bold), ...introduction(report)]
  for (const [title, body] of sections) {
    if (body.length > 0) lines.push('', paint(title, bold), ...body)
  }
  return `${lines.join('\n')}\n`
}

function introduction({ scenario, about, mode, seed, runMs, realMs, events }: Report): string[] {
  const line = `${scenario}: ${about}`
  if (mode === 'real') return [line, `Real brokers, ${msText(runMs)}; seed ${seed}.`]
  const pace = realMs > 0 ? `, ${countText(runMs / realMs)} times as fast as real time` : ''
  const took = `${msText(runMs)} in ${msText(realMs)}${pace}`
  return [line, `Simulated with seed ${seed}: ${took}; ${countText(events)} events.`]
}

function waitingLines(brokers: readonly BrokerReport[]): string[] {
  const holding = brokers
    .filter(({ waiting }) => waiting > 0)
    .sort((one, other) => other.waiting - one.waiting)
  const lines = holding.slice(0, rowsMax).map(({ broker, waiting, waitingIn }) => {
    const named = waitingIn.map(({ queue, messages }) => `${countText(messages)} in queue ${queue}`)
    const elsewhere = waiting - waitingIn.reduce((sum, { messages }) => sum + messages, 0)
    if (elsewhere > 0) named.push(`${countText(elsewhere)} elsewhere`)
    return `${broker}: ${named.join(', ')}`
  })
  return [...lines, ...moreLines(holding.length)]
}

function expectationLine({ text, isMet, actual, where }: ExpectationReport, paint: Paint): string {
  const mark = isMet ? paint('✔', green) : paint('✘', red)
  const found = actual === undefined ? 'nothing to measure' : figureText(actual)
  return `${mark} ${text}: ${found}${isMet || where === undefined ? '' : ` (${where})`}`
}

function complaintLines(complaints: readonly string[], paint: Paint): string[] {
  const shown = complaints.slice(0, rowsMax).map((text) => `${paint('✘', red)} ${text}`)
  return [...shown, ...moreLines(complaints.length)]
}

function figureText(value: number): string {
  return Number.isInteger(value) ? countText(value) : String(value)
}

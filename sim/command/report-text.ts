// A report for a terminal: what it came to in one line, then what there is to see. It leaves out
// what did not happen.

import { foundText } from '../report/expectation-text.ts'
import { countText, msText } from '../report/figure-text.ts'
import { headlineOf } from '../report/headline.ts'
import type { BrokerReport, ExpectationReport, Report } from '../report/report.ts'
import { courseLines } from './course-text.ts'
import { fateLines } from './fate-text.ts'
import { bridgeLines, brokerLines, destinationLines, faultLines } from './report-tables.ts'
import { moreLines, rowsMax } from './telling-rows.ts'
import { wrapLine } from './wrap-line.ts'

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
    ['What was not simply delivered once', wrapped(fateLines(report.destinations), width)],
    ['Brokers', brokerLines(report, width)],
    ['Bridges', bridgeLines(report, width)],
    ['Faults', faultLines(report, width)],
    ['Waiting at the end', wrapped(waitingLines(report.brokers), width)],
    [expectationsTitle(report), expectationLines(report.expectations, width, paint)],
    ['Complaints', complaintLines(report.complaints, width, paint)]
  ]
  const headline = wrapLine(headlineOf(report), width)
  const lines = headline.map((line) => paint(line, bold))
  lines.push(...wrapped(introduction(report), width))
  for (const [title, body] of sections) {
    if (body.length > 0) lines.push('', paint(title, bold), ...body)
  }
  return `${lines.join('\n')}\n`
}

function expectationsTitle({ wasCalledOff }: Report): string {
  return wasCalledOff === true ? 'Expectations, of what was until then' : 'Expectations'
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

function expectationLines(
  expectations: readonly ExpectationReport[],
  width: number,
  paint: Paint
): string[] {
  return expectations.flatMap((expectation) => {
    const { text, isMet, where } = expectation
    const place = isMet || where === undefined ? '' : ` (${where})`
    const line = `${text}: ${foundText(expectation)}${place}`
    return marked(line, isMet ? paint('✔', green) : paint('✘', red), width)
  })
}

function complaintLines(complaints: readonly string[], width: number, paint: Paint): string[] {
  const shown = complaints.slice(0, rowsMax)
  const lines = shown.flatMap((text) => marked(text, paint('✘', red), width))
  return [...lines, ...moreLines(complaints.length)]
}

/** The mark is one column wide, whatever colours it. */
function marked(text: string, mark: string, width: number): string[] {
  const [first, ...others] = wrapLine(text, width - 2)
  return [`${mark} ${first}`, ...others]
}

function wrapped(lines: readonly string[], width: number): string[] {
  return lines.flatMap((line) => wrapLine(line, width))
}

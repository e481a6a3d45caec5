// Two reports side by side for a terminal: each in one line, then figure by figure, with the better
// of both. Figures that are zero in both are left out.

import type { Comparison, ComparisonRow, FigureUnit } from '../report/comparison.ts'
import { foundText } from '../report/expectation-text.ts'
import { bytesText, countText, msText, noFigure, nounText } from '../report/figure-text.ts'
import { headlineOf } from '../report/headline.ts'
import { plainTable } from './plain-table.ts'
import type { ReportTextOptions } from './report-text.ts'
import { wrapLine } from './wrap-line.ts'

type Paint = (text: string, colour: string) => string
type Names = Readonly<Record<'a' | 'b', string>>

const green = '32'
const red = '31'
const bold = '1'
const complaintsMax = 3

/** The whole comparison, with a line feed at the end. */
export function comparisonText(comparison: Comparison, options: ReportTextOptions): string {
  const { a, b } = comparison
  const { isColoured, width = 100 } = options
  const paint: Paint = (text, colour) => (isColoured ? `\u001b[${colour}m${text}\u001b[0m` : text)
  const isSame = a.topology === b.topology
  const names = { a: isSame ? 'A' : a.topology, b: isSame ? 'B' : b.topology }
  const rows = comparison.rows.filter((row) => (row.a ?? 0) !== 0 || (row.b ?? 0) !== 0)
  const faults = a.faults.length === 0 ? 'without faults' : nounText(a.faults.length, 'fault')
  const wins = (side: 'a' | 'b'): number => rows.filter(({ better }) => better === side).length
  const lines = [
    paint(`${names.a} against ${names.b}: ${a.scenario}, ${faults}`, bold),
    ...[headlineOf(a), headlineOf(b)].flatMap((text) => wrapLine(`- ${text}`, width)),
    '',
    ...tableOf(rows, names, width),
    '',
    `${names.a} is better in ${nounText(wins('a'), 'figure')}, ` +
      `${names.b} in ${countText(wins('b'))}.`,
    ...judgements(comparison, names, paint)
  ]
  return `${lines.join('\n')}\n`
}

function tableOf(rows: readonly ComparisonRow[], names: Names, width: number): string[] {
  const numbers = [names.a, names.b, 'difference'].map((head) => ({ head, isNumber: true }))
  return plainTable(
    [{ head: 'figure' }, ...numbers, { head: 'better' }],
    rows.map((row) => [
      row.figure,
      valueText(row.a, row.unit),
      valueText(row.b, row.unit),
      differenceText(row),
      betterText(row, names)
    ]),
    width
  )
}

function judgements(comparison: Comparison, names: Names, paint: Paint): string[] {
  const lines: string[] = []
  for (const side of ['a', 'b'] as const) {
    const { expectations, complaints } = comparison[side]
    for (const expectation of expectations) {
      const { text, isMet } = expectation
      const line = `${names[side]}: ${text}: ${foundText(expectation)}`
      lines.push(`${isMet ? paint('✔', green) : paint('✘', red)} ${line}`)
    }
    for (const text of complaints.slice(0, complaintsMax)) {
      lines.push(`${paint('✘', red)} ${names[side]}: ${text}`)
    }
  }
  return lines
}

function betterText({ better }: ComparisonRow, names: Names): string {
  if (better === 'a' || better === 'b') return names[better]
  return better === 'same' ? 'same' : ''
}

function valueText(value: number | undefined, unit: FigureUnit): string {
  if (value === undefined) return noFigure
  switch (unit) {
    case 'messages':
      return countText(value)
    case 'ms':
      return msText(value)
    case 'bytes':
      return bytesText(value)
    case 'ratio':
      return value.toFixed(2)
  }
}

/** '+12', '-3.4 ms (-20 %)'. */
function differenceText({ a, difference, unit }: ComparisonRow): string {
  if (difference === undefined || a === undefined) return noFigure
  const text = valueText(Math.abs(difference), unit)
  if (difference === 0) return text
  const sign = difference < 0 ? '-' : '+'
  const percent = a === 0 ? 0 : Math.round(Math.abs((difference / a) * 100))
  return `${sign}${text}${percent === 0 ? '' : ` (${sign}${countText(percent)} %)`}`
}

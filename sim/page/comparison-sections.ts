// The sections of a page about two runs under the same faults.

import { networkFigure, plotsSection } from './chart-figures.ts'
import type { Run } from './charts/drawing.ts'
import { countText, isFigure, type MaybeFigure, noFigure, sizeText, timeText } from './figures.ts'
import { factsMarkup, summaryMarkup, verdictMarkup } from './headline.ts'
import { type Markup, markup } from './markup.ts'
import type { ComparedFigure, ComparisonContent } from './page-content.ts'
import type { Section } from './report-sections.ts'
import {
  bridgesTable,
  brokersTable,
  complaintsList,
  destinationsTable,
  expectationsTable,
  faultsTable
} from './report-tables.ts'
import { type Column, table } from './table.ts'

/** Sections of a comparison, in the order of the page. */
export function comparisonSections({ a, b, rows, replay }: ComparisonContent): Section[] {
  const runs: readonly Run[] = [
    { label: 'A', report: a },
    { label: 'B', report: b }
  ]
  return [
    {
      id: 'outcome',
      heading: 'Outcome',
      content: sideBySide(
        runs,
        ({ report }) =>
          markup`${verdictMarkup(report)}${summaryMarkup(report)}${factsMarkup(report, undefined)}`
      )
    },
    {
      id: 'figures',
      heading: 'Which is better',
      content: markup`${figuresTable(rows)}${
        replay === undefined
          ? undefined
          : markup`<p class="replay"><span>Run it again:</span> <code>${replay}</code></p>`
      }`
    },
    {
      id: 'network',
      heading: 'Networks',
      content: sideBySide(runs, (run) => networkFigure(run))
    },
    {
      id: 'time-line',
      heading: 'Over time',
      content: plotsSection(runs)
    },
    ...runs.map((run) => tablesSection(run))
  ]
}

function sideBySide(runs: readonly Run[], content: (run: Run) => Markup): Markup {
  const sides = runs.map(
    (run) => markup`<div><h3>${run.label}: ${run.report.topology}</h3>${content(run)}</div>`
  )
  return markup`<div class="pair">${sides}</div>`
}

function figuresTable(rows: readonly ComparedFigure[]): Markup {
  const side = (which: 'a' | 'b'): Column<ComparedFigure> => ({
    title: which.toUpperCase(),
    kind: 'count',
    value: (row) => row[which],
    cell: (row) => {
      const shown = unitText(row[which], row.unit)
      return row.better === which ? markup`<b class="good">✓ ${shown}</b>` : markup`${shown}`
    }
  })
  const columns: Column<ComparedFigure>[] = [
    { title: 'figure', kind: 'text', value: ({ figure }) => figure },
    side('a'),
    side('b'),
    {
      title: 'B less A',
      kind: 'count',
      value: ({ difference }) => difference,
      cell: ({ difference, unit }) => markup`${differenceText(difference, unit)}`
    },
    { title: 'better', kind: 'text', value: ({ better }) => betterTexts.get(better) }
  ]
  return table(columns, rows, { caption: 'Figures of both', empty: 'There is nothing to compare.' })
}

const betterTexts: ReadonlyMap<ComparedFigure['better'], string> = new Map([
  ['a', 'A is better'],
  ['b', 'B is better'],
  ['same', 'the same']
])

function unitText(figure: MaybeFigure, unit: ComparedFigure['unit']): string {
  if (unit === 'ms') return timeText(figure)
  if (unit === 'bytes') return sizeText(figure)
  if (unit === 'messages') return countText(figure)
  return isFigure(figure) ? figure.toLocaleString('en-US', { maximumFractionDigits: 2 }) : noFigure
}

function differenceText(difference: MaybeFigure, unit: ComparedFigure['unit']): string {
  if (!isFigure(difference)) return noFigure
  if (difference === 0) return unitText(0, unit)
  return `${difference > 0 ? '+' : '−'}${unitText(Math.abs(difference), unit)}`
}

function tablesSection({ label, report }: Run): Section {
  const parts: [string, Markup][] = [
    ['Expectations', expectationsTable(report)],
    ['Faults', faultsTable(report)],
    ['Destinations', destinationsTable(report)],
    ['Brokers', brokersTable(report)],
    ['Bridges', bridgesTable(report)],
    ['Complaints', complaintsList(report)]
  ]
  const content = parts.map(([heading, part]) => markup`<h3>${heading}</h3>${part}`)
  return {
    id: `tables-${label.toLowerCase()}`,
    heading: `All figures of ${label}`,
    content: markup`<details><summary>Show the tables of ${label}: ${report.topology}</summary>
${content}</details>`
  }
}

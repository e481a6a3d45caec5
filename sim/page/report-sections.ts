// The sections of a page about one run.

import type { Report } from '../report/report.ts'
import { networkFigure, plotsSection } from './chart-figures.ts'
import { factsMarkup, summaryMarkup, verdictMarkup } from './headline.ts'
import { type Markup, markup } from './markup.ts'
import type { ReportContent } from './page-content.ts'
import {
  bridgesTable,
  brokersTable,
  complaintsList,
  destinationsTable,
  expectationsTable,
  faultsTable
} from './report-tables.ts'

/** A section with its heading and what links lead to it by. */
export interface Section {
  readonly id: string
  readonly heading: string
  readonly content: Markup
}

/** Sections of a report, in the order of the page. */
export function reportSections({ report, replay }: ReportContent): Section[] {
  return [
    {
      id: 'outcome',
      heading: 'Outcome',
      content: markup`${verdictMarkup(report)}${summaryMarkup(report)}
${factsMarkup(report, replay)}`
    },
    ...(report.complaints.length === 0 ? [] : [complaintsSection(report)]),
    { id: 'expectations', heading: 'Expectations', content: expectationsTable(report) },
    {
      id: 'network',
      heading: 'Network',
      content: networkFigure({ label: '', report })
    },
    {
      id: 'time-line',
      heading: 'Over time',
      content: plotsSection([{ label: '', report }])
    },
    { id: 'faults', heading: 'Faults', content: faultsTable(report) },
    { id: 'destinations', heading: 'Destinations', content: destinationsTable(report) },
    { id: 'brokers', heading: 'Brokers', content: brokersTable(report) },
    { id: 'bridges', heading: 'Bridges', content: bridgesTable(report) },
    ...(report.complaints.length === 0 ? [complaintsSection(report)] : [])
  ]
}

function complaintsSection(report: Report): Section {
  return { id: 'complaints', heading: 'Complaints', content: complaintsList(report) }
}

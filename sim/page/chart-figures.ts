// Places for charts: what each is called and says, and the empty element that the page's script
// draws it into. Without script a note says so; the tables are there all the same.

import type { Run } from './charts/drawing.ts'
import { type PlotName, plotNames } from './charts/plots.ts'
import { type Markup, markup } from './markup.ts'

/** Charts there are. */
export type ChartName = PlotName | 'network' | 'fault-line' | 'time-bar'

/** What a place for a chart says about itself. */
export interface ChartPlace {
  /** The run it is of; empty if it is of all on the page. */
  readonly run: Run['label']
  /** What it shows, in a sentence, for those who do not see it. */
  readonly label: string
}

const networkKey =
  'Colour: most messages that waited at a broker. Square: a hub. Red rim and ⚡: touched by a ' +
  'fault; dotted red line: its bridge was. Width of a line: messages over the bridge. Dashed: it ' +
  'was down for a time. ' +
  'Point at a broker or a bridge for its figures.'

const plotTitles: ReadonlyMap<PlotName, readonly [string, string]> = new Map<
  PlotName,
  readonly [string, string]
>([
  ['throughput', ['Throughput', 'messages a second']],
  ['backlog', ['Backlog', 'messages waiting, by broker']],
  ['latency', ['Latency', 'from sending to the first delivery; logarithmic']],
  ['bridge-bytes', ['On bridges', 'bytes a second over all bridges']]
])

/** A chart with its caption. */
export function chartFigure(name: 'network' | 'fault-line', place: ChartPlace): Markup {
  const note = name === 'network' ? markup`<p class="quiet">${networkKey}</p>` : undefined
  return markup`<figure>${chartPlace(name, place)}${note}</figure>`
}

/** Faults and plots of one or two runs on one time axis. */
export function plotsSection(runs: readonly Run[]): Markup {
  const bar = chartPlace('time-bar', { run: '', label: 'Zoom of all plots on the time axis' })
  const faults = runs.map(
    ({ label, report }) =>
      markup`<figure><figcaption>${label === '' ? 'Faults' : `Faults of ${label}`}
<small>begin and end; lighter until recovered</small></figcaption>${
        report.faults.length === 0
          ? markup`<p class="quiet">No faults were part of this run.</p>`
          : chartPlace('fault-line', { run: label, label: faultsLabel(report) })
      }</figure>`
  )
  const plots = plotNames.map((name) => plotFigure(name, runs))
  return markup`<div class="time-bar">${bar}</div>${faults}${plots}`
}

function plotFigure(name: PlotName, runs: readonly Run[]): Markup {
  const [title, what] = plotTitles.get(name)!
  const ofTwo = runs.length > 1 ? '; A solid, B dashed' : ''
  const unit = runs.length > 1 && name === 'backlog' ? 'messages waiting, at all brokers' : what
  const label = `Plot of ${title.toLowerCase()} over time: ${unit}${ofTwo}`
  return markup`<figure><figcaption>${title} <small>${unit}${ofTwo}</small></figcaption>${
    runs.every(({ report }) => report.series.atMs.length === 0)
      ? markup`<p class="quiet">No samples were taken.</p>`
      : chartPlace(name, { run: '', label })
  }</figure>`
}

function faultsLabel({ faults }: Run['report']): string {
  return `Time line of ${faults.length} faults; the table of faults has its figures.`
}

function chartPlace(name: ChartName, { run, label }: ChartPlace): Markup {
  return markup`<div class="chart chart-${name}" data-chart="${name}" data-run="${run}" role="img" aria-label="${label}"><noscript><p class="quiet">This chart needs script; the tables do not.</p></noscript></div>`
}

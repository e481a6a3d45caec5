// Places for charts: what each is called and says, and the empty element that the page's script
// draws it into. Without script a note says so; the tables are there all the same.

import type { Run } from './charts/drawing.ts'
import { drawnFaultsMax } from './charts/fault-line.ts'
import { type PlotName, plotNames } from './charts/plots.ts'
import { counted } from './figures.ts'
import { type Markup, markup } from './markup.ts'

/** Charts there are. */
type ChartName = PlotName | 'network' | 'fault-line' | 'time-bar'

/** What a place for a chart says about itself. */
interface ChartPlace {
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

/** The drawing of a run's network, with its key. */
export function networkFigure({ label, report }: Run): Markup {
  const { topology, brokers, bridges } = report
  if (brokers.length === 0) return markup`<p class="quiet">There were no brokers.</p>`
  const said =
    `Drawing of the network ${topology} with ${counted(brokers.length, 'broker')} and ` +
    `${counted(bridges.length, 'bridge')}; the tables of brokers and bridges have its figures.`
  return markup`<figure>${chartPlace('network', { run: label, label: said })}
<p class="quiet">${networkKey}</p></figure>`
}

/** Faults and plots of one or two runs on one time axis. */
export function plotsSection(runs: readonly Run[]): Markup {
  const bar = chartPlace('time-bar', { run: '', label: 'Zoom of all plots on the time axis' })
  const faults = runs.map((run) => faultsFigure(run))
  const plots = plotNames.map((name) => plotFigure(name, runs))
  const isTimed = runs.some(
    ({ report }) => report.series.atMs.length > 0 || report.faults.length > 0
  )
  const sticky = isTimed ? markup`<div class="time-bar">${bar}</div>` : undefined
  return markup`${sticky}${faults}${plots}`
}

function faultsFigure({ label, report }: Run): Markup {
  const count = report.faults.length
  const content =
    count === 0
      ? markup`<p class="quiet">No faults were part of this run.</p>`
      : chartPlace('fault-line', { run: label, label: faultsLabel(report) })
  const note =
    count > drawnFaultsMax
      ? markup`<p class="quiet">The first ${drawnFaultsMax} of ${count}; the table has all.</p>`
      : undefined
  return markup`<figure><figcaption>${label === '' ? 'Faults' : `Faults of ${label}`}
<small>begin and end; lighter until recovered</small></figcaption>${content}${note}</figure>`
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
  const without = 'This chart needs script; the tables do not.'
  return markup`<div class="chart chart-${name}" data-chart="${name}" data-run="${run}"
role="img" aria-label="${label}"><noscript><p class="quiet">${without}</p></noscript></div>`
}

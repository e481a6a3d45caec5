// Draws every chart of the page into its place, and again when the room, the colour scheme or the
// medium changes. The data never changes, so drawing again is all there is.

import { type Drawing, paletteOf, type Run } from '../charts/drawing.ts'
import { faultLineHeightPx, faultLineOption } from '../charts/fault-line.ts'
import { networkOption } from '../charts/network.ts'
import { plotNames, plotOption, timeBarOption } from '../charts/plots.ts'
import type { PageContent } from '../page-content.ts'
import { type Chart, type ChartOption, connectCharts, startChart } from './echarts.ts'

/** Room for a chart on paper, A4 upright; and for one of two beside each other. */
const paperWidthPx = 700
const halfPaperWidthPx = 335

/** One place and what is drawn there. */
interface DrawnChart {
  readonly chart: Chart
  readonly place: HTMLElement
  readonly name: string
  readonly run: Run
}

/** Draws all charts, for as long as the page is open. */
export function drawCharts(page: Document, content: PageContent): void {
  const runs = runsOf(content)
  const charts = [...page.querySelectorAll<HTMLElement>('[data-chart]')].map((place) =>
    startAt(place, page, runs)
  )
  const darkness = matchMedia('(prefers-color-scheme: dark)')
  const drawAll = (): void => {
    for (const drawn of charts) draw(drawn, runs, darkness.matches, drawn.place.clientWidth)
  }
  drawAll()
  const timed = charts.filter(({ name }) => name !== 'network')
  connectCharts(
    timed.map(({ chart }) => chart),
    'time'
  )
  darkness.addEventListener('change', drawAll)
  addEventListener('resize', drawAll)
  addEventListener('beforeprint', () => {
    for (const drawn of charts) {
      const isBeside = drawn.place.closest('.pair') !== null
      draw(drawn, runs, false, isBeside ? halfPaperWidthPx : paperWidthPx)
    }
  })
  addEventListener('afterprint', drawAll)
}

function runsOf(content: PageContent): readonly Run[] {
  if (content.kind === 'report') return [{ label: '', report: content.report }]
  return [
    { label: 'A', report: content.a },
    { label: 'B', report: content.b }
  ]
}

function startAt(place: HTMLElement, page: Document, runs: readonly Run[]): DrawnChart {
  const name = place.dataset.chart ?? ''
  const run = runs.find(({ label }) => label === place.dataset.run) ?? runs[0]!
  const stage = page.createElement('div')
  place.replaceChildren(stage)
  return { chart: startChart(stage), place, name, run }
}

function draw(
  { chart, place, name, run }: DrawnChart,
  runs: readonly Run[],
  isDark: boolean,
  widthPx: number
): void {
  const isFaultLine = name === 'fault-line'
  const heightPx = isFaultLine
    ? faultLineHeightPx(run.report.faults.length, widthPx)
    : place.clientHeight
  const drawing: Drawing = { palette: paletteOf(isDark), widthPx, heightPx }
  chart.resize({ width: widthPx, height: heightPx })
  chart.setOption(optionOf(name, { run, runs, drawing }))
}

interface ChartContext {
  readonly run: Run
  readonly runs: readonly Run[]
  readonly drawing: Drawing
}

function optionOf(name: string, { run, runs, drawing }: ChartContext): ChartOption {
  if (name === 'network') return networkOption(run.report, drawing)
  if (name === 'fault-line') return faultLineOption(run, runs, drawing)
  if (name === 'time-bar') return timeBarOption(runs, drawing)
  const plot = plotNames.find((known) => known === name)
  return plot === undefined ? {} : plotOption(plot, runs, drawing)
}

// The plots over time: throughput, latency, backlog and bytes on bridges. One run is drawn by what
// is measured; of two, A is solid and B is dashed, each in one colour.

import type { LineSeriesOption } from 'echarts/charts'
import { lateMs } from '../../report/report.ts'
import { countText, isFigure, type MaybeFigure, sizeText, timeText } from '../figures.ts'
import { escapeText } from '../markup.ts'
import { chartBase, type Drawing, isNarrow, legendBase, type Run } from './drawing.ts'
import {
  faultMarks,
  followedZoom,
  type TimeAxis,
  timeAxisOf,
  timeAxisOption,
  timeMargins,
  tooltipHead
} from './time-axis.ts'

/** Plots there are, in the order of the page. */
export const plotNames = ['throughput', 'backlog', 'latency', 'bridge-bytes'] as const

/** See `plotNames`. */
export type PlotName = (typeof plotNames)[number]

/** One line of a plot. */
interface PlotLine {
  readonly name: string
  readonly values: readonly MaybeFigure[]
  readonly run: Run
  readonly color: string
  /** The figure that counts most is drawn stronger. */
  readonly isMain: boolean
  readonly isStacked: boolean
}

/** Brokers that have a line of their own in the backlog. */
const backlogBrokersMax = 8
/** A time of nothing has no place on a logarithmic axis. */
const latencyMsMin = 0.1

/** A plot as an option for echarts. */
export function plotOption(name: PlotName, runs: readonly Run[], drawing: Drawing) {
  const axis = timeAxisOf(runs)
  const lines = linesOf(name, runs, drawing)
  const format = formatOf(name)
  const series = lines.map((line) => seriesOf(line, axis, name))
  const carrier: LineSeriesOption = {
    // Carries the faults, so that they stay when a line is switched off in the legend.
    type: 'line',
    name: ' ',
    data: [],
    silent: true,
    ...faultMarks(runs, axis, drawing)
  }
  return {
    ...chartBase(drawing),
    grid: { ...timeMargins, top: 34, bottom: 26 },
    legend: {
      ...legendBase(drawing),
      data: lines.map(({ name, isStacked }) => (isStacked ? { name, icon: 'roundRect' } : name))
    },
    xAxis: timeAxisOption(axis, drawing),
    yAxis: valueAxis(name, lines, drawing),
    dataZoom: [followedZoom],
    tooltip: {
      ...chartBase(drawing).tooltip,
      trigger: 'axis' as const,
      formatter: (shown: unknown) => tooltip(shown, lines, { runs, axis, format })
    },
    series: [...series, carrier, ...(name === 'latency' ? [lateLine(drawing)] : [])]
  }
}

/** The bar that zooms all plots: what was delivered, small, with a handle at each end. */
export function timeBarOption(runs: readonly Run[], drawing: Drawing) {
  const { palette } = drawing
  const axis = timeAxisOf(runs)
  const edge = { color: palette.line }
  return {
    ...chartBase(drawing),
    tooltip: { show: false },
    grid: { ...timeMargins, top: 0, height: 1 },
    xAxis: { ...timeAxisOption(axis, drawing), show: false },
    yAxis: { type: 'value', show: false },
    dataZoom: [
      {
        id: 'time',
        type: 'slider',
        filterMode: 'none',
        left: timeMargins.left,
        right: timeMargins.right,
        top: 6,
        height: 30,
        brushSelect: !isNarrow(drawing),
        borderColor: palette.line,
        fillerColor: palette.selected,
        dataBackground: { lineStyle: edge, areaStyle: edge },
        selectedDataBackground: {
          lineStyle: { color: palette.accent },
          areaStyle: { color: palette.accent, opacity: 0.25 }
        },
        handleStyle: { color: palette.card, borderColor: palette.accent },
        moveHandleSize: 5,
        moveHandleStyle: { color: palette.line },
        labelFormatter: (value: number) => timeText(value * axis.unitMs),
        textStyle: { color: palette.muted, fontSize: 11 }
      }
    ],
    series: runs.map(({ report }) => ({
      type: 'line' as const,
      symbol: 'none',
      lineStyle: { opacity: 0 },
      data: pointsOf(report.series.atMs, report.series.delivered, axis.unitMs)
    }))
  }
}

function linesOf(name: PlotName, runs: readonly Run[], { palette }: Drawing): PlotLine[] {
  if (name === 'backlog' && runs.length === 1) return backlogLines(runs[0]!, palette.series)
  return runs.flatMap((run) =>
    figuresOf(name, run.report).map(([figure, values], at, all) => {
      const color = run.label === 'B' ? palette.second : palette.accent
      const isMain = at === 0
      return {
        // The caption says what the one figure of each run is.
        name: run.label === '' ? figure : all.length === 1 ? run.label : `${run.label}: ${figure}`,
        values,
        run,
        color: isMain || run.label !== '' ? color : palette.muted,
        isMain,
        isStacked: false
      }
    })
  )
}

/** What a plot shows of each run, the figure that counts most first. */
function figuresOf(
  name: PlotName,
  { series }: Run['report']
): (readonly [string, readonly MaybeFigure[]])[] {
  switch (name) {
    case 'throughput':
      return [
        ['delivered', series.delivered],
        ['accepted', series.accepted]
      ]
    case 'latency':
      return [
        ['median', series.latencyP50Ms],
        ['longest', series.latencyMaxMs]
      ]
    case 'backlog':
      return [['waiting at all brokers', sumsOf(Object.values(series.backlog))]]
    case 'bridge-bytes':
      return [['bytes on all bridges', series.bridgeBytes]]
  }
}

function backlogLines(run: Run, colors: readonly string[]): PlotLine[] {
  const peaks = Object.entries(run.report.series.backlog).map(([broker, values]) => ({
    broker,
    values,
    peak: values.reduce((most, value) => Math.max(most, value ?? 0), 0)
  }))
  peaks.sort((one, other) => other.peak - one.peak || (one.broker < other.broker ? -1 : 1))
  const isMain = false
  const isStacked = true
  const shown = peaks.slice(0, backlogBrokersMax)
  const lines: PlotLine[] = shown.map(({ broker, values }, at) => ({
    name: broker,
    values,
    run,
    color: colors[at]!,
    isMain,
    isStacked
  }))
  const others = peaks.slice(backlogBrokersMax)
  if (others.length > 0) {
    const name = `${countText(others.length)} other brokers`
    const values = sumsOf(others.map((other) => other.values))
    lines.push({ name, values, run, color: colors[backlogBrokersMax]!, isMain, isStacked })
  }
  return lines
}

function sumsOf(rows: readonly (readonly number[])[]): number[] {
  const length = rows.reduce((most, row) => Math.max(most, row.length), 0)
  const sums = new Array<number>(length).fill(0)
  for (const row of rows) for (const [at, value] of row.entries()) sums[at]! += value ?? 0
  return sums
}

function seriesOf(line: PlotLine, axis: TimeAxis, plot: PlotName): LineSeriesOption {
  const isLog = plot === 'latency'
  const values = isLog
    ? line.values.map((value) => (isFigure(value) ? Math.max(latencyMsMin, value) : null))
    : line.values
  const isFilled = line.isStacked || plot === 'bridge-bytes'
  const isOfTwo = line.run.label !== ''
  return {
    type: 'line',
    name: line.name,
    data: pointsOf(line.run.report.series.atMs, values, axis.unitMs),
    symbol: 'none',
    color: line.color,
    lineStyle: {
      width: line.isStacked ? 0 : line.isMain ? 2 : 1.2,
      type: line.run.label === 'B' ? 'dashed' : 'solid',
      opacity: isOfTwo && !line.isMain ? 0.55 : 1
    },
    emphasis: { disabled: true },
    ...(line.isStacked ? { stack: 'all' } : {}),
    ...(isFilled && !isOfTwo ? { areaStyle: { opacity: line.isStacked ? 0.8 : 0.15 } } : {})
  }
}

/** Points of a line; one that stands alone between gaps gets a dot, or it would not be seen. */
function pointsOf(atMs: readonly number[], values: readonly MaybeFigure[], unitMs: number) {
  return atMs.map((at, index) => {
    const figure = values[index]
    const value: [number, number | null] = [at / unitMs, isFigure(figure) ? figure : null]
    const isAlone =
      value[1] !== null && !isFigure(values[index - 1]) && !isFigure(values[index + 1])
    return isAlone ? { value, symbol: 'circle', symbolSize: 4 } : { value }
  })
}

function valueAxis(plot: PlotName, lines: readonly PlotLine[], { palette }: Drawing) {
  const labels = { color: palette.muted, formatter: (value: number) => shortText(value, plot) }
  const splitLine = { lineStyle: { color: palette.line } }
  if (plot !== 'latency') {
    const type = 'value' as const
    return { type, min: 0, minInterval: 1, splitNumber: 4, axisLabel: labels, splitLine }
  }
  return { type: 'log' as const, ...latencyEnds(lines), axisLabel: labels, splitLine }
}

/** Powers of ten around all latencies, and around what is late. */
function latencyEnds(lines: readonly PlotLine[]): { min: number; max: number } {
  let min = lateMs
  let max = lateMs
  for (const { values } of lines) {
    for (const value of values) {
      if (!isFigure(value)) continue
      min = Math.min(min, Math.max(latencyMsMin, value))
      max = Math.max(max, value)
    }
  }
  return { min: 10 ** Math.floor(Math.log10(min)), max: 10 ** Math.ceil(Math.log10(max)) }
}

/** A label of an axis, which has little room. */
function shortText(value: number, plot: PlotName): string {
  if (plot === 'bridge-bytes') return sizeText(value)
  if (plot !== 'latency') return value.toLocaleString('en-US', { notation: 'compact' })
  return value >= 1_000 ? `${(value / 1_000).toLocaleString('en-US')} s` : timeText(value)
}

function lateLine({ palette }: Drawing): LineSeriesOption {
  return {
    type: 'line',
    name: '  ',
    data: [],
    markLine: {
      silent: true,
      symbol: 'none',
      lineStyle: { color: palette.muted, type: 'dashed', width: 1 },
      label: { formatter: 'late', position: 'insideEndTop', color: palette.muted },
      data: [{ yAxis: lateMs }]
    }
  }
}

function formatOf(plot: PlotName): (figure: MaybeFigure) => string {
  if (plot === 'latency') return timeText
  return plot === 'bridge-bytes' ? sizeText : countText
}

interface TooltipContext {
  readonly runs: readonly Run[]
  readonly axis: TimeAxis
  readonly format: (figure: MaybeFigure) => string
}

/** What is shown at one time; safe as HTML, whatever brokers are called. */
function tooltip(
  shown: unknown,
  lines: readonly PlotLine[],
  { runs, axis, format }: TooltipContext
): string {
  const points = (Array.isArray(shown) ? shown : [shown]) as readonly TooltipPoint[]
  const first = points[0]?.axisValue
  if (typeof first !== 'number') return ''
  const rows = points.flatMap(({ seriesIndex, dataIndex, marker }) => {
    const line = lines[seriesIndex]
    if (line === undefined) return []
    const figure = format(line.values[dataIndex])
    return [`${marker}${escapeText(line.name)}: <b>${escapeText(figure)}</b>`]
  })
  return [tooltipHead(first * axis.unitMs, runs), ...rows].join('<br>')
}

interface TooltipPoint {
  readonly axisValue?: number
  readonly seriesIndex: number
  readonly dataIndex: number
  readonly marker: string
}

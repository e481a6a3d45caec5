// The axis that the fault line and all plots share: same ends, same unit, same margins. What
// stands above each other happened at the same time.

import { counted, timeText } from '../figures.ts'
import { escapeText } from '../markup.ts'
import { type Drawing, isNarrow, type Run } from './drawing.ts'

/** A time axis from 0 to the end of the longest run. */
export interface TimeAxis {
  readonly endMs: number
  readonly unit: 's' | 'min' | 'h'
  readonly unitMs: number
}

/** Margins of every chart on the axis. */
// Labels never move the ends of the axis: charts below each other must agree on them.
export const timeMargins = { left: 60, right: 18, outerBoundsMode: 'none' } as const

/** The axis for some runs. */
export function timeAxisOf(runs: readonly Run[]): TimeAxis {
  const ends = runs.flatMap(({ report }) => [
    report.runMs,
    report.series.atMs.at(-1) ?? 0,
    ...report.faults.map(({ fromMs, toMs }) => toMs ?? fromMs)
  ])
  const endMs = Math.max(1_000, ...ends.filter((end) => Number.isFinite(end)))
  if (endMs <= 600_000) return { endMs, unit: 's', unitMs: 1_000 }
  if (endMs <= 18_000_000) return { endMs, unit: 'min', unitMs: 60_000 }
  return { endMs, unit: 'h', unitMs: 3_600_000 }
}

/** The axis as echarts has it. */
export function timeAxisOption(axis: TimeAxis, drawing: Drawing) {
  const { palette } = drawing
  return {
    type: 'value',
    min: 0,
    max: axis.endMs / axis.unitMs,
    splitNumber: isNarrow(drawing) ? 4 : 10,
    axisLine: { show: true, lineStyle: { color: palette.line } },
    axisTick: { show: true, lineStyle: { color: palette.line } },
    splitLine: { show: false },
    axisLabel: {
      color: palette.muted,
      hideOverlap: true,
      alignMaxLabel: 'right',
      showMaxLabel: Number.isInteger(axis.endMs / axis.unitMs / 5),
      formatter: (value: number) => `${Number(value.toFixed(3))} ${axis.unit}`
    },
    axisPointer: { label: { show: false }, lineStyle: { color: palette.muted } }
  } as const
}

/** Zooming that is driven by the time bar: nothing of it shows on the plots themselves. */
export const followedZoom = {
  id: 'time',
  type: 'slider',
  show: false,
  filterMode: 'none'
} as const

/**
 * Faults behind a series: a shaded span with its edges, or only a line where it is not told whether
 * a fault was over at once or never.
 */
export function faultMarks(runs: readonly Run[], axis: TimeAxis, { palette }: Drawing) {
  const spans: [{ xAxis: number }, { xAxis: number }][] = []
  const edges: { xAxis: number }[] = []
  for (const { fromMs, toMs } of distinctFaults(runs)) {
    const from = { xAxis: fromMs / axis.unitMs }
    edges.push(from)
    if (toMs === undefined) continue
    const to = { xAxis: toMs / axis.unitMs }
    edges.push(to)
    spans.push([from, to])
  }
  return {
    markArea: { silent: true, itemStyle: { color: palette.faultShade }, data: spans },
    markLine: {
      silent: true,
      animation: false,
      symbol: 'none',
      label: { show: false },
      lineStyle: { color: palette.fault, type: 'dotted', width: 1, opacity: 0.7 },
      data: edges
    }
  } as const
}

/** Faults that two runs share, once. */
export function distinctFaults(runs: readonly Run[]): Run['report']['faults'] {
  const byKey = new Map<string, Run['report']['faults'][number]>()
  for (const { report } of runs) {
    for (const fault of report.faults) {
      const key = `${fault.fromMs} ${fault.toMs} ${fault.text}`
      if (!byKey.has(key)) byKey.set(key, fault)
    }
  }
  return [...byKey.values()]
}

/** The first lines of a tooltip: the time, and the faults at that time. Safe as HTML. */
export function tooltipHead(atMs: number, runs: readonly Run[]): string {
  const lines = [`<b>${timeText(atMs)}</b>`]
  const active = distinctFaults(runs).filter(
    ({ fromMs, toMs }) => fromMs <= atMs && atMs <= (toMs ?? fromMs)
  )
  for (const { text } of active.slice(0, 3)) lines.push(`&#9889; ${escapeText(text)}`)
  if (active.length > 3) lines.push(counted(active.length - 3, 'more fault'))
  return lines.join('<br>')
}

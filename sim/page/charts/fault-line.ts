// The faults on the time axis: a row each, with what it was, a bar from its begin to its end, and
// when it was detected, routed around and got over.

import type {
  CustomSeriesOption,
  CustomSeriesRenderItemAPI,
  CustomSeriesRenderItemParams
} from 'echarts/types/dist/shared'
import type { FaultReport } from '../../report/report.ts'
import { isFigure, noFigure, timeText } from '../figures.ts'
import { escapeText } from '../markup.ts'
import { chartBase, type Drawing, isNarrow, legendBase, type Run } from './drawing.ts'
import { followedZoom, timeAxisOf, timeAxisOption, timeMargins } from './time-axis.ts'

/** Faults beyond this many stand in the table only. */
export const drawnFaultsMax = 60

/** Kinds of mark on a bar: a word, and a symbol of its own so that colour is not needed. */
const marks = [
  { name: 'detected', symbol: 'circle', atMs: detectedAtMs },
  { name: 're-routed', symbol: 'diamond', atMs: reroutedAtMs },
  { name: 'recovered', symbol: 'triangle', atMs: recoveredAtMs }
] as const

/** When the first broker had detected it. */
export function detectedAtMs({ fromMs, detectMs }: FaultReport): number | undefined {
  return isFigure(detectMs) ? fromMs + detectMs : undefined
}

/** When everything that could be served was served again. */
export function reroutedAtMs({ fromMs, rerouteMs }: FaultReport): number | undefined {
  return isFigure(rerouteMs) ? fromMs + rerouteMs : undefined
}

/** When nothing was late any more: counted from its end, or its begin if it has none. */
export function recoveredAtMs({ fromMs, toMs, recoverMs }: FaultReport): number | undefined {
  return isFigure(recoverMs) ? (toMs ?? fromMs) + recoverMs : undefined
}

/** Height of the chart for so many faults. */
export function faultLineHeightPx(faults: number, widthPx: number): number {
  const rows = Math.max(1, Math.min(faults, drawnFaultsMax))
  return 34 + bottomPx + rows * rowHeightPx(rows, widthPx)
}

/** For the axis, and some air between it and the last bar. */
const bottomPx = 30

/** A title and a bar, on a phone with the title in two lines; closer where there are many. */
function rowHeightPx(rows: number, widthPx: number): number {
  if (widthPx < 560) return rows > 12 ? 50 : 56
  return rows > 12 ? 34 : 40
}

/** The faults of a run as an option for echarts. */
export function faultLineOption(run: Run, runs: readonly Run[], drawing: Drawing) {
  const { palette } = drawing
  const faults = run.report.faults.slice(0, drawnFaultsMax)
  const axis = timeAxisOf(runs)
  const rows = faults.map((_, at) => at)
  return {
    ...chartBase(drawing),
    grid: { ...timeMargins, top: 34, bottom: bottomPx },
    legend: { ...legendBase(drawing), data: marks.map(({ name }) => name) },
    xAxis: timeAxisOption(axis, drawing),
    yAxis: {
      type: 'category',
      inverse: true,
      data: rows.map(String),
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: {
        inside: true,
        // Titles begin at the edge of the chart, left of where the axis does.
        margin: 8 - timeMargins.left,
        interval: 0,
        align: 'left',
        verticalAlign: 'bottom',
        padding: [0, 0, 1, 0],
        lineHeight: 15,
        width: drawing.widthPx - 20,
        overflow: 'truncate',
        color: palette.ink,
        formatter: (row: string) => rowTitle(faults[Number(row)]!, isNarrow(drawing))
      },
      z: 5
    },
    dataZoom: [followedZoom],
    tooltip: {
      ...chartBase(drawing).tooltip,
      trigger: 'item',
      formatter: (shown: unknown) => tooltip(faults[(shown as { dataIndex: number }).dataIndex])
    },
    series: [
      barSeries(faults, axis.unitMs, drawing),
      ...marks.map(({ name, symbol, atMs }) => ({
        type: 'scatter' as const,
        name,
        symbol,
        symbolSize: 10,
        symbolOffset: [0, barOffsetPx],
        color: palette.ink,
        itemStyle: { borderColor: palette.card, borderWidth: 1 },
        data: faults.map((fault, row) => {
          const at = atMs(fault)
          return [at === undefined ? Number.NaN : at / axis.unitMs, row]
        })
      }))
    ]
  }
}

/** Middle of a bar below the middle of its row. */
const barOffsetPx = 7
const barHeightPx = 10

function barSeries(
  faults: readonly FaultReport[],
  unitMs: number,
  { palette }: Drawing
): CustomSeriesOption {
  return {
    type: 'custom',
    name: 'faults',
    clip: true,
    // Begin, end, and the end of its consequences.
    data: faults.map((fault, row) => {
      const end = fault.toMs ?? fault.fromMs
      const over = Math.max(end, recoveredAtMs(fault) ?? end)
      return [fault.fromMs / unitMs, row, end / unitMs, over / unitMs]
    }),
    encode: { x: [0, 2, 3], y: 1 },
    renderItem: (_: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => {
      const row = api.value(1)
      const [from = 0, middle = 0] = api.coord([api.value(0), row])
      const [to = 0] = api.coord([api.value(2), row])
      const [over = 0] = api.coord([api.value(3), row])
      const y = middle + barOffsetPx - barHeightPx / 2
      const bar = (x: number, width: number, opacity: number) => ({
        type: 'rect' as const,
        shape: { x, y, width, height: barHeightPx, r: 2 },
        style: { fill: palette.fault, opacity }
      })
      const children = [bar(from, Math.max(3, to - from), 0.85)]
      if (over > to) children.push(bar(to, over - to, 0.3))
      return { type: 'group', children }
    }
  }
}

function rowTitle(fault: FaultReport, isShort: boolean): string {
  const after = [
    ['detected after', fault.detectMs],
    ['re-routed after', fault.rerouteMs],
    [fault.toMs === undefined ? 'recovered after' : 'recovered after its end', fault.recoverMs]
  ] as const
  const measured = after.filter(([, ms]) => isFigure(ms))
  const consequences = measured.map(([what, ms]) =>
    isShort ? `${what.split(' ')[0]} ${timeText(ms)}` : `${what} ${timeText(ms)}`
  )
  const what = `${fault.text.replace(/\s+/g, ' ')}, ${spanText(fault)}`
  if (consequences.length === 0) return what
  return `${what}${isShort ? '\n' : '    '}${consequences.join(isShort ? ', ' : ' · ')}`
}

/** '10 s to 40 s', 'at 10 s'. */
export function spanText({ fromMs, toMs }: FaultReport): string {
  return toMs === undefined
    ? `from ${timeText(fromMs)}`
    : `${timeText(fromMs)} to ${timeText(toMs)}`
}

function tooltip(fault: FaultReport | undefined): string {
  if (fault === undefined) return ''
  const rows = [
    ['detected after', fault.detectMs],
    ['re-routed after', fault.rerouteMs],
    ['recovered after', fault.recoverMs]
  ] as const
  return [
    `<b>${escapeText(fault.text)}</b>`,
    spanText(fault),
    ...rows.map(([what, ms]) => `${what}: ${isFigure(ms) ? timeText(ms) : noFigure}`)
  ].join('<br>')
}

import test from 'ava'
import { type Drawing, paletteOf, type Run } from '../../../sim/page/charts/drawing.ts'
import { faultLineHeightPx, faultLineOption } from '../../../sim/page/charts/fault-line.ts'
import { networkOption } from '../../../sim/page/charts/network.ts'
import { plotNames, plotOption, timeBarOption } from '../../../sim/page/charts/plots.ts'
import { timeAxisOf } from '../../../sim/page/charts/time-axis.ts'
import { renderPage } from '../../../sim/page/index.ts'
import type { Report } from '../../../sim/report/report.ts'
import { aBridge, aBroker, aFault, aHubDies, anExtremeReport, aReport } from './a-report.ts'

const wide: Drawing = { palette: paletteOf(false), widthPx: 1_200, heightPx: 400 }
const narrow: Drawing = { ...wide, widthPx: 340 }

function runsOf(report: Report): Run[] {
  return [{ label: '', report }]
}

const twoRuns: readonly Run[] = [
  { label: 'A', report: aHubDies() },
  { label: 'B', report: aHubDies({ runMs: 150_000 }) }
]

function graphOf(report: Report, drawing = wide) {
  return networkOption(report, drawing).series[0]!
}

test('the fault line and all plots share one axis, however long each run was', (t) => {
  const options = [
    faultLineOption(twoRuns[0]!, twoRuns, wide),
    timeBarOption(twoRuns, wide),
    ...plotNames.map((name) => plotOption(name, twoRuns, wide))
  ]
  for (const { xAxis, grid } of options) {
    t.is(xAxis.max, 150)
    t.is(grid.left, options[0]!.grid.left)
    t.is(grid.right, options[0]!.grid.right)
  }
})

test('the axis counts in seconds, minutes or hours', (t) => {
  const unit = (runMs: number) => timeAxisOf(runsOf(aReport({ runMs }))).unit
  t.deepEqual([1_000, 600_000, 600_001, 18_000_001].map(unit), ['s', 's', 'min', 'h'])
  t.is(timeAxisOf(runsOf(aReport({ runMs: Number.NaN }))).endMs, 1_000)
})

test('backlog has a line for each of the deepest brokers and one for all others', (t) => {
  const atMs = [1_000, 2_000]
  const backlog = Object.fromEntries(
    Array.from({ length: 12 }, (_, at) => [`b${at}`, [at, 10 * at]])
  )
  const report = aReport({ series: { ...aReport().series, atMs, backlog } })
  const { series } = plotOption('backlog', runsOf(report), wide)
  const names = series.map(({ name }) => String(name)).filter((name) => name.trim() !== '')
  t.deepEqual(names, ['b11', 'b10', 'b9', 'b8', 'b7', 'b6', 'b5', 'b4', '4 other brokers'])
  t.deepEqual(series[8]!.data, [{ value: [1, 6] }, { value: [2, 60] }])
})

test('of two runs, A is solid and B is dashed', (t) => {
  for (const name of plotNames) {
    const { series } = plotOption(name, twoRuns, wide)
    for (const { name: line, lineStyle } of series) {
      if (!/^[AB](:|$)/.test(String(line))) continue
      t.is(lineStyle?.type, String(line).startsWith('B') ? 'dashed' : 'solid')
    }
  }
})

test('a sample alone between gaps is drawn as a dot', (t) => {
  const atMs = [1_000, 2_000, 3_000, 4_000]
  const latencyP50Ms = [null, 5, null, null]
  const report = aReport({
    series: { ...aReport().series, atMs, latencyP50Ms, latencyMaxMs: [null, null, 0, 7] }
  })
  const [median, longest] = plotOption('latency', runsOf(report), wide).series
  t.deepEqual(median!.data, [
    { value: [1, null] },
    { value: [2, 5], symbol: 'circle', symbolSize: 4 },
    { value: [3, null] },
    { value: [4, null] }
  ])
  // No time at all has no place on a logarithmic axis.
  t.deepEqual((longest!.data as object[])[2], { value: [3, 0.1] })
})

test('faults shade the plots from begin to end; one without an end is a line', (t) => {
  const faults = [aFault('cut'), aFault('reset', { fromMs: 4_000, toMs: undefined })]
  const { series } = plotOption('throughput', runsOf(aReport({ runMs: 9_000, faults })), wide)
  const carrier = series.find(({ markArea }) => markArea !== undefined)!
  t.deepEqual(carrier.markArea!.data, [[{ xAxis: 10 }, { xAxis: 20 }]])
  t.deepEqual(carrier.markLine!.data, [{ xAxis: 10 }, { xAxis: 20 }, { xAxis: 4 }])
})

test('marks of a fault stand where it was detected, routed around and got over', (t) => {
  const report = aReport({
    runMs: 60_000,
    faults: [
      aFault('kill', { detectMs: 1_000, rerouteMs: 2_000, recoverMs: 3_000 }),
      aFault('reset', { toMs: undefined, recoverMs: 500 })
    ]
  })
  const [run] = runsOf(report)
  const [, ...marks] = faultLineOption(run!, [run!], wide).series as { data: number[][] }[]
  t.deepEqual(
    marks.map(({ data }) => data[0]),
    [
      [11, 0],
      [12, 0],
      [23, 0]
    ]
  )
  t.deepEqual(
    marks.map(({ data }) => data[1]),
    [
      [Number.NaN, 1],
      [Number.NaN, 1],
      [10.5, 1]
    ]
  )
})

test('of very many faults only the first are drawn, and the page says so', (t) => {
  const faults = Array.from({ length: 61 }, (_, at) => aFault(`cut ${at}`))
  const report = aReport({ faults })
  const run = runsOf(report)[0]!
  t.is(faultLineOption(run, [run], wide).yAxis.data.length, 60)
  t.is(faultLineHeightPx(1_000, 1_200), faultLineHeightPx(60, 1_200))
  const html = renderPage({ kind: 'report', report }, { script: '' })
  t.true(html.includes('The first 60 of 61; the table has all.'))
})

test('hubs are squares, and what faults touched is marked in shape and words', (t) => {
  const graph = graphOf(aHubDies())
  const broker = (name: string) => graph.data.find((node) => node.name === name)!
  t.is(broker('hub-1').symbol, 'roundRect')
  t.is(broker('spoke-1').symbol, 'circle')
  t.is(broker('hub-1').label.formatter(), '\u26a1 hub-1')
  t.is(broker('spoke-1').label.formatter(), 'spoke-1')
  const bridge = (a: number, b: number) =>
    graph.links.find(({ source, target }) => source === a && target === b)!
  t.deepEqual(bridge(1, 4).lineStyle.type, [2, 3])
  t.deepEqual(bridge(0, 2).lineStyle.type, [7, 4])
  t.is(bridge(1, 2).lineStyle.type, 'solid')
  t.true(bridge(1, 2).lineStyle.width > bridge(0, 1).lineStyle.width)
})

test('a bridge to a broker that is not there is not drawn', (t) => {
  const brokers = [aBroker('a'), aBroker('b')]
  const bridges = [aBridge('a', 'b'), aBridge('a', 'gone'), aBridge('b', 'b')]
  t.is(graphOf(aReport({ brokers, bridges })).links.length, 1)
})

test('tooltips escape what brokers and faults are called', (t) => {
  const name = '<img src=x onerror=alert(1)>'
  const report = aReport({
    brokers: [aBroker(name), aBroker('b')],
    bridges: [aBridge(name, 'b')],
    faults: [aFault(name, { brokers: [name, 'b'] })],
    series: { ...aReport().series, atMs: [15_000], backlog: { [name]: [3] } }
  })
  const graph = graphOf(report)
  const runs = runsOf(report)
  const point = { axisValue: 15, seriesIndex: 0, dataIndex: 0, marker: '' }
  const tooltips = [
    graph.data[0]!.tooltip.formatter(),
    graph.links[0]!.tooltip.formatter(),
    faultLineOption(runs[0]!, runs, wide).tooltip.formatter({ dataIndex: 0 }),
    plotOption('backlog', runs, wide).tooltip.formatter([point])
  ]
  for (const text of tooltips) {
    t.true(text.includes('&lt;img'))
    t.false(text.includes('<img'))
  }
})

test('the extreme report and one of nothing have every chart, wide and narrow', (t) => {
  for (const report of [anExtremeReport(), aReport()]) {
    for (const drawing of [wide, narrow]) {
      const runs = runsOf(report)
      t.is(graphOf(report, drawing).data.length, report.brokers.length)
      t.true(plotNames.every((name) => plotOption(name, runs, drawing).series.length > 0))
      const line = faultLineOption(runs[0]!, runs, drawing)
      t.is(line.yAxis.data.length, report.faults.length)
    }
  }
})

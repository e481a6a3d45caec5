// The course of a run in a few lines of blocks, with the faults above them.

import { countText, msText } from '../report/figure-text.ts'
import type { FaultReport, Report } from '../report/report.ts'
import { spanOf, sparkline } from './sparkline.ts'

const labelWidth = 11
const peakWidth = 17

/** Nothing if there are too few samples for a course. */
export function courseLines(report: Report, width: number): string[] {
  const { series, faults } = report
  const untilIndex = lastTelling(report) + 1
  const atMs = series.atMs.slice(0, untilIndex)
  const accepted = series.accepted.slice(0, untilIndex)
  const delivered = series.delivered.slice(0, untilIndex)
  const latencyMaxMs = series.latencyMaxMs.slice(0, untilIndex)
  if (atMs.length < 2) return []
  const columns = Math.min(width - labelWidth - peakWidth, atMs.length)
  const waiting = atMs.map((_, at) =>
    Object.values(series.backlog).reduce((sum, values) => sum + (values[at] ?? 0), 0)
  )
  const row = (
    label: string,
    values: readonly (number | null)[],
    text: (peak: number) => string
  ): string => {
    const peak = Math.max(0, ...values.map((value) => value ?? 0))
    return `${label.padEnd(labelWidth)}${sparkline(values, columns)} up to ${text(peak)}`
  }
  const lines = [
    row('sent', accepted, (peak) => `${countText(peak)}/s`),
    row('delivered', delivered, (peak) => `${countText(peak)}/s`),
    row('waiting', waiting, countText),
    row('latency', latencyMaxMs, msText)
  ]
  if (faults.length === 0) return lines
  return [`${'faults'.padEnd(labelWidth)}${faultRuler(atMs, faults, columns)}`.trimEnd(), ...lines]
}

/** The last sample before the end in which anything happened: then the network only rests. */
function lastTelling({ series, faults, endedMs }: Report): number {
  const { atMs, delivered, backlog } = series
  const courseMs = Math.max(endedMs, ...faults.map(({ fromMs, toMs }) => toMs ?? fromMs))
  const depths = Object.values(backlog)
  return atMs.findLastIndex((timeMs, at) => {
    const isEmpty = delivered[at] === 0 && depths.every((values) => (values[at] ?? 0) === 0)
    return timeMs <= courseMs || !isEmpty
  })
}

/** '━' while a fault is on. */
function faultRuler(
  atMs: readonly number[],
  faults: readonly FaultReport[],
  columns: number
): string {
  let line = ''
  let fromMs = 0
  for (let at = 0; at < columns; at += 1) {
    const untilMs = spanOf(atMs, at, columns).at(-1) ?? fromMs
    const isOn = faults.some((fault) => {
      const endMs = fault.toMs ?? fault.fromMs
      return fault.fromMs < untilMs && (endMs > fromMs || fault.fromMs >= fromMs)
    })
    line += isOn ? '━' : ' '
    fromMs = untilMs
  }
  return line
}

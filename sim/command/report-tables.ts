// The tables of a report: destinations, brokers, bridges, faults. Each is cut to the most telling
// rows; one without rows is left out.

import { figureOf } from '../report/figure.ts'
import { atText, bytesText, countText, msText, noFigure } from '../report/figure-text.ts'
import type { FaultReport, Report } from '../report/report.ts'
import { type Column, plainTable, shortened } from './plain-table.ts'
import { moreLines, tellingRows } from './telling-rows.ts'

/** A queue's name within a row about something else. */
const queueNameMax = 15

/** Loss, lateness and latency of each destination. */
export function destinationLines({ destinations }: Report, width: number): string[] {
  const columns = [
    { head: 'destination' },
    ...numbers('sent', 'delivered', 'late', 'lost', 'median', '99 %', 'longest', 'gap')
  ]
  const telling = tellingRows(destinations, ({ fates, accepted }) => [
    ...[fates.lost, fates.waiting, fates.late, accepted]
  ])
  const rows = telling.map(({ destination, accepted, fates, latencyMs, longestGapMs }) => [
    destination,
    ...[accepted, fates.delivered, fates.late, fates.lost].map(countText),
    ...[latencyMs.p50, latencyMs.p99, latencyMs.max].map((ms) =>
      latencyMs.count === 0 ? noFigure : msText(ms)
    ),
    msText(longestGapMs)
  ])
  return tableOf({ columns, rows, width, count: destinations.length })
}

/** Work, backlog and downtime of each broker. */
export function brokerLines({ brokers }: Report, width: number): string[] {
  const isNamed = brokers.some(({ peakBacklogIn }) => peakBacklogIn !== undefined)
  const columns = [
    { head: 'broker' },
    ...numbers('taken', 'given', 'peak backlog', 'at'),
    ...(isNamed ? [{ head: 'mostly in' }] : []),
    ...numbers('peak bytes', 'peak store', 'waiting', 'down')
  ]
  const telling = tellingRows(brokers, (one) => [
    ...[one.waiting, one.downMs, one.peakBacklog, one.accepted + one.delivered]
  ])
  const rows = telling.map((one) => [
    one.broker,
    ...[one.accepted, one.delivered, one.peakBacklog].map(countText),
    one.peakBacklog === 0 ? noFigure : atText(one.peakBacklogAtMs),
    ...(isNamed ? [shortened(one.peakBacklogIn ?? noFigure, queueNameMax)] : []),
    ...[one.peakBacklogBytes, one.peakStoreBytes].map(bytesText),
    countText(one.waiting),
    msText(one.downMs)
  ])
  return tableOf({ columns, rows, width, count: brokers.length })
}

/** What went over each link, both ways. */
export function bridgeLines(report: Report, width: number): string[] {
  const { bridges } = report
  const columns = [
    { head: 'bridge' },
    ...numbers('messages →', 'messages ←', 'bytes →', 'bytes ←', 'made', 'down')
  ]
  const telling = tellingRows(bridges, (one) => [one.downMs, one.bytesToA + one.bytesToB])
  const rows = telling.map((one) => [
    `${one.a} – ${one.b}`,
    ...[one.messagesToB, one.messagesToA].map(countText),
    ...[one.bytesToB, one.bytesToA].map(bytesText),
    countText(one.bridgesMade),
    msText(one.downMs)
  ])
  const lines = tableOf({ columns, rows, width, count: bridges.length })
  if (bridges.length < 2) return lines
  const bytes = bridges.reduce((sum, one) => sum + one.bytesToA + one.bytesToB, 0)
  const share = figureOf(report, 'bridgeBytesPerDeliveredByte')
  const each = share === undefined ? '' : `, ${share.toFixed(1)} for each byte delivered`
  return [...lines, `all together: ${bytesText(bytes)}${each}`]
}

/** How long brokers took to get over each fault. */
export function faultLines({ faults }: Report, width: number): string[] {
  const columns = [{ head: 'fault' }, ...numbers('from', 'to', 'detect', 're-route', 'recover')]
  const telling = tellingRows(faults, (one: FaultReport) => [
    ...[one.recoverMs ?? 0, one.rerouteMs ?? 0, one.detectMs ?? 0]
  ])
  const rows = telling.map(({ text, fromMs, toMs, detectMs, rerouteMs, recoverMs }) => [
    text,
    atText(fromMs),
    toMs === undefined ? noFigure : atText(toMs),
    ...[detectMs, rerouteMs, recoverMs].map((ms) => (ms === undefined ? noFigure : msText(ms)))
  ])
  return tableOf({ columns, rows, width, count: faults.length })
}

function tableOf(table: {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly string[])[]
  readonly width: number
  /** Rows there would be. */
  readonly count: number
}): string[] {
  const { columns, rows, width, count } = table
  return count === 0 ? [] : [...plainTable(columns, rows, width), ...moreLines(count)]
}

function numbers(...heads: readonly string[]): Column[] {
  return heads.map((head) => ({ head, isNumber: true }))
}

// The tables of one report: destinations, brokers, bridges, faults, expectations, complaints.

import type {
  BridgeReport,
  BrokerReport,
  DestinationReport,
  ExpectationReport,
  FaultReport,
  Report
} from '../report/report.ts'
import { detectedAtMs, recoveredAtMs, reroutedAtMs, spanText } from './charts/fault-line.ts'
import { type Fate, fateNames, fatesBar, fatesSum } from './fates.ts'
import { countText, isFigure, noFigure, timeText } from './figures.ts'
import { type Markup, markup } from './markup.ts'
import { type Column, table } from './table.ts'

/** Fates whose columns are there even when no message met them. */
const alwaysShown: ReadonlySet<Fate> = new Set<Fate>(['delivered', 'waiting', 'lost'])

/** Destinations with the fates of their messages. */
export function destinationsTable({ destinations }: Report): Markup {
  const met = [...fateNames.keys()].filter(
    (fate) => alwaysShown.has(fate) || destinations.some(({ fates }) => fates[fate] > 0)
  )
  const left = [...fateNames].filter(([fate]) => !met.includes(fate)).map(([, name]) => name)
  const fateColumns = met.flatMap((fate) => {
    const column = count<DestinationReport>(fateNames.get(fate)!, ({ fates }) => fates[fate], {
      isBad: fate === 'lost'
    })
    const late = count<DestinationReport>('of them late', ({ fates }) => fates.late)
    return fate === 'delivered' ? [column, late] : [column]
  })
  const columns: Column<DestinationReport>[] = [
    text('destination', ({ destination }) => destination),
    {
      title: 'fates',
      kind: 'text',
      value: ({ fates }) => shareDelivered(fates.delivered, fatesSum(fates)),
      cell: ({ fates }) => fatesBar(fates)
    },
    count('accepted', ({ accepted }) => accepted),
    ...fateColumns,
    count('deliveries', ({ deliveries }) => deliveries),
    count('duplicates', ({ duplicates }) => duplicates),
    count('unmarked', ({ unmarkedDuplicates }) => unmarkedDuplicates, { isBad: true }),
    count('out of order', ({ outOfOrder }) => outOfOrder),
    time('median', (row) => latency(row, 'p50')),
    time('99 %', (row) => latency(row, 'p99')),
    time('longest', (row) => latency(row, 'max')),
    time('longest gap', ({ longestGapMs }) => longestGapMs)
  ]
  const options = { caption: 'Destinations', empty: 'There were no destinations.' }
  const note =
    left.length === 0 || destinations.length === 0
      ? undefined
      : markup`<p class="quiet">Fates that no message met: ${left.join(', ')}.</p>`
  return markup`${table(columns, destinations, options)}${note}${reasonsTable(destinations)}`
}

function reasonsTable(destinations: readonly DestinationReport[]): Markup | undefined {
  const rows = destinations.flatMap(({ destination, reasons }) =>
    reasons.map((reason) => ({ destination, ...reason }))
  )
  if (rows.length === 0) return undefined
  const columns: Column<(typeof rows)[number]>[] = [
    text('destination', ({ destination }) => destination),
    text('reason', ({ reason }) => reason),
    count('messages', (row) => row.count)
  ]
  const caption = 'Why messages were given up'
  return markup`<h3>${caption}</h3>${table(columns, rows, { caption, empty: '' })}`
}

/** Brokers with what passed and what piled up. */
export function brokersTable({ brokers }: Report): Markup {
  const columns: Column<BrokerReport>[] = [
    text('broker', ({ broker }) => broker),
    count('accepted', ({ accepted }) => accepted),
    count('delivered', ({ delivered }) => delivered),
    count('peak backlog', ({ peakBacklog }) => peakBacklog),
    time('at', ({ peakBacklog, peakBacklogAtMs }) =>
      peakBacklog > 0 ? peakBacklogAtMs : undefined
    ),
    size('its size', ({ peakBacklogBytes }) => peakBacklogBytes),
    size('peak store', ({ peakStoreBytes }) => peakStoreBytes),
    count('waiting at the end', ({ waiting }) => waiting),
    {
      title: 'waiting in',
      kind: 'text',
      value: ({ waitingIn }) => waitingIn[0]?.queue ?? '',
      cell: ({ waitingIn }) => waitingList(waitingIn)
    },
    time('down', ({ downMs }) => downMs)
  ]
  return table(columns, brokers, { caption: 'Brokers', empty: 'There were no brokers.' })
}

function waitingList(waitingIn: BrokerReport['waitingIn']): Markup {
  if (waitingIn.length === 0) return markup`${noFigure}`
  const shown = waitingIn
    .slice(0, 3)
    .map(({ queue, messages }) => `${queue} ${countText(messages)}`)
  const more = waitingIn.length > 3 ? `, ${waitingIn.length - 3} more` : ''
  return markup`${shown.join(', ')}${more}`
}

/** Bridges with what crossed them. */
export function bridgesTable({ bridges }: Report): Markup {
  const columns: Column<BridgeReport>[] = [
    text('a', ({ a }) => a),
    text('b', ({ b }) => b),
    count('cost', ({ cost }) => cost),
    count('messages to b', ({ messagesToB }) => messagesToB),
    count('messages to a', ({ messagesToA }) => messagesToA),
    size('size to b', ({ bytesToB }) => bytesToB),
    size('size to a', ({ bytesToA }) => bytesToA),
    time('down', ({ downMs }) => downMs),
    count('times made', ({ bridgesMade }) => bridgesMade)
  ]
  return table(columns, bridges, { caption: 'Bridges', empty: 'There were no bridges.' })
}

/** Faults with what each came to, in figures. */
export function faultsTable({ faults }: Report): Markup {
  const columns: Column<FaultReport>[] = [
    text('fault', (fault) => fault.text),
    {
      title: 'when',
      kind: 'text',
      value: ({ fromMs }) => fromMs,
      cell: (row) => markup`<span class="nowrap">${spanText(row)}</span>`
    },
    text('brokers', ({ brokers }) => brokers.join(', ')),
    time('detected after', ({ detectMs }) => detectMs),
    time('re-routed after', ({ rerouteMs }) => rerouteMs),
    time('recovered after', ({ recoverMs }) => recoverMs),
    time('all over at', (fault) => overAtMs(fault))
  ]
  return table(columns, faults, { caption: 'Faults', empty: 'No faults were part of this run.' })
}

function overAtMs(fault: FaultReport): number | undefined {
  const times = [detectedAtMs(fault), reroutedAtMs(fault), recoveredAtMs(fault)].filter(isFigure)
  return times.length === 0 ? undefined : Math.max(...times)
}

/** Expectations, those not met first. */
export function expectationsTable({ expectations }: Report): Markup {
  const rows = [...expectations].sort((one, other) => Number(one.isMet) - Number(other.isMet))
  const columns: Column<ExpectationReport>[] = [
    text('expected', (row) => row.text),
    {
      title: 'met',
      kind: 'text',
      value: ({ isMet }) => (isMet ? 'yes' : 'no'),
      cell: ({ isMet }) =>
        isMet
          ? markup`<span class="good nowrap">✓ met</span>`
          : markup`<span class="bad nowrap">✗ not met</span>`
    },
    {
      title: 'actual',
      kind: 'count',
      value: ({ actual }) => actual,
      cell: ({ actual, unit }) => markup`${unit === 'ms' ? timeText(actual) : countText(actual)}`
    },
    text('written in', ({ where }) => where)
  ]
  const empty = 'This scenario states no expectations.'
  return table(columns, rows, { caption: 'Expectations', empty })
}

/** What judges complained of. */
export function complaintsList({ complaints }: Report): Markup {
  if (complaints.length === 0) return markup`<p class="quiet">No judge complained.</p>`
  const items = complaints.map((complaint) => markup`<li>${complaint}</li>`)
  return markup`<ol class="complaints">${items}</ol>`
}

function latency({ latencyMs }: DestinationReport, which: 'p50' | 'p99' | 'max') {
  return latencyMs.count > 0 ? latencyMs[which] : undefined
}

function shareDelivered(delivered: number, sum: number): number | undefined {
  return sum > 0 ? delivered / sum : undefined
}

function text<R>(title: string, value: (row: R) => string | undefined): Column<R> {
  return { title, kind: 'text', value }
}

function count<R>(
  title: string,
  value: Column<R>['value'],
  { isBad = false }: { isBad?: boolean } = {}
): Column<R> {
  return { title, kind: 'count', value, isBad }
}

function size<R>(title: string, value: Column<R>['value']): Column<R> {
  return { title, kind: 'size', value }
}

function time<R>(title: string, value: Column<R>['value']): Column<R> {
  return { title, kind: 'time', value }
}

// Two runs under the same faults, figure by figure, as plain data for text, JSON and the page.

import type { ExpectedFigure } from '../plan/index.ts'
import { figureOf } from './figure.ts'
import { rounded } from './latency-histogram.ts'
import type { Report } from './report.ts'

/** What a figure counts in. */
export type FigureUnit = 'messages' | 'ms' | 'bytes' | 'ratio'

/** One figure of both. */
export interface ComparisonRow {
  /** For people, such as 'delivered late'. */
  readonly figure: string
  readonly unit: FigureUnit
  /** Undefined where there was nothing to measure. */
  readonly a: number | undefined
  readonly b: number | undefined
  /** b less a; undefined unless both are known. */
  readonly difference: number | undefined
  /** 'none' where more is neither better nor worse, or one is unknown. */
  readonly better: 'a' | 'b' | 'same' | 'none'
}

/** See the top of this file. */
export interface Comparison {
  readonly a: Report
  readonly b: Report
  readonly rows: readonly ComparisonRow[]
}

/** A figure, read from a report. */
interface Reader {
  readonly figure: string
  readonly unit: FigureUnit
  readonly wish: 'less' | 'more' | 'none'
  read(report: Report): number | undefined
}

/** Times that differ by less are the same, as far as they were measured; also within 1 %. */
const sameMs = 1

/** Compares two reports, best of one scenario on two topologies. */
export function compareReports(a: Report, b: Report): Comparison {
  return { a, b, rows: [...readers, ...faultReaders(a, b)].map((reader) => rowOf(reader, a, b)) }
}

const fewer = { unit: 'messages', wish: 'less' } as const

const readers: readonly Reader[] = [
  { figure: 'sent', unit: 'messages', wish: 'none', read: total(({ accepted }) => accepted) },
  expected('delivered', 'delivered', 'messages', 'more'),
  { figure: 'delivered late', ...fewer, read: total(({ fates }) => fates.late) },
  expected('lost', 'lost', 'messages'),
  expected('waiting', 'waiting at the end', 'messages'),
  expected('expired', 'expired', 'messages'),
  expected('deadLettered', 'dead letters', 'messages'),
  { figure: 'given up', ...fewer, read: total(({ fates }) => fates.givenUp) },
  { figure: 'died with a broker', ...fewer, read: total(({ fates }) => fates.diedWithBroker) },
  expected('duplicates', 'duplicates', 'messages'),
  expected('unmarkedDuplicates', 'duplicates without a mark', 'messages'),
  expected('outOfOrder', 'out of order', 'messages'),
  expected('latencyP50Ms', 'latency, median', 'ms'),
  expected('latencyP99Ms', 'latency, 99 %', 'ms'),
  expected('latencyMaxMs', 'latency, longest', 'ms'),
  {
    figure: 'longest gap',
    ...{ unit: 'ms', wish: 'less' },
    read: ({ destinations }) => Math.max(0, ...destinations.map((one) => one.longestGapMs))
  },
  expected('detectMs', 'time to detect', 'ms'),
  expected('rerouteMs', 'time to re-route', 'ms'),
  expected('recoverMs', 'time to recover', 'ms'),
  expected('peakBacklog', 'peak backlog of a broker', 'messages'),
  {
    figure: 'peak store of a broker',
    ...{ unit: 'bytes', wish: 'less' },
    read: ({ brokers }) => Math.max(0, ...brokers.map((one) => one.peakStoreBytes))
  },
  {
    figure: 'bytes over bridges',
    ...{ unit: 'bytes', wish: 'less' },
    read: ({ bridges }) => bridges.reduce((sum, one) => sum + one.bytesToA + one.bytesToB, 0)
  },
  expected('bridgeBytesPerDeliveredByte', 'bridge bytes per byte delivered', 'ratio')
]

const faultWords = { detectMs: 'detect', rerouteMs: 're-route', recoverMs: 'recover' } as const

/** Each fault that both had, if there are several. */
function faultReaders(a: Report, b: Report): Reader[] {
  if (a.faults.length < 2) return []
  return a.faults.flatMap(({ text }, at) => {
    if (b.faults[at]?.text !== text) return []
    return (['detectMs', 'rerouteMs', 'recoverMs'] as const).map((figure) => ({
      figure: `${text}: ${faultWords[figure]}`,
      ...{ unit: 'ms' as const, wish: 'less' as const },
      read: ({ faults }: Report) => faults[at]![figure]
    }))
  })
}

function expected(
  name: ExpectedFigure,
  figure: string,
  unit: FigureUnit,
  wish: Reader['wish'] = 'less'
): Reader {
  return { figure, unit, wish, read: (report) => figureOf(report, name) }
}

function total(read: (one: Report['destinations'][number]) => number): Reader['read'] {
  return ({ destinations }) => destinations.reduce((sum, one) => sum + read(one), 0)
}

function rowOf({ figure, unit, wish, read }: Reader, a: Report, b: Report): ComparisonRow {
  const [ofA, ofB] = [read(a), read(b)]
  const isKnown = ofA !== undefined && ofB !== undefined
  const difference = isKnown ? rounded(ofB - ofA) : undefined
  const row = { figure, unit, a: ofA, b: ofB, difference }
  if (difference === undefined || wish === 'none') return { ...row, better: 'none' }
  const slack = unit === 'ms' ? Math.max(sameMs, Math.abs(ofA!) / 100) : 0
  if (Math.abs(difference) <= slack) return { ...row, better: 'same' }
  return { ...row, better: difference < 0 === (wish === 'less') ? 'b' : 'a' }
}

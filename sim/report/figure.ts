// The figures of a report that can be bounded or compared, each read from the report alone.

import type { ExpectedFigure } from '../plan/index.ts'
import { rounded } from './latency-histogram.ts'
import type { DestinationReport, Fates, FaultReport, Percentiles, Report } from './report.ts'

/** Of the whole network, or of one destination as '/queue/orders'. */
export function figureOf(
  report: Report,
  figure: ExpectedFigure,
  destination?: string
): number | undefined {
  if (destination === undefined) return readers[figure](report, report.destinations)
  // What is not measured by destination has no such figure.
  if (ofNetworkOnly.has(figure)) return undefined
  const found = report.destinations.filter((one) => one.destination === destination)
  return found.length === 0 ? undefined : readers[figure](report, found)
}

/** Figures that are undefined if there was nothing to measure, which is then all right. */
export const ofFaults: ReadonlySet<ExpectedFigure> = new Set(['detectMs', 'rerouteMs', 'recoverMs'])

/** Figures that no single destination has. */
export const ofNetworkOnly: ReadonlySet<ExpectedFigure> = new Set([
  ...ofFaults,
  'peakBacklog',
  'bridgeBytesPerDeliveredByte'
])

type Reader = (report: Report, of: readonly DestinationReport[]) => number | undefined

const readers: Readonly<Record<ExpectedFigure, Reader>> = {
  lost: fate('lost'),
  waiting: fate('waiting'),
  delivered: fate('delivered'),
  deadLettered: fate('deadLettered'),
  expired: fate('expired'),
  duplicates: (_, of) => sum(of, ({ duplicates }) => duplicates),
  unmarkedDuplicates: (_, of) => sum(of, ({ unmarkedDuplicates }) => unmarkedDuplicates),
  outOfOrder: (_, of) => sum(of, ({ outOfOrder }) => outOfOrder),
  latencyP50Ms: latency('p50'),
  latencyP99Ms: latency('p99'),
  latencyMaxMs: (_, of) => {
    const measured = of.filter(({ latencyMs }) => latencyMs.count > 0)
    return longest(measured.map(({ latencyMs }) => latencyMs.max))
  },
  detectMs: longestFault('detectMs'),
  rerouteMs: longestFault('rerouteMs'),
  recoverMs: longestFault('recoverMs'),
  peakBacklog: ({ brokers }) => longest(brokers.map(({ peakBacklog }) => peakBacklog)),
  bridgeBytesPerDeliveredByte: ({ bridges }, of) => {
    const bytes = sum(of, ({ deliveredBytes }) => deliveredBytes ?? 0)
    if (bytes === 0) return undefined
    return rounded(sum(bridges, ({ bytesToA, bytesToB }) => bytesToA + bytesToB) / bytes)
  }
}

function fate(kind: keyof Fates): Reader {
  return (_, of) => sum(of, ({ fates }) => fates[kind])
}

/** Percentiles of several destinations cannot be made from those of each. */
function latency(kind: 'p50' | 'p99'): Reader {
  return ({ latencyMs, destinations }, of) => {
    const one: Percentiles | undefined =
      of === destinations && of.length !== 1 ? latencyMs : of[0]?.latencyMs
    return one === undefined || one.count === 0 ? undefined : one[kind]
  }
}

function longestFault(figure: 'detectMs' | 'rerouteMs' | 'recoverMs'): Reader {
  return ({ faults }) =>
    longest(faults.map((one: FaultReport) => one[figure]).filter((value) => value !== undefined))
}

function longest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values)
}

function sum<T>(of: readonly T[], read: (one: T) => number): number {
  return of.reduce((total, one) => total + read(one), 0)
}

// The bars Postroad sets itself, and the ratios quoted beside them. Pure arithmetic over
// measurements. Invariant: a bar whose runs failed is missed, one that was not run is not judged.

import type { FigureOf, Measurements } from './measurements.ts'
import type { Spread } from './statistics.ts'

/** One figure, or a ratio of two, and what it must reach. */
export interface Bar {
  /** As printed, such as 'queue / relay'. */
  readonly name: string
  readonly figure: FigureOf
  readonly divisor?: FigureOf
  readonly bound: 'at-least' | 'below'
  readonly limit: number
  readonly unit: string
}

/** A bar held against a run. */
export interface BarVerdict {
  readonly bar: Bar
  readonly verdict: 'PASS' | 'FAIL' | 'not run'
  /** Undefined when nothing was measured. */
  readonly measured: Spread | undefined
}

const postroad = { target: 'postroad' } as const
const received = { figure: 'receivedPerSecond' } as const
const queue: FigureOf = { scenario: 'queue', ...postroad, ...received }
const relay: FigureOf = { scenario: 'relay', target: 'bare-relay', ...received }

/** The bars, judged by the medians. */
export const bars: readonly Bar[] = [
  { name: 'queue / relay', figure: queue, divisor: relay, bound: 'at-least', limit: 0.3, unit: '' },
  {
    name: 'chain-2 / queue',
    figure: { scenario: 'chain-2', ...postroad, ...received },
    divisor: queue,
    bound: 'at-least',
    limit: 0.45,
    unit: ''
  },
  {
    name: 'latency-chain-2 p99',
    figure: { scenario: 'latency-chain-2', ...postroad, figure: 'p99Ms' },
    bound: 'below',
    limit: 2,
    unit: 'ms'
  },
  // Three times the share of a relay that the fastest peer which has it on disk reached: 24,000 and
  // 15,000 of 679,000 messages a second (peer-figures.ts).
  { name: 'disk-100 / relay', ...onDisk('disk-100'), limit: 0.106 },
  { name: 'disk-chain-2 / relay', ...onDisk('disk-chain-2'), limit: 0.066 },
  {
    name: 'disk-chain-3 / disk-chain-2',
    figure: throughput('disk-chain-3'),
    divisor: throughput('disk-chain-2'),
    bound: 'at-least',
    limit: 0.6,
    unit: ''
  },
  {
    name: 'disk-latency-chain-2 p99',
    figure: { scenario: 'disk-latency-chain-2', ...postroad, figure: 'p99Ms' },
    bound: 'below',
    limit: 5,
    unit: 'ms'
  },
  {
    name: 'idle-1000 RSS growth',
    figure: { scenario: 'idle-1000', ...postroad, figure: 'rssGrowthMiB' },
    bound: 'below',
    limit: 40,
    unit: 'MiB'
  },
  {
    name: 'start',
    figure: { scenario: 'start', ...postroad, figure: 'startMs' },
    bound: 'below',
    limit: 300,
    unit: 'ms'
  }
]

/** Pairs of figures whose ratio is printed: [name, dividend, divisor]. */
export const ratios: ReadonlyArray<readonly [string, FigureOf, FigureOf]> = [
  ['queue / relay', queue, relay],
  // A dear message is a slow one: the cost of the ceiling over ours. Holds on a busy machine, too.
  ['queue / relay, by CPU a message', cpuCost(relay), cpuCost(queue)],
  ['topic-10 / its relay', ...againstRelay('topic-10')],
  ['queues-100 / its relay', ...againstRelay('queues-100')],
  ['ack-client / queue', throughput('ack-client'), queue],
  ['receipts / queue', throughput('receipts'), queue],
  ['chain-2 / queue', throughput('chain-2'), queue],
  ['chain-3 / queue', throughput('chain-3'), queue],
  ['chain-3 / chain-2', throughput('chain-3'), throughput('chain-2')],
  ['disk-chain-2 / disk-100', throughput('disk-chain-2'), throughput('disk-100')],
  ...againstExternal()
]

/** Holds every bar against the measurements. */
export function judge(measurements: Measurements): readonly BarVerdict[] {
  return bars.map((bar) => {
    const measured =
      bar.divisor === undefined
        ? measurements.spreadOf(bar.figure)
        : measurements.ratioOf(bar.figure, bar.divisor)
    return { bar, measured, verdict: verdictOf(bar, measured, measurements) }
  })
}

function verdictOf(
  bar: Bar,
  measured: Spread | undefined,
  measurements: Measurements
): BarVerdict['verdict'] {
  const parts = bar.divisor === undefined ? [bar.figure] : [bar.figure, bar.divisor]
  const runs = parts.map(({ scenario, target }) => measurements.of(scenario, target))
  if (runs.flat().some((run) => run.fault !== undefined)) return 'FAIL'
  if (runs.some((each) => each.length === 0)) return 'not run'
  if (measured === undefined) return 'FAIL' // Run, without fault, yet without this figure.
  const reached =
    bar.bound === 'at-least' ? measured.median >= bar.limit : measured.median < bar.limit
  return reached ? 'PASS' : 'FAIL'
}

function throughput(scenario: string): FigureOf {
  return { scenario, ...postroad, ...received }
}

function onDisk(scenario: string): Omit<Bar, 'name' | 'limit'> {
  return { figure: throughput(scenario), divisor: relay, bound: 'at-least', unit: '' }
}

function cpuCost(of: FigureOf): FigureOf {
  return { ...of, figure: 'cpuSecondsPer100k.a' }
}

function againstRelay(scenario: string): [FigureOf, FigureOf] {
  return [throughput(scenario), { scenario, target: 'bare-relay', ...received }]
}

function againstExternal(): Array<[string, FigureOf, FigureOf]> {
  const names = ['queue', 'ack-client', 'receipts', 'topic-10', 'queues-100', 'chain-2', 'chain-3']
  return names.map((scenario) => [
    `${scenario}: postroad / external`,
    throughput(scenario),
    { scenario, target: 'external', ...received }
  ])
}

// The figures that a scenario may expect something of, as scenario files call them.

import type { ExpectedFigure } from '../plan/index.ts'

/** One figure. */
export interface Figure {
  readonly figure: ExpectedFigure
  readonly unit: 'count' | 'duration' | 'ratio'
  /** What a bare number means: at most of what is bad, at least of what is good. */
  readonly usual: 'at-most' | 'at-least'
  /** False: of the whole network only, not of one destination. */
  readonly isOfDestinations: boolean
  /** True if there must be a fault to measure it. */
  readonly needsFault?: true
  readonly about: string
}

const bad = { unit: 'count', usual: 'at-most', isOfDestinations: true } as const
const good = { ...bad, usual: 'at-least' } as const
const time = { ...bad, unit: 'duration' } as const
const faultTime = { ...time, isOfDestinations: false, needsFault: true } as const

/** By the name in scenario files. */
export const figures: ReadonlyMap<string, Figure> = new Map<string, Figure>([
  ['lost', { ...bad, figure: 'lost', about: 'messages that no reason accounts for' }],
  ['duplicates', { ...bad, figure: 'duplicates', about: 'deliveries beyond the first' }],
  [
    'unmarked-duplicates',
    { ...bad, figure: 'unmarkedDuplicates', about: 'those of them not marked redelivered' }
  ],
  ['out-of-order', { ...bad, figure: 'outOfOrder', about: "deliveries out of a producer's order" }],
  ['waiting', { ...bad, figure: 'waiting', about: 'messages that still wait at the end' }],
  ['delivered', { ...good, figure: 'delivered', about: 'messages delivered' }],
  ['dead-lettered', { ...bad, figure: 'deadLettered', about: 'messages refused too often' }],
  ['expired', { ...bad, figure: 'expired', about: 'messages whose time was over' }],
  ['latency-p50', { ...time, figure: 'latencyP50Ms', about: 'from sending to delivery, median' }],
  ['latency-p99', { ...time, figure: 'latencyP99Ms', about: 'the same, 99 of 100' }],
  ['latency-max', { ...time, figure: 'latencyMaxMs', about: 'the same, the longest' }],
  ['detect', { ...faultTime, figure: 'detectMs', about: 'until a fault is noticed' }],
  ['reroute', { ...faultTime, figure: 'rerouteMs', about: 'until all are served another way' }],
  ['recover', { ...faultTime, figure: 'recoverMs', about: 'until nothing is late any more' }],
  [
    'peak-backlog',
    {
      ...bad,
      figure: 'peakBacklog',
      isOfDestinations: false,
      about: 'most messages that waited at one broker at a time'
    }
  ],
  [
    'bridge-bytes-per-delivered-byte',
    {
      ...bad,
      figure: 'bridgeBytesPerDeliveredByte',
      unit: 'ratio',
      isOfDestinations: false,
      about: 'bytes over bridges for each byte of a body delivered'
    }
  ]
])

// What a run came to, as plain data: measured by those who watch a run, simulated or real, and
// shown as text, JSON or a page. Times are milliseconds since the network was at work, unless said.

import type { FaultSpan } from '../plan/index.ts'

/** A finished run. */
export interface Report {
  readonly scenario: string
  readonly about: string
  /** Name of the topology. */
  readonly topology: string
  readonly mode: 'simulated' | 'real'
  readonly seed: string
  /** Of the simulation; '' for real processes. */
  readonly traceHash: string
  /** Time that passed in the run, and how long it took. */
  readonly runMs: number
  readonly realMs: number
  readonly events: number
  /** When the timeline was over and producers stopped. */
  readonly endedMs: number
  readonly brokers: readonly BrokerReport[]
  readonly bridges: readonly BridgeReport[]
  readonly destinations: readonly DestinationReport[]
  readonly faults: readonly FaultReport[]
  readonly series: ReportSeries
  readonly expectations: readonly ExpectationReport[]
  /** What judges complained of; empty if all is well. */
  readonly complaints: readonly string[]
  /** Of all destinations together; left out by those who do not measure it. */
  readonly latencyMs?: Percentiles
}

/** Counts of messages by what became of them. Each message of a queue has one fate; a message of a
 * topic has one for each subscription that should get it. */
export interface Fates {
  readonly delivered: number
  /** Delivered more than `lateMs` after it was sent. Part of `delivered`. */
  readonly late: number
  /** Still in a queue, a subscription or parked at the end. */
  readonly waiting: number
  readonly expired: number
  readonly deadLettered: number
  /** Given up by a broker under a counted reason, such as no route within its patience. */
  readonly givenUp: number
  /** Gone with the memory or disk of a broker that the scenario killed. */
  readonly diedWithBroker: number
  /** The subscriber left before it got it. */
  readonly subscriberLeft: number
  /** Gone without any of these reasons: a broken promise. */
  readonly lost: number
}

/** One destination, '/queue/orders'. */
export interface DestinationReport {
  readonly destination: string
  /** Messages brokers took from producers. */
  readonly accepted: number
  /** Deliveries to consumers, all copies. */
  readonly deliveries: number
  readonly fates: Fates
  /** Reasons of `givenUp`, with counts, most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[]
  /** Deliveries beyond the first to the same subscription. */
  readonly duplicates: number
  readonly unmarkedDuplicates: number
  readonly outOfOrder: number
  /** From sending to the first delivery. */
  readonly latencyMs: Percentiles
  /** Longest time without any delivery while some message was due. */
  readonly longestGapMs: number
  /** Bytes of bodies in first deliveries; left out by those who do not measure it. */
  readonly deliveredBytes?: number
}

/** Of a set of times. Zeros if there are none. */
export interface Percentiles {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** One broker. */
export interface BrokerReport {
  readonly broker: string
  /** Messages from producers and to consumers here. */
  readonly accepted: number
  readonly delivered: number
  /** Most that waited at a time, in queues, subscriptions, channels and parking, and when. */
  readonly peakBacklog: number
  readonly peakBacklogAtMs: number
  readonly peakBacklogBytes: number
  /** Most bytes in its store. */
  readonly peakStoreBytes: number
  /** Waiting at the end. */
  readonly waiting: number
  /** Queues with something waiting at the end, deepest first; at most ten. */
  readonly waitingIn: readonly { readonly queue: string; readonly messages: number }[]
  /** Time it was down or out of everyone's reach. */
  readonly downMs: number
}

/** A link between two brokers. */
export interface BridgeReport {
  readonly a: string
  readonly b: string
  readonly cost: number
  readonly messagesToB: number
  readonly messagesToA: number
  readonly bytesToB: number
  readonly bytesToA: number
  /** Time without a bridge. */
  readonly downMs: number
  /** Bridges made, the first included. */
  readonly bridgesMade: number
}

/** What a fault came to. Undefined where there is nothing to measure. */
export interface FaultReport extends FaultSpan {
  /** From its begin until the first living broker had noticed: its map changed. */
  readonly detectMs: number | undefined
  /** From its begin until every destination that could still be served was served again. */
  readonly rerouteMs: number | undefined
  /** From its end, or its begin if it has none, until nothing was late any more. */
  readonly recoverMs: number | undefined
}

/** Samples at equal times. */
export interface ReportSeries {
  /** Time of each sample. */
  readonly atMs: readonly number[]
  /** Messages a second, over the time since the sample before. */
  readonly accepted: readonly number[]
  readonly delivered: readonly number[]
  /** Of what was delivered since the sample before; NaN is written null. */
  readonly latencyP50Ms: readonly (number | null)[]
  readonly latencyMaxMs: readonly (number | null)[]
  /** Waiting messages by broker. */
  readonly backlog: Readonly<Record<string, readonly number[]>>
  /** Bytes a second over all bridges. */
  readonly bridgeBytes: readonly number[]
}

/** An expectation and what it met. */
export interface ExpectationReport {
  /** Such as 'lost is at most 0'. */
  readonly text: string
  readonly isMet: boolean
  readonly actual: number | undefined
  readonly where: string | undefined
}

/** A delivery later than this is counted as late. */
export const lateMs = 1_000

// What a run came to, as plain data: measured by those who watch a run, simulated or real, and
// shown as text, JSON or a page. Times are milliseconds since the network was at work, unless said.
// How each figure is measured is told to operators in docs/internals/report.md.

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
  /**
   * True if somebody ended it before its end: the report says what was until then, and what was on
   * its way counts as waiting. Left out otherwise.
   */
  readonly wasCalledOff?: boolean
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

/**
 * Counts of messages by what became of them. Each message of a queue has one fate; a message of a
 * topic has one for each subscription there was when it was taken. All but `late` add up to that.
 */
export interface Fates {
  /** Handed to a consumer at least once, and no dead letter in the end. */
  readonly delivered: number
  /** Delivered more than `lateMs` after it was sent. Part of `delivered`. */
  readonly late: number
  /** Delivered to nobody and still held at the end: queued, for a subscriber, a bridge, parked. */
  readonly waiting: number
  readonly expired: number
  /** Refused, or fit for no way on, and put into the dead-letter queue; even if read from there. */
  readonly deadLettered: number
  /**
   * Given up by a broker under a counted reason, such as no route within its patience; or, under
   * the reason 'not-known-yet', taken by a broker that had not heard of the subscription.
   */
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
  /** Deliveries to consumers, all copies; dead letters are not among them. */
  readonly deliveries: number
  readonly fates: Fates
  /** Reasons of `givenUp`, with counts, most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[]
  /** Deliveries of a queue's message beyond the first; of a topic's, to the same subscription. */
  readonly duplicates: number
  /**
   * Those of them not marked redelivered. Of all copies of a queue's message one may be without the
   * mark, whichever comes first.
   */
  readonly unmarkedDuplicates: number
  /** First deliveries, unmarked, to a session that had a later one of that producer already. */
  readonly outOfOrder: number
  /** From the time a broker took it to its first delivery. */
  readonly latencyMs: Percentiles
  /**
   * Longest time without any delivery while some message was due: taken, not delivered, and with no
   * reason not to come. Of a queue without consumers in the plan none is.
   */
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
  /**
   * Most that waited at a time, in queues, subscriptions, channels and parking, and when; with what
   * consumers had not acknowledged. Seen at samples.
   */
  readonly peakBacklog: number
  readonly peakBacklogAtMs: number
  /** The queue that held most of it; left out if no queue with a name held any. */
  readonly peakBacklogIn?: string
  readonly peakBacklogBytes: number
  /** Most bytes in its store. */
  readonly peakStoreBytes: number
  /** Waiting at the end. */
  readonly waiting: number
  /** Queues with something waiting at the end, deepest first; at most ten. */
  readonly waitingIn: readonly { readonly queue: string; readonly messages: number }[]
  /** Time it was down or had no bridge; of a broker without links, time it was down. */
  readonly downMs: number
}

/** A link between two brokers. */
export interface BridgeReport {
  readonly a: string
  readonly b: string
  readonly cost: number
  /** All that was sent, what was sent again included; control bytes count. */
  readonly messagesToB: number
  readonly messagesToA: number
  readonly bytesToB: number
  readonly bytesToA: number
  /** Time in which not both ends had a bridge, as they themselves saw it. */
  readonly downMs: number
  /** Bridges made, the first included, though it was made before the network was at work. */
  readonly bridgesMade: number
}

/** What a fault came to. Undefined where there is nothing to measure. */
export interface FaultReport extends FaultSpan {
  /**
   * From its begin until another broker took down a bridge to its broker; of several brokers, a
   * bridge between two of them or to a dead one. Undefined if none did until 10 s after its end.
   */
  readonly detectMs: number | undefined
  /**
   * From its begin until every flow (producer and queue, producer and subscriber of a topic) that
   * was served in the second before was served again with a message taken since. Flows it did not
   * delay are left out, and those that had no other way and were served only after its end.
   * Undefined if no flow is left.
   */
  readonly rerouteMs: number | undefined
  /**
   * From its end, or its begin if it has none, to the last late delivery of a message taken before
   * its end; 0 if none was late by then. Undefined if it never began, or has not ended.
   */
  readonly recoverMs: number | undefined
}

/** Samples at equal times, at most 400; the last may be sooner. */
export interface ReportSeries {
  /** Time of each sample: the end of its slice of time. */
  readonly atMs: readonly number[]
  /** Messages a second, over the time since the sample before; all copies. */
  readonly accepted: readonly number[]
  readonly delivered: readonly number[]
  /** Of first deliveries since the sample before; null if there were none. */
  readonly latencyP50Ms: readonly (number | null)[]
  readonly latencyMaxMs: readonly (number | null)[]
  /** Waiting messages by broker; the most of the slice, where slices were joined. */
  readonly backlog: Readonly<Record<string, readonly number[]>>
  /** Bytes a second over all bridges. */
  readonly bridgeBytes: readonly number[]
}

/** An expectation and what it met. */
export interface ExpectationReport {
  /** In the words of scenario files: 'latency-p99 is at most 500 ms'. */
  readonly text: string
  readonly isMet: boolean
  /** Undefined if it could not be measured. */
  readonly actual: number | undefined
  /** Of times; left out of counts and ratios. */
  readonly unit?: 'ms'
  readonly where: string | undefined
}

/** A delivery later than this is counted as late. */
export const lateMs = 1_000

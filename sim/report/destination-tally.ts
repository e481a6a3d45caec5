// The counts of one destination while a run goes on.

import type { MessageRecord } from '../workload/ledger.ts'
import type { Fate } from './fate.ts'
import { LatencyHistogram, rounded } from './latency-histogram.ts'
import { type DestinationReport, type Fates, lateMs } from './report.ts'

/** See the top of this file. Times are of the world. */
export class DestinationTally {
  /** '/queue/orders'. */
  readonly destination: string
  /** False for a queue that no consumer of the plan takes from. */
  readonly isAwaited: boolean
  readonly latency = new LatencyHistogram()
  accepted = 0
  deliveries = 0
  deliveredBytes = 0
  duplicates = 0
  unmarkedDuplicates = 0
  outOfOrder = 0
  private readonly fates: { -readonly [K in keyof Fates]: number } = {
    delivered: 0,
    late: 0,
    waiting: 0,
    expired: 0,
    deadLettered: 0,
    givenUp: 0,
    diedWithBroker: 0,
    subscriberLeft: 0,
    lost: 0
  }
  private readonly reasons = new Map<string, number>()
  /** Messages that somebody should get and has not got. */
  private due = 0
  private gapSinceMs = 0
  private longestGapMs = 0

  constructor(destination: string, isAwaited: boolean) {
    this.destination = destination
    this.isAwaited = isAwaited
  }

  /** Adds to a fate, or takes away again what turned out otherwise. */
  count({ kind, reason }: Fate, by: 1 | -1 = 1): void {
    this.fates[kind] += by
    if (kind === 'givenUp') this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + by)
  }

  /** The first delivery of a message to whom it was for. */
  countDelivered(latencyMs: number): void {
    this.fates.delivered += 1
    if (latencyMs > lateMs) this.fates.late += 1
  }

  /** A message that was delivered became a dead letter in the end, or was discarded. */
  countAfterDelivery(fate: Fate, wasLate: boolean): void {
    this.fates.delivered -= 1
    if (wasLate) this.fates.late -= 1
    this.count(fate)
  }

  /** One more message, or one less, should be with somebody soon. */
  changeDue(by: 1 | -1, nowMs: number): void {
    if (this.due === 0) this.gapSinceMs = nowMs
    this.due += by
  }

  /** Any delivery, of any copy; after {@link endGap}. */
  countDelivery(nowMs: number): void {
    this.deliveries += 1
    this.gapSinceMs = nowMs
  }

  /** Something comes, or the run is over. */
  endGap(nowMs: number): void {
    if (this.due > 0) this.longestGapMs = Math.max(this.longestGapMs, nowMs - this.gapSinceMs)
  }

  report(): DestinationReport {
    const reasons = [...this.reasons]
      .filter(([, count]) => count > 0)
      .map(([reason, count]) => ({ reason, count }))
      .sort((one, other) => other.count - one.count)
    return {
      destination: this.destination,
      accepted: this.accepted,
      deliveries: this.deliveries,
      fates: { ...this.fates },
      reasons,
      duplicates: this.duplicates,
      unmarkedDuplicates: this.unmarkedDuplicates,
      outOfOrder: this.outOfOrder,
      latencyMs: this.latency.percentiles(),
      longestGapMs: rounded(this.longestGapMs),
      deliveredBytes: this.deliveredBytes
    }
  }
}

/** A record's destination as clients write it. */
export function destinationOf({ kind, destination }: MessageRecord): string {
  return `/${kind}/${destination}`
}

// Read model of messages that were not delivered: how many, and why.

import { type NonDeliveryReason, nonDeliveryReasons } from '../broker/index.ts'

/** One reason that occurred since the broker's start. */
export interface NonDeliveryStatus {
  readonly reason: string
  /** What the reason means, for people. */
  readonly meaning: string
  readonly count: number
}

/** The part of the broker's counts that is read here. */
export interface NonDeliverySource {
  entries(): readonly (readonly [NonDeliveryReason, number])[]
}

/** The reasons that occurred, most frequent first. */
export function nonDeliveryStatus(counts: NonDeliverySource): NonDeliveryStatus[] {
  return counts
    .entries()
    .map(([reason, count]) => ({ reason, meaning: nonDeliveryReasons[reason], count }))
    .sort((a, b) => b.count - a.count)
}

// The connections of one load process, and what may be asked of them. The same groups run in a
// process of their own (load-process.ts) or, in tests, beside the caller. Invariant: a group is
// opened once and closed once, and its first failure is told to its owner.

import type { LatencyFigures } from './latency-samples.ts'
import type { SequenceCounts } from './sequence-check.ts'

/** What the broker said at the door. */
export interface Opened {
  /** The broker's `server` header, or ''. */
  readonly server: string
}

/** How many messages had come at one moment of the shared clock. */
export interface Mark {
  readonly received: number
  readonly atMs: number
}

/** What the producers of a run did. */
export interface ProducerReport {
  /** Messages sent per stream. */
  readonly sent: number[]
  /** Receipts asked for and not answered. */
  readonly receiptsOpen: number
  /** The furthest behind its due time that a steady-rate message was sent. */
  readonly lateMsMax: number
}

/** What the consumers of a run saw. */
export interface ConsumerReport extends SequenceCounts {
  readonly lost: number
  readonly latency: LatencyFigures | undefined
}

/** Runs each start, at most `concurrencyMax` at a time; rejects with the first failure. */
export async function inTurn(
  starts: ReadonlyArray<() => Promise<void>>,
  concurrencyMax: number
): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < starts.length) await starts[next++]!()
  }
  await Promise.all(Array.from({ length: concurrencyMax }, lane))
}

/** Waits in real time. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

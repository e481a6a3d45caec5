// Keeps latencies of one run, unsorted, in one array made beforehand, so that recording costs a
// store. It never estimates: percentiles are exact for what it kept. Invariant: what does not fit
// is counted and reported, not forgotten.

import { percentile } from '../statistics.ts'

/** Latencies of one run, in milliseconds. */
export interface LatencyFigures {
  readonly samples: number
  /** Samples there was no room for; anything but 0 makes the figures partial. */
  readonly dropped: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
}

/** Records up to `samplesMax` latencies. */
export class LatencySamples {
  private readonly valuesMs: Float64Array
  private count = 0
  private dropped = 0

  constructor(samplesMax: number) {
    this.valuesMs = new Float64Array(samplesMax)
  }

  record(latencyMs: number): void {
    if (this.count === this.valuesMs.length) this.dropped++
    else this.valuesMs[this.count++] = latencyMs
  }

  /** Undefined when nothing was recorded. */
  figures(): LatencyFigures | undefined {
    if (this.count === 0) return undefined
    const sorted = this.valuesMs.slice(0, this.count).sort()
    return {
      samples: this.count,
      dropped: this.dropped,
      p50Ms: percentile(sorted, 50),
      p90Ms: percentile(sorted, 90),
      p99Ms: percentile(sorted, 99),
      p999Ms: percentile(sorted, 99.9),
      maxMs: sorted[sorted.length - 1]!
    }
  }
}

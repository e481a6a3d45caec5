// Many times in little memory: counts in buckets whose bounds are two per cent apart, so what is
// read back is within one per cent of what was put in. The largest value is kept exactly.

import type { Percentiles } from './report.ts'

/** Bounds of neighbouring buckets; the middle of one is within a per cent of all in it. */
const growth = 1.02
const logGrowth = Math.log(growth)
/** All below is one bucket. */
const msMin = 0.01

/** See the top of this file. */
export class LatencyHistogram {
  private readonly buckets = new Map<number, number>()
  private total = 0
  private largest = 0

  get count(): number {
    return this.total
  }

  /** 0 if there is none. */
  get max(): number {
    return this.largest
  }

  /**
   * @param ms negative ones count as 0
   * @param bucket its bucket, for those who add it to several
   */
  add(ms: number, bucket = bucketOf(ms)): void {
    this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + 1)
    this.total += 1
    if (ms > this.largest) this.largest = ms
  }

  /** Adds all that another one holds. */
  merge(other: LatencyHistogram): void {
    for (const [bucket, count] of other.buckets) {
      this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + count)
    }
    this.total += other.total
    this.largest = Math.max(this.largest, other.largest)
  }

  /** The smallest time that `share` (0 to 1) of all do not exceed; 0 if there is none. */
  percentile(share: number): number {
    let left = Math.ceil(this.total * share)
    for (const bucket of [...this.buckets.keys()].sort((a, b) => a - b)) {
      left -= this.buckets.get(bucket)!
      if (left <= 0) return Math.min(middleOf(bucket), this.largest)
    }
    return 0
  }

  /** What a report says of them. */
  percentiles(): Percentiles {
    return {
      count: this.total,
      p50: rounded(this.percentile(0.5)),
      p99: rounded(this.percentile(0.99)),
      max: rounded(this.largest)
    }
  }
}

/** Which bucket a time belongs to. */
export function bucketOf(ms: number): number {
  return ms <= msMin ? -1 : Math.floor(Math.log(ms / msMin) / logGrowth)
}

/** Hundredths of a millisecond are as exact as reports are. */
export function rounded(ms: number): number {
  return Math.round(ms * 100) / 100
}

function middleOf(bucket: number): number {
  return bucket < 0 ? 0 : msMin * growth ** (bucket + 0.5)
}

// The few statistics the benchmark quotes. Pure functions over numbers. Invariant: nothing is
// interpolated away: every percentile is a value that was measured.

/** Median and range of one figure over the rounds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly rounds: number
}

/**
 * The nearest-rank percentile: the smallest value that at least `percent` per cent of the values do
 * not exceed.
 * @throws RangeError for no values, or a percent outside (0, 100]
 */
export function percentile(sorted: ArrayLike<number>, percent: number): number {
  if (sorted.length === 0) throw new RangeError('percentile of no values')
  if (!(percent > 0 && percent <= 100)) {
    throw new RangeError(`percent is ${percent}: give more than 0 and at most 100`)
  }
  // The product may exceed a whole number by a rounding error (99.9 % of 1,000 is not 1,000).
  const rank = Math.ceil((percent * sorted.length) / 100 - 1e-9)
  return sorted[Math.max(rank, 1) - 1]!
}

/**
 * The middle value; of an even number of values, the mean of the middle two.
 * @throws RangeError for no values
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('median of no values')
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[middle]!
  return (sorted[middle - 1]! + sorted[middle]!) / 2
}

/**
 * Median, least and greatest of the values.
 * @throws RangeError for no values
 */
export function spread(values: readonly number[]): Spread {
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    rounds: values.length
  }
}

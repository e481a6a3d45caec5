// What is shown of a long list: ten rows, those that tell most.

import { countText } from '../report/figure-text.ts'

/** Rows shown of a list. */
export const rowsMax = 10

/**
 * A list in its own order; of one that is too long the most telling, first those with the largest
 * first weight, among equals those with the largest second one, and so on.
 */
export function tellingRows<T>(
  all: readonly T[],
  weigh: (one: T) => readonly number[]
): readonly T[] {
  if (all.length <= rowsMax) return all
  const weighed = all.map((one) => ({ one, weights: weigh(one) }))
  weighed.sort((a, b) => {
    const at = a.weights.findIndex((weight, index) => weight !== b.weights[index])
    return at < 0 ? 0 : b.weights[at]! - a.weights[at]!
  })
  return weighed.slice(0, rowsMax).map(({ one }) => one)
}

/** '… and 190 more', if there are more than are shown. */
export function moreLines(count: number): string[] {
  return count > rowsMax ? [`… and ${countText(count - rowsMax)} more`] : []
}

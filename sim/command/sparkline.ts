// The course of a figure in one line of blocks.

const blocks = '▁▂▃▄▅▆▇█'

/**
 * At most `width` characters; the largest value is a full block, 0 the lowest, nothing known is
 * blank. A character that stands for several values shows their largest: what sticks out is what
 * one looks for.
 */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const columns = Math.min(width, values.length)
  const largest = Math.max(0, ...values.map((value) => value ?? 0))
  let line = ''
  for (let at = 0; at < columns; at += 1) {
    const known = spanOf(values, at, columns).filter((value) => value !== null)
    if (known.length === 0) line += ' '
    else {
      const share = largest === 0 ? 0 : Math.max(...known) / largest
      line += blocks[Math.ceil(share * (blocks.length - 1))]
    }
  }
  return line
}

/** The values that one of `columns` characters stands for. */
export function spanOf<T>(values: readonly T[], at: number, columns: number): readonly T[] {
  const from = Math.floor((at * values.length) / columns)
  const to = Math.floor(((at + 1) * values.length) / columns)
  return values.slice(from, to)
}

// A way through a network, short enough for a line.

/** Names shown at each end of a long way. */
const shownAtEnds = 4

/** The brokers of a way; of a long one only those at its ends. */
export function pathText(path: readonly string[]): string {
  const left = path.length - 2 * shownAtEnds
  if (left <= 1) return path.join(' ')
  const ends = [path.slice(0, shownAtEnds), path.slice(-shownAtEnds)].map((part) => part.join(' '))
  return ends.join(` … ${left} more … `)
}

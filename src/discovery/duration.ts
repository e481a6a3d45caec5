// Durations as people write them in topology files and discovery URIs: `200`, `200ms`, `5s`, `1m`,
// `1h`. A bare number is milliseconds, as in ActiveMQ. Whole numbers only, so that what was written
// and what is meant cannot differ by rounding.

/** What a duration looks like, for error messages. */
export const durationForm = 'a whole number with ms, s, m or h, such as 200ms or 5s'

/** Source of the regular expression every written duration matches. */
export const durationPattern = '^(\\d{1,12})(ms|s|m|h)?$'

const pattern = new RegExp(durationPattern)
const msPerUnit = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000]
])

/** The milliseconds of a written duration, or undefined when it is not one. */
export function parseDurationMs(text: string): number | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const ms = Number(match[1]) * msPerUnit.get(match[2] ?? 'ms')!
  return Number.isSafeInteger(ms) ? ms : undefined
}

/** A duration in the largest unit that writes it as a whole number: 5000 is '5s'. */
export function formatDurationMs(ms: number): string {
  let best = `${ms}ms`
  if (ms === 0) return best
  for (const [unit, size] of msPerUnit) if (ms % size === 0) best = `${ms / size}${unit}`
  return best
}

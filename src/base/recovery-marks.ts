// Coverage marks: counts how often each recovery branch was taken, so that whoever tests can say
// which were never. The counters are the process's, on purpose; see
// docs/decisions/0012-coverage-marks.md. The program only counts and never reads them: nothing it
// does depends on a mark.

import { type RecoveryMark, recoveryMarks } from './recovery-mark-table.ts'

/** How often marks were hit, without those that were not; plain data that survives a message. */
export type MarkCounts = readonly (readonly [name: RecoveryMark, count: number])[]

const names = Object.keys(recoveryMarks) as RecoveryMark[]
const places = new Map<string, number>(names.map((name, place) => [name, place]))
/** Numbers, not 32-bit integers: a nightly run counts past those. */
const counts = new Float64Array(names.length)

/** Counts one pass through a recovery branch. For rare branches only, never for every message. */
export function mark(name: RecoveryMark): void {
  counts[places.get(name)!]! += 1
}

/** The marks hit since the start or the last reset, in the order of the table. */
export function marksHit(): MarkCounts {
  return names.flatMap((name, place) => (counts[place] === 0 ? [] : [[name, counts[place]!]]))
}

/** The marks not hit, in the order of the table. */
export function marksNotHit(): RecoveryMark[] {
  return names.filter((_, place) => counts[place] === 0)
}

/**
 * Adds what another worker or process has hit to the counters of this one.
 * @throws RangeError for a name that is no mark, or a count that is no whole number from 0
 */
export function addMarkCounts(more: MarkCounts): void {
  for (const [name, count] of more) {
    if (!places.has(name)) throw new RangeError(`there is no recovery mark "${name}"`)
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`count ${count} of mark "${name}" is not a whole number from 0`)
    }
  }
  for (const [name, count] of more) counts[places.get(name)!]! += count
}

/** Sets all counters back to zero. */
export function resetMarks(): void {
  counts.fill(0)
}

// "Did you mean": the known name nearest to one that is not known. A name further off than a third
// of its letters is no help and is not offered.

import { closest, distance } from 'fastest-levenshtein'

/** Longer words are not compared: the cost is the product of the lengths. */
const lengthMax = 100

/** The known name within a third of `given`'s letters, whatever the case; else undefined. */
export function closestName(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || given.length === 0 || given.length > lengthMax) return undefined
  const lower = given.toLowerCase()
  const near = closest(
    lower,
    known.map((name) => name.toLowerCase())
  )
  const steps = distance(lower, near)
  if (steps >= given.length || steps > Math.ceil(given.length / 3)) return undefined
  return known.find((name) => name.toLowerCase() === near)
}

/** A suggestion for a word that is not known: the nearest known one, else all of them. */
export function suggestName(given: string, known: readonly string[]): string | undefined {
  const near = closestName(given, known)
  if (near !== undefined) return `did you mean "${near}"?`
  if (known.length === 0) return undefined
  const shown = known.slice(0, 20).join(', ')
  return known.length > 20 ? `known are ${shown}, ...` : `known are ${shown}`
}

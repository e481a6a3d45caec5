// Selectors as drawn workloads use them, by a few lines that have nothing in common with the code
// that ships: comparisons of a header with a text, lists of texts, NOT, AND, OR without brackets.
// Any other selector is none of its business.

const comparison = /^(\w+) (=|<>) '([^']*)'$/
const list = /^(\w+) (NOT )?IN \(('[^']*'(?:, '[^']*')*)\)$/

/** True if the oracle can read a selector. */
export function isTiny(selector: string): boolean {
  return selector.split(/ OR | AND /).every((term) => comparison.test(term) || list.test(term))
}

/**
 * Whether a selector takes a message with those headers.
 * @throws Error for a selector that is none of the forms above
 */
export function tinySelector(selector: string, headers: ReadonlyMap<string, string>): boolean {
  return selector
    .split(' OR ')
    .some((all) => all.split(' AND ').every((term) => holds(term, headers)))
}

function holds(term: string, headers: ReadonlyMap<string, string>): boolean {
  const compared = comparison.exec(term)
  if (compared !== null) {
    const value = headers.get(compared[1]!)
    // Where there is no value nothing can be said of it, neither that it is equal nor otherwise.
    if (value === undefined) return false
    return compared[2] === '=' ? value === compared[3] : value !== compared[3]
  }
  const listed = list.exec(term)
  if (listed === null) throw new Error(`the oracle cannot read the selector "${term}"`)
  const value = headers.get(listed[1]!)
  if (value === undefined) return false
  const values = listed[3]!.split(', ').map((text) => text.slice(1, -1))
  return values.includes(value) !== (listed[2] !== undefined)
}

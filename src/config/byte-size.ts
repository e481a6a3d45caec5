// Sizes as people write them: `4096`, `64KiB`, `16MiB`, `2GiB`. Only the binary units: a KB that is
// 1000 for one reader and 1024 for another is refused, with the spelling that was probably meant.

const bytesPerUnit = new Map([
  ['B', 1],
  ['KiB', 1_024],
  ['MiB', 1_048_576],
  ['GiB', 1_073_741_824]
])

/** Source of the regular expression every written size matches. */
export const byteSizePattern = '^(\\d{1,15})(B|KiB|MiB|GiB)?$'

const pattern = new RegExp(byteSizePattern)

/** The bytes of a written size, or undefined when it is not one. */
export function parseByteSize(text: string): number | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const bytes = Number(match[1]) * bytesPerUnit.get(match[2] ?? 'B')!
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** A size in the largest unit that writes it as a whole number: 65536 is '64KiB'. */
export function formatByteSize(bytes: number): string {
  let best = String(bytes)
  if (bytes === 0) return best
  for (const [unit, size] of bytesPerUnit) {
    if (size > 1 && bytes % size === 0) best = `${bytes / size}${unit}`
  }
  return best
}

/**
 * The right spelling of a size in a unit such as KB, m or gb; undefined when nothing is near,
 * or when it is right as it is.
 */
export function correctedByteSize(text: string): string | undefined {
  const match = /^(\d{1,15}) ?([kmg])(i?b)?$/i.exec(text)
  const corrected = match === null ? undefined : `${match[1]}${match[2]!.toUpperCase()}iB`
  return corrected === text ? undefined : corrected
}

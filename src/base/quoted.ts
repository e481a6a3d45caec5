// Quotes what others wrote in messages for people: one line, of a bounded length.

/**
 * `text` in quotes, cut after `lengthMax` UTF-16 units, line ends and control characters escaped.
 */
export function quoted(text: string, lengthMax = 100): string {
  return JSON.stringify(text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text)
}

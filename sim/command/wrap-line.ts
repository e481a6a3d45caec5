// Sentences that are longer than the terminal is wide.

const indent = '  '
/** Spaces, but not the one between a number and its unit. */
const breaks = / (?!(?:ms|s|m|h|B|[KMGT]iB|%)(?![\w]))/

/**
 * Breaks at spaces, never before a unit; lines after the first are indented. A word too long for a
 * line keeps one.
 */
export function wrapLine(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(breaks)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line === '' || longer.length <= width) line = longer
    else {
      lines.push(line)
      line = `${indent}${word}`
    }
  }
  return [...lines, line]
}

// Whether output may be coloured, and colours for names. NO_COLOR and FORCE_COLOR have the say, in
// that order (https://no-color.org); without them only a terminal is coloured.

const colourEnd = '\u001b[0m'
const nameColours = ['36', '33', '32', '35', '34', '31']

/** True if what goes to `stream` may be coloured. */
export function mayColour(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return stream.isTTY === true
}

/** `text` in the colour of the index-th name. */
export function inNameColour(text: string, index: number): string {
  return `\u001b[${nameColours[index % nameColours.length]}m${text}${colourEnd}`
}

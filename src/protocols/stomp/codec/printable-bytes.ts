// Shows bytes a peer sent in an error text or a log line: safe for any terminal, never long, and
// exact, so that an odd byte can be recognised.

/** The most bytes shown. */
const shownBytesMax = 100

/**
 * `bytes[start…end)` in double quotes, ASCII as it is and other bytes as \xNN, cut to 100 bytes.
 */
export function printableBytes(bytes: Buffer, start: number, end: number): string {
  const shownEnd = Math.min(end, start + shownBytesMax)
  let text = ''
  for (let at = start; at < shownEnd; at += 1) {
    const byte = bytes[at]!
    text += byte >= 32 && byte < 127 ? String.fromCharCode(byte) : printableByte(byte)
  }
  return shownEnd < end ? `"${text}…"` : `"${text}"`
}

/** One byte as \xNN. */
export function printableByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`
}

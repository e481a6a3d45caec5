// Escapes of header names and values [STOMP 1.2 Value Encoding]. 1.0 has none, 1.1 has \\ \n \c,
// and 1.2 adds \r. CONNECT and CONNECTED frames have none in any version, so that they can be read
// before a version is agreed on; callers name the version '1.0' for them.

/** A version of the protocol this codec speaks. */
export type StompVersion = '1.0' | '1.1' | '1.2'

const characterByLetter = new Map([
  ['n', '\n'],
  ['c', ':'],
  ['\\', '\\'],
  ['r', '\r']
])
const escapeByCharacter = new Map([
  ['\n', '\\n'],
  [':', '\\c'],
  ['\\', '\\\\'],
  ['\r', '\\r']
])

/**
 * Reads the escapes of one header name or value. What is no escape in that version stays as it is;
 * in frames from a {@link StompParser} there is no such thing, they are malformed there.
 */
export function unescapeValue(raw: string, version: StompVersion): string {
  if (version === '1.0' || !raw.includes('\\')) return raw
  const sequence = version === '1.1' ? /\\([nc\\])/g : /\\([ncr\\])/g
  return raw.replace(sequence, (_, letter: string) => characterByLetter.get(letter)!)
}

/**
 * Writes the escapes of one header name or value. In 1.0, which has none, the text comes back as it
 * is, and in 1.1 a CR does: whether it may stand there is for {@link encodeFrame} to say.
 */
export function escapeValue(text: string, version: StompVersion): string {
  if (version === '1.0' || !mayNeedEscape(text)) return text
  const special = version === '1.1' ? /[\\\n:]/g : /[\\\n\r:]/g
  return text.replace(special, (character) => escapeByCharacter.get(character)!)
}

/** Looks before anything is replaced: hardly any header needs it. */
function mayNeedEscape(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === backslash || code === colon || code === lineFeed || code === carriageReturn) {
      return true
    }
  }
  return false
}

/**
 * Where the first backslash stands in `bytes[start…end)` that begins no escape of `version`;
 * -1 if there is none. An escape cut off by `end` counts as undefined.
 */
export function findUndefinedEscape(
  bytes: Buffer,
  start: number,
  end: number,
  version: StompVersion
): number {
  if (version === '1.0') return -1
  for (let at = start; at < end; at += 1) {
    if (bytes[at] !== backslash) continue
    const letter = at + 1 < end ? bytes[at + 1]! : 0
    const isEscape =
      letter === letterN ||
      letter === letterC ||
      letter === backslash ||
      (letter === letterR && version === '1.2')
    if (!isEscape) return at
    at += 1
  }
  return -1
}

const backslash = 92
const colon = 58
const lineFeed = 10
const carriageReturn = 13
const letterC = 99
const letterN = 110
const letterR = 114

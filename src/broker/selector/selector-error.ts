// Makes the error of a selector that cannot be parsed. It never echoes more than a window of the
// text, on one line, so that a hostile selector can neither flood nor forge a log.

import { PostroadError } from '../../base/index.ts'

/** Characters of the text shown on each side of the fault. */
const shownEachSide = 40

/**
 * The error for a fault at `offset` (UTF-16 units) of `text`. Its message names the column in
 * characters, counted from 1, says `why`, and shows the text with a caret below the fault.
 */
export function selectorError(text: string, offset: number, why: string): PostroadError {
  const before = [...text.slice(0, offset)]
  const after = [...text.slice(offset)]
  const column = before.length + 1
  const isCutBefore = before.length > shownEachSide
  const isCutAfter = after.length > shownEachSide
  const lead = `${isCutBefore ? '…' : ''}${before.slice(-shownEachSide).join('')}`
  const tail = `${after.slice(0, shownEachSide).join('')}${isCutAfter ? '…' : ''}`
  const caret = `${' '.repeat([...lead].length)}^`
  return new PostroadError(
    'LOCAL_SELECTOR_INVALID',
    `selector, column ${column}: ${why}\n  ${onOneLine(lead + tail)}\n  ${caret}`,
    { column, why }
  )
}

function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
}

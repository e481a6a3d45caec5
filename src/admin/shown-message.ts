// What is shown of a message that somebody looks at: its headers, and how its body begins.

import { type Message, unescapeHeader } from '../broker/index.ts'

/** Bytes of a body that are shown. */
export const shownBodyBytesMax = 1_024
/** Bytes of headers and bodies that are shown in one answer. */
export const shownBytesMax = 1024 * 1024

/** A message's own words. */
export interface ShownContent {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly bodyBytes: number
  /** The body's first bytes as text. */
  readonly bodyStart: string
}

/** Headers and the beginning of the body. */
export function shownContent(message: Message): ShownContent {
  const { body, bodyStart, bodyEnd, bodyBytes } = message
  const shownEnd = Math.min(bodyEnd, bodyStart + shownBodyBytesMax)
  return {
    headers: headersOf(message),
    bodyBytes,
    bodyStart: body.toString('utf8', bodyStart, shownEnd)
  }
}

/** Bytes that showing it takes. */
export function shownBytes({ headersBytes, bodyBytes }: Message): number {
  return headersBytes + Math.min(bodyBytes, shownBodyBytesMax)
}

function headersOf({ headers, headersStart, headersEnd }: Message): [string, string][] {
  const lines = headers.toString('utf8', headersStart, headersEnd).split('\n')
  return lines.flatMap((line): [string, string][] => {
    const colon = line.indexOf(':')
    if (colon < 0) return []
    return [[unescapeHeader(line.slice(0, colon)), unescapeHeader(line.slice(colon + 1))]]
  })
}

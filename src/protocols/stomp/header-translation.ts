// A message's header lines for clients of older versions, which know fewer escapes or none. Rare:
// only lines that hold a backslash need it. Done once per message and version, however many
// subscribers there are.

import { type Message, unescapeHeader } from '../../broker/index.ts'
import { escapeValue, type StompVersion } from './codec/index.ts'

const backslash = 0x5c
const letterR = 0x72

/** What was written already; forgotten with its message. */
const written: Record<'1.0' | '1.1', WeakMap<Message, Buffer>> = {
  '1.0': new WeakMap(),
  '1.1': new WeakMap()
}

/**
 * The header lines as `version` writes them; undefined if that is as they stand. STOMP 1.1 knows no
 * \r and STOMP 1.0 no escape at all: what they cannot express (CR; for 1.0 also LF and a colon in a
 * name) becomes a space.
 */
export function headersForVersion(message: Message, version: StompVersion): Buffer | undefined {
  if (!message.hasEscapes || version === '1.2') return undefined
  if (version === '1.1' && !hasEscapedCarriageReturn(message)) return undefined
  const known = written[version].get(message)
  if (known !== undefined) return known
  const bytes = translate(message, version)
  written[version].set(message, bytes)
  return bytes
}

function hasEscapedCarriageReturn(message: Message): boolean {
  const { headers, headersEnd } = message
  for (let at = message.headersStart; at < headersEnd; at += 1) {
    if (headers[at] !== backslash) continue
    at += 1
    if (headers[at] === letterR) return true
  }
  return false
}

function translate(message: Message, version: '1.0' | '1.1'): Buffer {
  const text = message.headers.toString('utf8', message.headersStart, message.headersEnd)
  const lines: string[] = []
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon < 0) continue
    const name = unescapeHeader(line.slice(0, colon)).replaceAll('\r', ' ')
    const value = unescapeHeader(line.slice(colon + 1)).replaceAll('\r', ' ')
    if (version === '1.0') {
      lines.push(`${name.replace(/[\n:]/g, ' ')}:${value.replaceAll('\n', ' ')}\n`)
    } else {
      lines.push(`${escapeValue(name, version)}:${escapeValue(value, version)}\n`)
    }
  }
  return Buffer.from(lines.join(''))
}

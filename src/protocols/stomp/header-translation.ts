// A message's header lines for clients of older versions, which know fewer escapes or none. Rare:
// only lines that hold a backslash need it.

import { type Message, unescapeHeader } from '../../broker/index.ts'
import { escapeValue, type StompVersion } from './codec/index.ts'

/**
 * The header lines as `version` writes them. STOMP 1.1 knows no \r and STOMP 1.0 no escape at all:
 * what they cannot express (CR; for 1.0 also LF and a colon in a name) becomes a space.
 */
export function headersForVersion(message: Message, version: StompVersion): Buffer {
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

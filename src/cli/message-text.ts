// A received message as text for people, or as one line of JSON for programs.

import { isUtf8 } from 'node:buffer'
import type { ReceivedMessage } from '../client/index.ts'

/** What is printed of a message. */
export type ShownPart = 'headers' | 'body' | 'both' | 'none'

/** The text of a message, with its line's end; a body ends with exactly one more line feed. */
export function messageText(message: ReceivedMessage, show: ShownPart): string | Buffer {
  const headers = message.headers.map(([name, value]) => `${name}: ${value}\n`).join('')
  switch (show) {
    case 'none':
      return ''
    case 'headers':
      return `${headers}\n`
    case 'body':
      return Buffer.concat([message.body, lineFeed])
    case 'both':
      return Buffer.concat([Buffer.from(`${headers}\n`), message.body, lineFeed, lineFeed])
  }
}

/**
 * One line: destination, headers (of repeated ones the first) and the body, as base64 if binary.
 */
export function messageJson(message: ReceivedMessage): string {
  const headers = new Map<string, string>()
  for (const [name, value] of message.headers) if (!headers.has(name)) headers.set(name, value)
  const body = isUtf8(message.body)
    ? { body: message.body.toString('utf8') }
    : { bodyBase64: message.body.toString('base64') }
  const { destination, messageId } = message
  const json = { destination, messageId, headers: Object.fromEntries(headers), ...body }
  return `${JSON.stringify(json)}\n`
}

const lineFeed = Buffer.from('\n')

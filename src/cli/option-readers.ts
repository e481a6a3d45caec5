// Readers of option values for commander. A value that cannot be read ends the command with a
// sentence that names what was expected, and exit code 2.

import { InvalidArgumentError } from 'commander'
import { parseTransportUri, type TransportUri } from '../base/index.ts'
import { durationForm, parseDurationMs } from '../discovery/index.ts'

/** Reads a whole number within bounds. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`)
  }
}

/** Reads a duration such as 500ms, 5s or 2m, in milliseconds. */
export function duration(text: string): number {
  const ms = parseDurationMs(text)
  if (ms !== undefined && ms > 0) return ms
  throw new InvalidArgumentError(`Expected ${durationForm}.`)
}

/** Reads a STOMP URI. */
export function stompUri(text: string): TransportUri {
  const uri = /^stomp(\+ws)?:/.test(text) ? readUri(text) : undefined
  if (uri !== undefined && uri.port > 0) return uri
  const forms = 'stomp://host:port or stomp+ws://host:port/path'
  throw new InvalidArgumentError(`Expected ${forms}, such as stomp://127.0.0.1:61613.`)
}

/** Reads one `name:value` and adds it to those given before. */
export function header(
  text: string,
  before: readonly (readonly [string, string])[] = []
): readonly (readonly [string, string])[] {
  const colon = text.indexOf(':')
  if (colon > 0) return [...before, [text.slice(0, colon), text.slice(colon + 1)]]
  throw new InvalidArgumentError('Expected name:value, such as region:eu.')
}

/** Reads one `name=value`, or `name:value`, and adds it to those given before. */
export function pair(
  text: string,
  before: readonly (readonly [string, string])[] = []
): readonly (readonly [string, string])[] {
  const split = /^([^=:]+)[=:](.*)$/s.exec(text)
  if (split !== null) return [...before, [split[1]!, split[2]!]]
  throw new InvalidArgumentError('Expected name=value, such as region=eu.')
}

function readUri(text: string): TransportUri | undefined {
  try {
    return parseTransportUri(text)
  } catch {
    return undefined
  }
}

// The question where a message would go, read from a request that is JSON already. The outcome is a
// request, or a sentence that says what is wrong with it.

import { messageOf } from '../base/index.ts'
import { checkDestinationName } from '../broker/index.ts'

/** A request to explain where a message published here would go. */
export interface ExplainRequest {
  readonly command: 'explain'
  readonly kind: 'queue' | 'topic'
  /** Of the destination, without its kind. */
  readonly name: string
  readonly headers: readonly (readonly [name: string, value: string])[]
}

const headersMax = 100
const example = '{"command":"explain","destination":"/queue/orders","headers":{"region":"eu"}}'

/** Reads a request; the answer is a sentence if something is wrong with it. */
export function readExplainRequest(
  json: Readonly<Record<string, unknown>>
): ExplainRequest | string {
  const { destination, headers = {} } = json
  const split =
    typeof destination === 'string' ? /^\/(queue|topic)\/(.*)$/s.exec(destination) : null
  if (split === null) {
    return `destination ${shown(destination)} must be a queue or a topic, as in ${example}`
  }
  const kind = split[1] as 'queue' | 'topic'
  const name = split[2]!
  try {
    checkDestinationName(name, false)
  } catch (error) {
    return `destination ${shown(destination)}: ${messageOf(error)}`
  }
  if (!isHeaders(headers)) {
    const rule = `must map at most ${headersMax} names to texts`
    return `headers ${shown(headers)} ${rule}, as in ${example}`
  }
  return { command: 'explain', kind, name, headers: Object.entries(headers) }
}

function isHeaders(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const texts = Object.values(value)
  return texts.length <= headersMax && texts.every((text) => typeof text === 'string')
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 100)
}

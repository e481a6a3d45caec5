// Which messages a consumer's selector takes, told from the producers' plans: the headers a message
// of that number has, put to the selector code that ships. Nothing of a running broker is asked.

import {
  Destination,
  escapeHeader,
  Message,
  type MessageFilter,
  messageOrigin,
  selectorFilter
} from '../../src/broker/index.ts'
import type { ProducerPlan } from '../plan/index.ts'

/** Application headers by name. */
export type MessageHeaders = ReadonlyMap<string, string>

const noHeaders: MessageHeaders = new Map()
const filters = new Map<string, MessageFilter>()
const origin = messageOrigin('selection', 1)
const nowhere = new Destination('queue', 'selection')

/** The application headers of a producer's message of that number. */
export function headersOf(plan: ProducerPlan | undefined, number: number): MessageHeaders {
  if (plan?.headers === undefined) return noHeaders
  const headers = new Map<string, string>()
  for (const [name, values] of Object.entries(plan.headers)) {
    const value = values[number % values.length]
    if (value !== undefined) headers.set(name, value)
  }
  return headers
}

/** True if a selector takes a message with those headers; no selector takes every message. */
export function selects(selector: string | undefined, headers: MessageHeaders): boolean {
  if (selector === undefined) return true
  let filter = filters.get(selector)
  if (filter === undefined) {
    filter = selectorFilter(selector)
    filters.set(selector, filter)
  }
  return filter.matches(messageWith(headers))
}

function messageWith(headers: MessageHeaders): Message {
  const message = new Message(nowhere, origin, 1)
  const lines = [...headers].map(
    ([name, value]) => `${escapeHeader(name)}:${escapeHeader(value)}\n`
  )
  message.headers = Buffer.from(lines.join(''))
  message.headersEnd = message.headers.length
  return message
}

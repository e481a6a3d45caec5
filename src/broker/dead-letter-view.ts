// What a dead letter says of itself, read back from its headers. Anybody may send to a dead-letter
// queue: nothing is taken for granted.

import { isPostroadError } from '../base/index.ts'
import { deadLetterHeaders, isDeadLetterQueueName } from './dead-letters.ts'
import type { Destination, DestinationTable } from './destination.ts'
import type { Message } from './message.ts'

/** A letter's own words; undefined where it says nothing. */
export interface DeadLetterView {
  readonly reason: string | undefined
  readonly text: string | undefined
  /** As STOMP writes it: /queue/orders. */
  readonly destination: string | undefined
  readonly messageId: string | undefined
  readonly redeliveries: string | undefined
  /** ISO 8601. */
  readonly time: string | undefined
  readonly broker: string | undefined
  readonly path: string | undefined
}

/** Reads what a letter says of the failure. */
export function deadLetterView(letter: Message): DeadLetterView {
  const names = deadLetterHeaders
  return {
    reason: letter.header(names.reason),
    text: letter.header(names.text),
    destination: letter.header(names.destination),
    messageId: letter.header(names.messageId),
    redeliveries: letter.header(names.redeliveries),
    time: letter.header(names.time),
    broker: letter.header(names.broker),
    path: letter.header(names.path)
  }
}

/**
 * Where the letter was before it failed; undefined if it does not say, or if there is no way back:
 * to a temporary queue, or to a dead-letter queue.
 */
export function formerDestination(
  letter: Message,
  destinations: DestinationTable
): Destination | undefined {
  const written = letter.header(deadLetterHeaders.destination)
  const match = /^\/(queue|topic)\/(.+)$/s.exec(written ?? '')
  if (match === null) return undefined
  const [, kind, name] = match
  if (kind === 'queue' && isDeadLetterQueueName(name!)) return undefined
  try {
    return destinations.get(kind as 'queue' | 'topic', name!)
  } catch (error) {
    if (isPostroadError(error)) return undefined
    throw error
  }
}

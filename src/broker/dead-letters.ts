// Messages their consumers refused too often: they go to the queue `DLQ` as new messages that carry
// the old body and headers, and say where they were and why they are here.

import { escapeHeader, type Message } from './message.ts'

/** Name of the shared dead-letter queue. */
export const deadLetterQueueName = 'DLQ'

/** Fills `letter`, a fresh message for the dead-letter queue, from the message that failed. */
export function fillDeadLetter(letter: Message, failed: Message, reason: string): void {
  const facts: readonly [string, string][] = [
    ['dead-letter-reason', reason],
    ['dead-letter-destination', `/${failed.destination.kind}/${failed.destination.name}`],
    ['dead-letter-message-id', failed.id]
  ]
  const lines = facts.map(([name, value]) => `${name}:${escapeHeader(value)}\n`).join('')
  letter.headers = Buffer.concat([
    Buffer.from(lines),
    failed.headers.subarray(failed.headersStart, failed.headersEnd)
  ])
  letter.headersEnd = letter.headers.length
  letter.hasEscapes = letter.headers.includes(0x5c)
  letter.isPersistent = failed.isPersistent
  letter.priority = failed.priority
  letter.body = failed.body
  letter.bodyStart = failed.bodyStart
  letter.bodyEnd = failed.bodyEnd
}

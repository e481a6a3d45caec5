// Messages that are not delivered go to a dead-letter queue as new messages that carry the old body
// and headers, and say where they were and why they are here. The other way as well: what a letter
// was before it failed. Queues called `DLQ` or `DLQ.…` are dead-letter queues, whoever sends there.
// Invariant: nothing in a dead-letter queue becomes a dead letter again.

import { isoTime } from '../base/index.ts'
import { type Destination, destinationNameBytesMax } from './destination.ts'
import { reservedPrefix } from './destination-pattern.ts'
import { escapeHeader, type Message } from './message.ts'
import type { DeadLetterRules } from './redelivery-policy.ts'

/** Name of the shared dead-letter queue. */
export const deadLetterQueueName = 'DLQ'
const ownPrefix = `${deadLetterQueueName}.`
/** Letters on their way to another broker are in a queue that only that broker consumes. */
const travellingPrefix = `${reservedPrefix}letters.`

/** Why a message became a dead letter. */
export const deadLetterCodes = [
  'refused',
  'connection-lost',
  'expired',
  'too-large',
  'rejected',
  'no-room'
] as const

/** One of the codes above. */
export type DeadLetterCode = (typeof deadLetterCodes)[number]

/** What a letter says of the failure. */
export interface DeadLetterCause {
  readonly code: DeadLetterCode
  /** The same in words, such as 'refused 3 times'. */
  readonly text: string
  /** Deliveries after the first; undefined if they were not counted. */
  readonly redeliveries?: number
}

/** What a letter is filled from. */
export interface DeadLetterFacts extends DeadLetterCause {
  readonly failed: Message
  /** The broker that makes the letter. */
  readonly broker: string
  readonly wallMs: number
  /** For a letter that goes to another broker: the queue it is for there. */
  readonly queue?: string | undefined
}

/** Headers of a letter; all begin so, and what else it has is from the message that failed. */
const headerPrefix = 'dead-letter-'
/** Names of the headers that tell of the failure. */
export const deadLetterHeaders = {
  reason: `${headerPrefix}reason`,
  text: `${headerPrefix}text`,
  destination: `${headerPrefix}destination`,
  messageId: `${headerPrefix}message-id`,
  redeliveries: `${headerPrefix}redeliveries`,
  time: `${headerPrefix}time`,
  broker: `${headerPrefix}broker`,
  path: `${headerPrefix}path`,
  /** Of a letter for another broker: its queue there. */
  queue: `${headerPrefix}queue`
} as const

/** True for the shared dead-letter queue, those of one destination, and letters on their way. */
export function isDeadLetterQueue({ kind, name }: Destination): boolean {
  return kind === 'queue' && isDeadLetterQueueName(name)
}

/** As above, of a queue's name. */
export function isDeadLetterQueueName(name: string): boolean {
  return name === deadLetterQueueName || name.startsWith(ownPrefix) || isTravellingQueueName(name)
}

/** True for queues of letters that are on their way to another broker. */
export function isTravellingQueueName(name: string): boolean {
  return name.startsWith(travellingPrefix)
}

/** The queue of letters on their way to a broker. */
export function travellingQueueName(broker: string): string {
  return `${travellingPrefix}${broker}`
}

/** The queue a letter that has come from another broker is for. */
export function queueOfTravelled(letter: Message): string {
  const name = letter.header(deadLetterHeaders.queue) ?? ''
  return name.startsWith(ownPrefix) ? name : deadLetterQueueName
}

/** The broker that is to keep letters of a message; undefined for the one that makes them. */
export function keeperOf(failed: Message, { broker }: DeadLetterRules): string | undefined {
  return broker === 'origin' ? failed.origin.broker : broker
}

/**
 * Name of the queue for dead letters of a destination; undefined where there is to be none.
 * Temporary queues have none of their own: their names are many, and are never used again.
 */
export function deadLetterQueueOf(
  { kind, name }: Destination,
  { queue }: DeadLetterRules,
  code: DeadLetterCode
): string | undefined {
  // What no broker could keep or carry is nobody's refusal: it is never thrown away.
  const isByConsumers = code === 'refused' || code === 'connection-lost' || code === 'expired'
  if (queue === 'none' && isByConsumers) return undefined
  const own = `${ownPrefix}${name}`
  const isOwn = queue === 'own' && kind !== 'temp-queue'
  return isOwn && Buffer.byteLength(own) <= destinationNameBytesMax ? own : deadLetterQueueName
}

/** Fills `letter`, a fresh message for a dead-letter queue, from the message that failed. */
export function fillDeadLetter(letter: Message, facts: DeadLetterFacts): void {
  const { failed, code, text, redeliveries, broker, wallMs, queue } = facts
  const { kind, name } = failed.destination
  const names = deadLetterHeaders
  const lines: [string, string][] = [
    [names.reason, code],
    [names.text, text],
    [names.destination, `/${kind}/${name}`],
    [names.messageId, failed.id]
  ]
  if (redeliveries !== undefined) lines.push([names.redeliveries, String(redeliveries)])
  lines.push(
    [names.time, isoTime(wallMs)],
    [names.broker, broker],
    [names.path, [...failed.brokerPath, broker].join(' ')]
  )
  if (queue !== undefined) lines.push([names.queue, queue])
  const written = lines.map(([header, value]) => `${header}:${escapeHeader(value)}\n`).join('')
  copyContent(letter, failed, Buffer.from(written), failed.headersStart)
}

/** Fills `message` with what the letter was before it failed. */
export function fillFromDeadLetter(message: Message, letter: Message): void {
  copyContent(message, letter, Buffer.alloc(0), ownHeadersStart(letter))
}

/** Fills `kept` with a letter that has come from another broker, as it is. */
export function fillFromTravelled(kept: Message, letter: Message): void {
  copyContent(kept, letter, Buffer.alloc(0), letter.headersStart)
}

/** Where the headers of the message that failed begin: those of the letter come before. */
function ownHeadersStart({ headers, headersStart, headersEnd }: Message): number {
  let at = headersStart
  while (
    at < headersEnd &&
    headers.toString('latin1', at, at + headerPrefix.length) === headerPrefix
  ) {
    const lineEnd = headers.indexOf(0x0a, at)
    if (lineEnd < 0 || lineEnd >= headersEnd) return headersEnd
    at = lineEnd + 1
  }
  return at
}

function copyContent(to: Message, from: Message, lines: Buffer, headersStart: number): void {
  to.headers = Buffer.concat([lines, from.headers.subarray(headersStart, from.headersEnd)])
  to.headersEnd = to.headers.length
  to.hasEscapes = to.headers.includes(0x5c)
  to.isPersistent = from.isPersistent
  to.priority = from.priority
  to.body = from.body
  to.bodyStart = from.bodyStart
  to.bodyEnd = from.bodyEnd
}

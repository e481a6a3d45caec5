// One message of a store as a record of JSON, and back: what `store export` writes and `store
// import` reads. Nothing of a message is lost on the way but its place in the queue.

import { isUtf8 } from 'node:buffer'
import * as z from 'zod'
import {
  type DestinationTable,
  escapeHeader,
  Message,
  messageOrigin,
  readStoredMessage,
  storableMessage,
  unescapeHeader
} from '../../broker/index.ts'
import { isTransferLog, parkedQueueName, readTransfer } from '../../network/index.ts'
import type { Clock, StorableMessage } from '../../ports/index.ts'

const count = z.int().min(0)

/** A message as a record. */
export const messageRecordSchema = z.strictObject({
  /** Queue of the store; for a topic's durable subscription not that of the destination. */
  queue: z.string().min(1),
  /** Where it was in its queue; for people, not read back. */
  sequence: z.int(),
  destination: z.strictObject({ kind: z.enum(['queue', 'topic', 'temp-queue']), name: z.string() }),
  origin: z.strictObject({ broker: z.string().min(1), incarnation: count, sequence: count }),
  isPersistent: z.boolean(),
  isRedelivered: z.boolean(),
  isMaybeDuplicate: z.boolean().optional(),
  /** Brokers crossed, oldest first. */
  brokerPath: z.array(z.string()).optional(),
  /** Of a message on its way to other brokers: those it is for. */
  targets: z.array(z.string()).optional(),
  priority: z.int().min(0).max(9),
  redirects: z.int().min(0).max(255),
  /** Wall time in milliseconds; 0 for never. */
  expiresMs: z.number().min(0),
  headers: z.array(z.tuple([z.string(), z.string()])).optional(),
  /** Instead of `headers` where those lines are not what they would be written as. */
  headersBase64: z.base64().optional(),
  body: z.string().optional(),
  /** Instead of `body` where that is no text. */
  bodyBase64: z.base64().optional()
})

/** See {@link messageRecordSchema}. */
export type MessageRecord = z.infer<typeof messageRecordSchema>

/** Monotonic time is wall time here: messages keep when they expire as it was stored. */
const wallClock: Clock = {
  monotonicMs: () => 0,
  wallMs: () => 0,
  schedule: () => () => {},
  endOfTurn: () => {}
}

/** A message read back, and where it was going if it was on its way. */
export interface DecodedMessage {
  readonly message: Message
  readonly targets: readonly string[] | undefined
}

/**
 * Reads a message of a queue of the store.
 * @throws whatever reading meets: the bytes may be damaged
 */
export function decodeMessage(
  queue: string,
  bytes: Buffer,
  destinations: DestinationTable
): DecodedMessage {
  const decoded = isTransferLog(queue)
    ? readTransfer(bytes, destinations, wallClock)
    : { message: readStoredMessage(bytes, destinations, wallClock), targets: undefined }
  const { message } = decoded
  if (message.headersEnd > message.bodyEnd) {
    throw new Error('its headers are longer than the message')
  }
  return decoded
}

/** A stored message as a record. */
export function messageRecord(
  queue: string,
  sequence: number,
  { message, targets }: DecodedMessage
): MessageRecord {
  const { destination, origin, brokerPath, isMaybeDuplicate } = message
  const headers = message.headers.subarray(message.headersStart, message.headersEnd)
  const body = message.body.subarray(message.bodyStart, message.bodyEnd)
  return {
    queue,
    sequence,
    destination: { kind: destination.kind, name: destination.name },
    origin: {
      broker: origin.broker,
      incarnation: origin.incarnation,
      sequence: message.sequence
    },
    isPersistent: message.isPersistent,
    isRedelivered: message.isRedelivered,
    ...(isMaybeDuplicate ? { isMaybeDuplicate } : {}),
    ...(brokerPath.length > 0 ? { brokerPath: [...brokerPath] } : {}),
    ...(targets === undefined ? {} : { targets: [...targets] }),
    priority: message.priority,
    redirects: message.redirects,
    expiresMs: message.expiresAtMs,
    ...headersRecord(headers),
    ...(isUtf8(body) ? { body: body.toString() } : { bodyBase64: body.toString('base64') })
  }
}

/** A message that can be stored, and the queues of the store for it. */
export interface StorableRecord {
  /** One, but for what was on its way to several brokers. */
  readonly queues: readonly string[]
  readonly storable: StorableMessage
}

/**
 * A record as a message that can be stored. What was on its way to other brokers starts anew: a
 * queue's message from its queue, another from what is parked for each of
 * its targets.
 * @throws PostroadError LOCAL_DESTINATION_INVALID for a destination no broker would take
 */
export function recordMessage(
  record: MessageRecord,
  destinations: DestinationTable
): StorableRecord {
  const message = messageOf(record, destinations)
  const { queue, targets } = record
  const storable = storableMessage(message, wallClock)
  if (targets === undefined) return { queues: [queue], storable }
  // Nobody can tell whether its target has it.
  message.isMaybeDuplicate = true
  message.isRedelivered = true
  const { kind, name } = message.destination
  return { queues: kind === 'queue' ? [name] : targets.map(parkedQueueName), storable }
}

function messageOf(record: MessageRecord, destinations: DestinationTable): Message {
  const { destination, origin } = record
  const message = new Message(
    destinations.get(destination.kind, destination.name),
    messageOrigin(origin.broker, origin.incarnation),
    origin.sequence
  )
  message.isPersistent = record.isPersistent
  message.isRedelivered = record.isRedelivered
  message.isMaybeDuplicate = record.isMaybeDuplicate ?? false
  message.brokerPath = record.brokerPath ?? []
  message.priority = record.priority
  message.redirects = record.redirects
  message.expiresAtMs = record.expiresMs
  const { headersBase64, bodyBase64 } = record
  message.headers =
    headersBase64 === undefined
      ? encodeHeaders(record.headers ?? [])
      : Buffer.from(headersBase64, 'base64')
  message.headersEnd = message.headers.length
  message.hasEscapes = message.headers.includes(0x5c)
  message.body =
    bodyBase64 === undefined ? Buffer.from(record.body ?? '') : Buffer.from(bodyBase64, 'base64')
  message.bodyEnd = message.body.length
  return message
}

function headersRecord(bytes: Buffer): Pick<MessageRecord, 'headers' | 'headersBase64'> {
  const headers = bytes
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [unescapeHeader(line.slice(0, colon)), unescapeHeader(line.slice(colon + 1))]
    })
  // A repeated escape, or a line of an older protocol, might be written in another way.
  if (encodeHeaders(headers).equals(bytes)) return { headers }
  return { headersBase64: bytes.toString('base64') }
}

function encodeHeaders(headers: readonly (readonly [string, string])[]): Buffer {
  const lines = headers.map(([name, value]) => `${escapeHeader(name)}:${escapeHeader(value)}\n`)
  return Buffer.from(lines.join(''))
}

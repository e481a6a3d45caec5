// What may be asked about dead letters, read from a request that is JSON already. The outcome is a
// request, or a sentence that says what is wrong with it.

import { deadLetterCodes, deadLetterQueueName, isDeadLetterQueueName } from '../broker/index.ts'

/** What can be done with dead letters. */
export const deadLetterActions = ['list', 'show', 'count', 'retry', 'purge'] as const

/** One of the actions above. */
export type DeadLetterAction = (typeof deadLetterActions)[number]

/** Which letters; all of the queue where nothing is said. */
export interface DeadLetterChoice {
  /** Of the letter, or of the message it was. */
  readonly ids?: readonly string[]
  readonly reason?: string
  /** As STOMP writes it: /queue/orders. */
  readonly destination?: string
}

/** A request about dead letters. */
export interface DeadLetterRequest {
  readonly command: 'dead-letters'
  readonly action: DeadLetterAction
  /** Undefined with `list` only. */
  readonly queue: string
  readonly choice: DeadLetterChoice
  /** Letters shown or moved, at most. */
  readonly limit: number
}

const limits: Readonly<Record<DeadLetterAction, number>> = {
  list: 1_000,
  show: 1_000,
  count: 1,
  retry: 10_000,
  purge: 10_000
}
const idsMax = 1_000
const example = '{"command":"dead-letters","action":"list"}'

/** Reads a request; the answer is a sentence if something is wrong with it. */
export function readDeadLetterRequest(
  json: Readonly<Record<string, unknown>>
): DeadLetterRequest | string {
  const action = deadLetterActions.find((name) => name === json.action)
  if (action === undefined) {
    const known = deadLetterActions.join(', ')
    return `action ${shown(json.action)} is unknown; known are ${known}, as in ${example}`
  }
  const { queue = deadLetterQueueName, limit = limits[action] } = json
  if (typeof queue !== 'string' || !isDeadLetterQueueName(queue)) {
    return `queue ${shown(queue)} is no dead-letter queue; those are DLQ and DLQ.<destination>`
  }
  const limitMax = limits[action]
  const isLimit = typeof limit === 'number' && Number.isInteger(limit)
  if (!isLimit || limit < 1 || limit > limitMax) {
    return `limit ${shown(limit)} must be a whole number from 1 to ${limitMax}`
  }
  const choice = readChoice(json)
  if (typeof choice === 'string') return choice
  return { command: 'dead-letters', action, queue, choice, limit }
}

function readChoice(json: Readonly<Record<string, unknown>>): DeadLetterChoice | string {
  const { ids, reason, destination } = json
  if (ids !== undefined && !isTextList(ids)) {
    return `ids ${shown(ids)} must be a list of 1 to ${idsMax} message ids`
  }
  if (reason !== undefined && !deadLetterCodes.some((code) => code === reason)) {
    return `reason ${shown(reason)} is unknown; known are ${deadLetterCodes.join(', ')}`
  }
  if (destination !== undefined && !isDestination(destination)) {
    return `destination ${shown(destination)} must be such as /queue/orders or /topic/prices`
  }
  return {
    ...(ids === undefined ? {} : { ids: ids as readonly string[] }),
    ...(reason === undefined ? {} : { reason: reason as string }),
    ...(destination === undefined ? {} : { destination })
  }
}

function isTextList(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > idsMax) return false
  return value.every((item) => typeof item === 'string')
}

function isDestination(value: unknown): value is string {
  return typeof value === 'string' && /^\/(queue|topic|temp-queue)\/./.test(value)
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 100)
}

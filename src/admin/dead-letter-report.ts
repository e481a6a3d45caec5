// Read models of dead letters: which queues hold some, and what the letters say. Nothing here takes
// a message out of its queue.

import {
  type Broker,
  type DeadLetterView,
  deadLetterHeaders,
  deadLetterView,
  formerDestination,
  isDeadLetterQueueName,
  type Message,
  type Queue
} from '../broker/index.ts'
import type { DeadLetterChoice } from './dead-letter-request.ts'
import { type ShownContent, shownBytes, shownBytesMax, shownContent } from './shown-message.ts'

/** One dead-letter queue. */
export interface DeadLetterQueueStatus {
  readonly queue: string
  /** Letters that wait. */
  readonly waiting: number
  /** Letters with consumers, not acknowledged. */
  readonly delivered: number
  readonly bytes: number
  /** Consumers of this broker. */
  readonly consumers: number
  /** The letter that waits first; null if none does. */
  readonly oldest: DeadLetterView | null
}

/** All dead-letter queues of one broker that hold something, fullest first. */
export interface DeadLetterQueues {
  readonly broker: string
  readonly queues: readonly DeadLetterQueueStatus[]
  /** Queues that are left out because there are too many. */
  readonly left: number
}

/** A letter, for somebody to look at. */
export interface ShownLetter extends DeadLetterView, ShownContent {
  readonly id: string
  readonly queue: string
  readonly isPersistent: boolean
}

/** Some letters of one queue. */
export interface ShownLetters {
  readonly broker: string
  readonly letters: readonly ShownLetter[]
  /** True if there may be more: the limit was reached, or only so many were looked at. */
  readonly isCut: boolean
}

/** How many letters are meant. */
export interface LetterCount {
  readonly broker: string
  readonly matching: number
  /** Of those, letters that cannot go back to where they were. */
  readonly stuck: number
  /** By former destination; '' for those that do not say. */
  readonly byDestination: readonly (readonly [destination: string, count: number])[]
  /** True if only so many letters of the queue were looked at, and there may be more. */
  readonly isCut: boolean
}

/** Letters looked at for one request. */
const searchedMax = 100_000
const destinationsMax = 1_000

/** Dead-letter queues that hold something. */
export function deadLetterQueues(broker: Broker, limit: number): DeadLetterQueues {
  const found = [...broker.queues.named()].filter(
    ({ name, held }) => held > 0 && isDeadLetterQueueName(name)
  )
  found.sort((a, b) => b.held - a.held || (a.name < b.name ? -1 : 1))
  const queues = found.slice(0, limit).map((queue): DeadLetterQueueStatus => {
    const oldest = queue.browse().next().value as Message | undefined
    return {
      queue: queue.name,
      waiting: queue.waiting,
      delivered: queue.delivered,
      bytes: queue.heldBytes,
      consumers: queue.consumers.local.length,
      oldest: oldest === undefined ? null : deadLetterView(oldest)
    }
  })
  return { broker: broker.identity.name, queues, left: found.length - queues.length }
}

/** True for the letters of a choice. */
export function isChosen(choice: DeadLetterChoice, letter: Message): boolean {
  const { ids, reason, destination } = choice
  const names = deadLetterHeaders
  if (reason !== undefined && letter.header(names.reason) !== reason) return false
  if (destination !== undefined && letter.header(names.destination) !== destination) return false
  if (ids === undefined) return true
  return ids.includes(letter.id) || ids.includes(letter.header(names.messageId) ?? '')
}

/** Letters of a choice, oldest first. */
export function shownLetters(
  broker: Broker,
  queue: Queue | undefined,
  { choice, limit }: { readonly choice: DeadLetterChoice; readonly limit: number }
): ShownLetters {
  const letters: ShownLetter[] = []
  let searched = 0
  let bytes = 0
  let isCut = false
  for (const letter of queue?.browse() ?? []) {
    if (letters.length >= limit || searched >= searchedMax || bytes >= shownBytesMax) {
      isCut = true
      break
    }
    searched += 1
    if (!isChosen(choice, letter)) continue
    bytes += shownBytes(letter)
    letters.push(shownLetter(letter))
  }
  return { broker: broker.identity.name, letters, isCut }
}

/** Counts the letters of a choice. */
export function countLetters(
  broker: Broker,
  queue: Queue | undefined,
  choice: DeadLetterChoice
): LetterCount {
  const byDestination = new Map<string, number>()
  let matching = 0
  let stuck = 0
  let searched = 0
  let isCut = false
  for (const letter of queue?.browse() ?? []) {
    if (searched >= searchedMax) {
      isCut = true
      break
    }
    searched += 1
    if (!isChosen(choice, letter)) continue
    matching += 1
    if (formerDestination(letter, broker.destinations) === undefined) stuck += 1
    const was = letter.header(deadLetterHeaders.destination) ?? ''
    byDestination.set(was, (byDestination.get(was) ?? 0) + 1)
  }
  const sorted = [...byDestination].sort((a, b) => b[1] - a[1]).slice(0, destinationsMax)
  return { broker: broker.identity.name, matching, stuck, byDestination: sorted, isCut }
}

function shownLetter(letter: Message): ShownLetter {
  const told = new Set<string>(Object.values(deadLetterHeaders))
  const content = shownContent(letter)
  return {
    id: letter.id,
    queue: letter.destination.name,
    isPersistent: letter.isPersistent,
    ...deadLetterView(letter),
    ...content,
    headers: content.headers.filter(([name]) => !told.has(name))
  }
}

// Judge: each message of a queue is in the custody of one broker at a time. What is in doubt
// between two (sent over a channel, and not acknowledged) counts for the one that received it. When
// nobody could tell what became of a message it was sent again, and all copies but one say so.

import type { Message } from '../../src/broker/index.ts'
import type { Checker, Complain } from '../watcher.ts'
import type { MessageRecord } from '../workload/ledger.ts'
import type { SimWorld } from '../world.ts'
import { channelsOf, messagesOf, subscriptionsOf } from './peek.ts'

const name = 'single-custody'
/** Looked at every so many slices of time, and at the end. */
const everySlices = 10
/** Copies looked at in all; of larger backlogs the rest is passed over. */
const copiesMax = 20_000

interface Copy {
  readonly place: string
  /** It says that there may be another. */
  readonly isFlagged: boolean
}

/** Looks at all messages that brokers hold, now and then. */
export function singleCustody(world: SimWorld, complain: Complain): Checker {
  let slices = 0
  const look = (): void => {
    for (const [record, copies] of findCopies(world)) {
      const text = findTooMany(world, record, copies)
      if (text !== undefined) complain(name, text)
    }
  }
  return {
    name,
    inspect() {
      slices += 1
      if (slices % everySlices === 0) look()
    },
    onStable: look,
    atRest: look
  }
}

function findTooMany(
  world: SimWorld,
  record: MessageRecord,
  copies: readonly Copy[]
): string | undefined {
  const isCalm = world.hadNoFault(record)
  const sure = isCalm ? copies : copies.filter(({ isFlagged }) => !isFlagged)
  if (sure.length <= 1) return undefined
  const places = sure.map(({ place }) => place).join(' and ')
  return `${record.key} is in ${places}${isCalm ? ' although nothing failed' : ', unmarked'}`
}

function findCopies(world: SimWorld): Map<MessageRecord, Copy[]> {
  const found = new Map<MessageRecord, Copy[]>()
  let count = 0
  const add = (message: Message, place: string, isRedelivered: boolean): void => {
    if (message.destination.kind !== 'queue' || count >= copiesMax) return
    count += 1
    const record = world.ledger.find(message.body, message.bodyStart, message.bodyEnd)
    if (record === undefined || record.destination !== message.destination.name) return
    const isFlagged = message.isMaybeDuplicate || message.isRedelivered || isRedelivered
    const copies = found.get(record)
    if (copies === undefined) found.set(record, [{ place, isFlagged }])
    else copies.push({ place, isFlagged })
  }
  for (const { name: broker, running } of world.upBrokers()) {
    for (const queue of running.broker.queues.all()) {
      const place = `${queue.name} of ${broker}`
      for (let entry = queue.ready.head; entry !== undefined; entry = entry.next) {
        add(entry.message, place, entry.isRedelivered)
      }
      for (const { unsettled } of subscriptionsOf(queue)) {
        for (const entry of unsettled.values()) {
          if (entry.queue === queue) add(entry.message, place, entry.isRedelivered)
        }
      }
    }
    for (const { peer, outgoing } of channelsOf(running)) {
      for (const message of messagesOf(outgoing.outbox))
        add(message, `${broker} for ${peer}`, false)
    }
  }
  return found
}

// Judge: each message of a queue is consumed exactly once in stable phases, and delivered again only
// after a refusal. Else, of all deliveries of one, at most one is without the mark: a copy that was
// sent again may overtake the first on its way to another consumer. At the end each is consumed, or
// is a dead letter, unless a broker lost its memory with it, its time ran out, or nobody takes it.

import { deadLetterQueueName } from '../../src/broker/index.ts'
import type { Checker, Complain } from '../watcher.ts'
import { keyOfMessage } from '../workload/ledger.ts'
import type { SimWorld } from '../world.ts'

const name = 'queue-once'

/** Judges deliveries as they come, and losses at the end. */
export function queueOnce(world: SimWorld, complain: Complain): Checker {
  return {
    name,
    onDelivered({ record, session, isRedelivered, isDeadLetter }) {
      if (record.kind !== 'queue' || record.deliveries <= 1 || isDeadLetter) return
      if (world.hadNoFault(record) && record.deliveries > record.refusals + 1) {
        const times = `${record.deliveries} times`
        complain(name, `${record.key} was delivered ${times}, now to ${session}; nothing failed`)
      } else if (!isRedelivered && record.deliveries > record.marked + 1) {
        complain(name, `${session} got ${record.key} again, not marked redelivered`)
      }
    },
    atRest() {
      const resting = restingKeys(world)
      for (const record of world.ledger.all()) {
        const { key, kind, destination, consumed, excuse, holders, givenUp } = record
        if (kind !== 'queue' || consumed > 0 || excuse !== undefined) continue
        if (record.deadDeliveries > 0 || resting.has(key)) continue
        const last = [...holders.values()].join()
        complain(name, `${key} of queue ${destination} was lost; ${last} had it last${givenUp}`)
      }
    }
  }
}

/** Messages that rest in a queue because nobody takes them; no-stuck judges whether somebody would. */
function restingKeys(world: SimWorld): ReadonlySet<string> {
  const keys = new Set<string>()
  for (const { running } of world.upBrokers()) {
    for (const { name: queue, ready } of running.broker.queues.all()) {
      for (let entry = ready.head; entry !== undefined; entry = entry.next) {
        const { message } = entry
        const key = keyOfMessage(message)
        const record = key === undefined ? undefined : world.ledger.get(key)
        if (record === undefined) continue
        // Refused too often, it is where it should be.
        const isDeadLetter = queue === deadLetterQueueName && record.refusals > 0
        if (isDeadLetter || queue === record.destination) keys.add(record.key)
      }
    }
  }
  return keys
}

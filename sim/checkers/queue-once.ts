// Judge: each message of a queue is consumed exactly once in stable phases, and delivered again
// only after a refusal. Else, of all deliveries of one, at most one is without the mark: a copy
// that was sent again may overtake the first on its way to another consumer. At the end each is
// consumed, or is a dead letter, unless a broker lost its memory with it, its time ran out, or
// nobody takes it.

import type { Checker, Complain } from '../watcher.ts'
import type { JudgedWorld } from './judged-world.ts'

const name = 'queue-once'

/** Judges deliveries as they come, and losses at the end. */
export function queueOnce(world: JudgedWorld, complain: Complain): Checker {
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
      const waiting = world.waitingMessages?.()
      for (const record of world.ledger.all()) {
        const { key, kind, destination, consumed, excuse, holders, givenUp } = record
        if (kind !== 'queue' || consumed > 0 || excuse !== undefined) continue
        if (record.deadDeliveries > 0 || waiting?.has(record)) continue
        const last = [...holders.values()].join()
        complain(name, `${key} of queue ${destination} was lost; ${last} had it last${givenUp}`)
      }
    }
  }
}

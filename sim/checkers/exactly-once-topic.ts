// Judge: each topic subscription gets exactly one copy of each message published in a stable phase.
// In unstable phases a second copy must be marked redelivered, and a loss needs an excuse: a broker
// that lost its memory with the message in it, or gave it up after its patience; a subscriber that
// left; an origin that had not heard of the subscription.

import type { Checker, Complain } from '../watcher.ts'
import type { JudgedWorld } from './judged-world.ts'

const name = 'exactly-once-topic'

/** Judges copies as they come, and losses at the end. */
export function exactlyOnceTopic(world: JudgedWorld, complain: Complain): Checker {
  return {
    name,
    onDelivered({ record, session, isRedelivered }) {
      const copies = record.expected.get(session)?.copies ?? 1
      if (record.kind !== 'topic' || copies <= 1) return
      if (world.hadNoFault(record)) {
        complain(name, `${session} got ${record.key} ${copies} times although nothing failed`)
      } else if (!isRedelivered) {
        complain(name, `${session} got ${record.key} ${copies} times, not marked redelivered`)
      }
    },
    atRest() {
      const waiting = world.waitingMessages?.()
      for (const record of world.ledger.all()) {
        const { key, origin, expected, isStable, givenUp } = record
        for (const { session, copies, excuse } of expected.values()) {
          if (copies > 0 || excuse !== undefined) continue
          if (waiting?.hasCopy(record, session.broker)) continue
          const phase = isStable ? 'stable' : 'unstable'
          const who = `${session.id} at ${session.broker}`
          complain(
            name,
            `${who} never got ${key}, published at ${origin} in a ${phase} phase${givenUp}`
          )
        }
      }
    }
  }
}

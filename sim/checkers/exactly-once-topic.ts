// Judge: each topic subscription gets exactly one copy of each message published in a stable phase,
// and another only after it refused one.
// In unstable phases only a durable one may get a second copy, marked redelivered, after its
// consumer was away: what comes to a broker again is known there. A loss needs an excuse: a broker
// that lost its memory with the message in it, or gave it up after its patience; a subscriber that
// left; an origin that had not heard of the subscription.

import type { Checker, Complain } from '../watcher.ts'
import type { JudgedWorld } from './judged-world.ts'

const name = 'exactly-once-topic'

/** Judges copies as they come, and losses at the end. */
export function exactlyOnceTopic(world: JudgedWorld, complain: Complain): Checker {
  return {
    name,
    onDelivered({ record, session, isRedelivered, isDeadLetter }) {
      const copies = record.expected.get(session)?.copies ?? 1
      if (record.kind !== 'topic' || copies <= 1 || isDeadLetter) return
      if (copies > record.refusals + 1 && world.hadNoFault(record)) {
        complain(name, `${session} got ${record.key} ${copies} times although nothing failed`)
      } else if (copies > record.refusals + 1 && !isDurable(world, session)) {
        complain(name, `${session} got ${record.key} ${copies} times on one connection`)
      } else if (!isRedelivered) {
        complain(name, `${session} got ${record.key} ${copies} times, not marked redelivered`)
      }
    },
    atRest() {
      const waiting = world.waitingMessages?.()
      for (const record of world.ledger.all()) {
        const { key, origin, expected, isStable, givenUp } = record
        for (const { session, copies, excuse } of expected.values()) {
          // A durable one whose consumer stays away keeps what it is owed.
          if (copies > 0 || excuse !== undefined || world.ledger.isAway(session.id)) continue
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

function isDurable(world: JudgedWorld, session: string): boolean {
  return world.ledger.session(session)?.isDurable === true
}

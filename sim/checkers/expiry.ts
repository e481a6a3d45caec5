// Judge: a message is not delivered much after its time, and not given up as expired before. The
// time it takes on the wire is not counted by brokers; what a fault holds up there may come late.

import type { ScenarioPlan } from '../plan/index.ts'
import type { Checker, Complain } from '../watcher.ts'
import { isDeadLetterOf } from '../workload/ledger.ts'
import type { SimWorld } from '../world.ts'

const name = 'expiry'
/** What one bridge of the way may take: on a busy one much waits behind the socket's door. */
const lateMsMaxPerBridge = 3_000
/** What a fault may hold up on the wire until its bridge is given up, all bridges together. */
const lateMsMaxByFault = 30_000
/** Clocks of brokers and of the ledger differ by the turn a message is taken in. */
const earlyMsMax = 5

/** Looks at every crossing, every delivery and every message given up. */
export function expiry(world: SimWorld, complain: Complain): Checker {
  const mayFreeze = freezes(world.plan)
  const wayMsMax = Math.max(1, world.topology.brokers.length - 1) * lateMsMaxPerBridge
  return {
    name,
    onDelivered({ record, session, isDeadLetter }) {
      const { key, expiresAtMs } = record
      // A dead letter has all the time in the world.
      if (expiresAtMs === undefined || isDeadLetter) return
      const isCalm = world.hadNoFault(record)
      if (!isCalm && mayFreeze) return
      const lateMs = Math.round(world.nowMs - expiresAtMs)
      if (lateMs <= (isCalm ? wayMsMax : wayMsMax + lateMsMaxByFault)) return
      complain(name, `${session} got ${key} ${lateMs} ms after its time`)
    },
    onCrossing({ from, to, message, record }) {
      if (record?.expiresAtMs === undefined || isDeadLetterOf(record, message)) return
      if (message.expiresAtMs > 0) return
      complain(name, `${record.key} came from ${from} to ${to} without its time`)
    },
    onGivenUp(record, { broker, reason }) {
      if (reason !== 'expired') return
      const { key, expiresAtMs } = record
      if (expiresAtMs === undefined)
        complain(name, `${key}, which has no end, expired at ${broker}`)
      else {
        const leftMs = Math.round(expiresAtMs - world.nowMs)
        if (leftMs <= earlyMsMax || isInTransaction(world, record.producer)) return
        complain(name, `${broker} gave ${key} up ${leftMs} ms before its time`)
      }
    }
  }
}

/** A frozen or slow broker finds what came meanwhile when it goes on, and cannot know when. */
function freezes({ timeline }: ScenarioPlan): boolean {
  return timeline.some(({ event: { kind } }) => kind === 'pause' || kind === 'slow')
}

/** There the time runs from the sending on, which nobody is told of before the COMMIT. */
function isInTransaction(world: SimWorld, producer: string): boolean {
  return world.ledger.producer(producer)?.transactionSize !== undefined
}

// Judge: a broker hands no message out whose time has run out by its own clock. That clock is the
// one it was given with the message: what the way took before it came is nobody's to count.

import type { Clock } from '../../src/ports/index.ts'
import type { Station } from '../../src/station/index.ts'
import type { ScenarioPlan } from '../plan/index.ts'
import type { Checker, Complain } from '../watcher.ts'
import type { MessageRecord } from '../workload/ledger.ts'
import type { SimWorld } from '../world.ts'

const name = 'time-to-live'
/** From the broker's decision to the client's eyes: the rest of a turn, and a short way. */
const lateMsMax = 250

/** Looks at every crossing and every delivery of what has an end. */
export function timeToLive(world: SimWorld, complain: Complain): Checker {
  /** When the time of a message runs out, by broker that has had it. */
  const ends = new Map<MessageRecord, Map<string, number>>()
  const note = (record: MessageRecord, broker: string, endMs: number): void => {
    const known = ends.get(record)
    if (known === undefined) ends.set(record, new Map([[broker, endMs]]))
    else known.set(broker, Math.max(endMs, known.get(broker) ?? 0))
  }
  const isBlind = holdsUp(world.plan)
  const stalling = stallingOf(world.plan)
  return {
    name,
    onAccepted(record) {
      if (record.expiresAtMs !== undefined) note(record, record.origin, record.expiresAtMs)
    },
    onCrossing({ to, message, record }) {
      if (record?.expiresAtMs === undefined || message.expiresAtMs === 0) return
      const leftMs = message.expiresAtMs - clockOf(world.broker(to).running).monotonicMs()
      note(record, to, world.nowMs + leftMs)
    },
    onDelivered({ record, consumer, session, isDeadLetter }) {
      if (stalling.has(consumer)) return
      if (isBlind || record.expiresAtMs === undefined || isDeadLetter) return
      const broker = world.ledger.session(session)?.broker
      const endMs = broker === undefined ? undefined : ends.get(record)?.get(broker)
      if (endMs === undefined) return
      const lateMs = Math.round(world.nowMs - endMs)
      if (lateMs > lateMsMax) {
        complain(name, `${session} got ${record.key} ${lateMs} ms after ${broker} had to drop it`)
      }
    }
  }
}

/** What a process has decided on may stay in it for long while it is held up. */
function holdsUp({ timeline }: ScenarioPlan): boolean {
  return timeline.some(({ event: { kind } }) => kind === 'pause' || kind === 'slow')
}

/** Clients that leave in their socket what was sent in time. */
function stallingOf({ timeline }: ScenarioPlan): ReadonlySet<string> {
  return new Set(
    timeline.flatMap(({ event }) => (event.kind === 'stall-client' ? [event.client] : []))
  )
}

function clockOf(station: Station): Clock {
  return (station as unknown as { readonly ports: { readonly clock: Clock } }).ports.clock
}

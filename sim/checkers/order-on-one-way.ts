// Judge: where there is one way only, and one consumer at its end, a queue keeps the order of each
// producer through faults as well: what a lost bridge gives back comes before what is newer. What
// is marked redelivered may come at any time.

import type { SimTopology } from '../topologies.ts'
import type { Checker, Complain } from '../watcher.ts'
import type { LedgerSession, MessageRecord } from '../workload/ledger.ts'
import type { SimWorld } from '../world.ts'

const name = 'order-on-one-way'

/** Looks at every delivery of queues, on networks without circles. */
export function orderOnOneWay(world: SimWorld, complain: Complain): Checker {
  if (hasCircle(world.topology)) return { name }
  /** Rises when consumers of queues come or go, or a broker forgets what it had. */
  let era = 0
  /** Before a stable phase of this era a broker may still send to a consumer that is gone. */
  let isKnownToAll = false
  /** The era in which a message was taken, if its queue had one consumer. */
  const eras = new Map<MessageRecord, number>()
  /** Latest number by subscription, producer and the broker it was at. */
  const latest = new Map<string, number>()
  /** Highest number that brokers have taken, by producer. */
  const highest = new Map<string, number>()
  const begin = (): void => {
    era += 1
    isKnownToAll = false
    eras.clear()
    latest.clear()
  }
  const onSession = ({ kind }: LedgerSession): void => {
    if (kind === 'queue') begin()
  }
  world.ledger.listen({ onSessionOpened: onSession, onSessionClosed: onSession })
  return {
    name,
    onStable() {
      isKnownToAll = true
    },
    onAccepted(record) {
      const { producer, number } = record
      // By another connection, which was not held back, later ones may be taken before.
      const isOvertaken = number < (highest.get(producer) ?? 0)
      if (!isOvertaken) highest.set(producer, number)
      if (record.kind !== 'queue' || !isKnownToAll || isOvertaken) return
      const [first, second] = world.ledger.takersOf(record.destination, undefined)
      if (first !== undefined && second === undefined) eras.set(record, era)
    },
    onDelivered({ record, session, isRedelivered, isDeadLetter }) {
      if (isRedelivered || isDeadLetter || eras.get(record) !== era) return
      const stream = `${session}<${record.producer}<${record.origin}`
      const before = latest.get(stream) ?? 0
      if (record.number < before) {
        complain(name, `${session} got ${record.key} after ${record.producer}.${before}`)
      }
      latest.set(stream, Math.max(before, record.number))
    },
    onCrash: begin
  }
}

/** True if there are two ways between some brokers. */
function hasCircle({ brokers, links }: SimTopology): boolean {
  const groups = new Map(brokers.map((broker) => [broker, broker]))
  const groupOf = (broker: string): string => {
    const group = groups.get(broker)!
    return group === broker ? broker : groupOf(group)
  }
  for (const { a, b } of links) {
    if (groupOf(a) === groupOf(b)) return true
    groups.set(groupOf(a), groupOf(b))
  }
  return false
}

// Judge: what is delivered is what one naive broker would deliver (sim/model/naive-broker.ts). What
// it says must not happen must never happen. What it says must happen does, exactly once, when
// nothing has failed; when something has, the other judges weigh the excuses.

import { NaiveBroker } from '../model/naive-broker.ts'
import { isTiny } from '../model/tiny-selector.ts'
import type { Checker, Complain } from '../watcher.ts'
import type { MessageRecord } from '../workload/ledger.ts'
import type { SimWorld } from '../world.ts'

const name = 'oracle'

/** Compares each delivery as it comes, and all of them at the end. */
export function oracle(world: SimWorld, complain: Complain): Checker {
  // Selectors that people write may be beyond it.
  const canRead = world.plan.consumers.every(
    ({ selector }) => selector === undefined || isTiny(selector)
  )
  if (!canRead) return { name }
  const naive = new NaiveBroker()
  /** Copies by message and subscription. */
  const copies = new Map<MessageRecord, Map<string, number>>()
  /** What became a dead letter although nobody refused it, such as what no bridge can carry. */
  const deadLetters = new Set<MessageRecord>()
  world.ledger.listen({
    onSessionOpened: (session) => naive.subscribe(session),
    onSessionClosed: ({ id }) => naive.unsubscribe(id)
  })
  return {
    name,
    onAccepted(record) {
      const { key, kind, destination, headers, expiresAtMs } = record
      naive.publish({ key, kind, destination, headers, isDue: expiresAtMs === undefined })
      copies.set(record, new Map())
    },
    onDeadLettered(record) {
      deadLetters.add(record)
    },
    onDelivered({ record, session, isDeadLetter }) {
      if (isDeadLetter === true) return
      const bySession = copies.get(record)
      if (bySession === undefined) return
      bySession.set(session, (bySession.get(session) ?? 0) + 1)
      if (world.ledger.session(session) === undefined) return
      if (naive.verdict(record.key, session) !== 'must-not') return
      complain(name, `${session} got ${record.key}, which one broker would not give it`)
    },
    atRest() {
      if (!world.isCalm) return
      for (const [record, bySession] of copies) {
        if (deadLetters.has(record)) continue
        const text = findDifference(world, naive, record, bySession)
        if (text !== undefined) complain(name, text)
      }
    }
  }
}

function findDifference(
  world: SimWorld,
  naive: NaiveBroker,
  record: MessageRecord,
  bySession: ReadonlyMap<string, number>
): string | undefined {
  const { key, kind, destination, origin, refusals, phase, consumed } = record
  const reachable = world.reachableFrom(origin, { kind, name: destination })
  const isInReach = (id: string): boolean =>
    reachable.includes(world.ledger.session(id)?.broker ?? '')
  if (kind === 'queue') {
    const total = [...bySession.values()].reduce((sum, count) => sum + count, 0)
    if (total > refusals + 1) return `${key} was given ${total} times; one broker gives it once`
    const isDone = consumed > 0 || refusals > 0
    if (isDone || !naive.mustBeTaken(key, isInReach)) return undefined
    return `${key} was given to nobody; one broker gives it to one of its consumers`
  }
  for (const { id } of naive.subscriptions()) {
    const count = bySession.get(id) ?? 0
    // Before all was at work an origin need not have heard of every subscription.
    const mustCome = phase > 0 && isInReach(id) && naive.verdict(key, id) === 'must'
    if (count === 0 && mustCome) return `${id} never got ${key}; one broker gives it`
    if (count > refusals + 1) return `${id} got ${key} ${count} times; one broker gives it once`
  }
  return undefined
}

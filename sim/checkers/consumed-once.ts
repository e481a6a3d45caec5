// Judge: what a consumer of a queue is done with does not come again. No copy of it crosses a
// bridge afterwards that does not say it may be one; and where it was consumed a copy that says so
// is recognised, and handed out to nobody.

import type { Checker, Complain } from '../watcher.ts'
import { isDeadLetterOf, type MessageRecord } from '../workload/ledger.ts'
import type { SimWorld } from '../world.ts'

const name = 'consumed-once'
/** So long after a delivery its acknowledgement is with the broker. */
const settledMsMin = 1_000

/** Where a message came over a bridge, for the consumers there. */
interface Arrival {
  readonly broker: string
  /** True once a copy has crossed a bridge that says it may be one. */
  isMarked: boolean
  delivery: { readonly session: string; readonly atMs: number } | undefined
  /** A copy came after that, and has to be dropped. */
  isDropDue: boolean
}

/** Looks at every crossing and every delivery of queues. */
export function consumedOnce(world: SimWorld, complain: Complain): Checker {
  const arrivals = new Map<MessageRecord, Arrival>()
  return {
    name,
    onCrossing({ from, to, message, record, targets }) {
      if (record?.kind !== 'queue' || isDeadLetterOf(record, message)) return
      const isMarked = message.isRedelivered || message.isMaybeDuplicate
      const known = arrivals.get(record)
      if (isDone(record, known) && !isMarked && !known?.isMarked) {
        complain(name, `${record.key} was consumed, and came unmarked from ${from} to ${to}`)
      }
      if (known === undefined) {
        if (targets.includes(to)) {
          arrivals.set(record, { broker: to, isMarked, delivery: undefined, isDropDue: false })
        }
        return
      }
      if (isMarked) known.isMarked = true
      if (known.broker !== to || !targets.includes(to)) return
      known.isDropDue = isDone(record, known) && isSettled(world, known)
    },
    onDelivered({ record, session, isDeadLetter }) {
      const known = arrivals.get(record)
      if (known === undefined || isDeadLetter) return
      const broker = world.ledger.session(session)?.broker
      if (known.isDropDue && broker === known.broker) {
        complain(name, `${session} got ${record.key} again, which ${broker} knew as consumed`)
      }
      if (broker === known.broker) known.delivery = { session, atMs: world.nowMs }
    },
    onEvent({ kind }) {
      // A broker set back to an older copy of its data does not know what it has sent since.
      if (kind === 'disk-restore') arrivals.clear()
    },
    onCrash(broker) {
      for (const [record, known] of arrivals) if (known.broker === broker) arrivals.delete(record)
    }
  }
}

/** Delivered once, and consumed: no refusal, and no copy elsewhere, has a part in it. */
function isDone({ consumed, deliveries, refusals, marked }: MessageRecord, known?: Arrival) {
  const isPlain = deliveries === 1 && refusals === 0 && marked === 0
  return known?.delivery !== undefined && isPlain && consumed > 0
}

/** True if the broker knows by now that its consumer is done with it. */
function isSettled(world: SimWorld, { delivery, broker }: Arrival): boolean {
  const { session, atMs } = delivery!
  if (world.nowMs - atMs < settledMsMin || world.broker(broker).slowness !== 1) return false
  return world.ledger.session(session) !== undefined
}

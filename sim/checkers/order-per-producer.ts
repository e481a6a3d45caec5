// Judge: within a stable phase a subscription gets the messages of one producer to one destination
// in the order they were sent. Not so from a queue with selective consumers: its messages may go
// several ways before they find one that takes them.

import type { Checker, Complain } from '../watcher.ts'
import type { SimWorld } from '../world.ts'

const name = 'order-per-producer'

/** Looks at every delivery. */
export function orderPerProducer(world: SimWorld, complain: Complain): Checker {
  /** Latest number by subscription and producer; a producer has one destination. */
  const latest = new Map<string, number>()
  return {
    name,
    onUnstable() {
      latest.clear()
    },
    onDelivered({ record, session, isRedelivered, isDeadLetter }) {
      if (!world.hadNoFault(record) || isRedelivered || isDeadLetter) return
      if (world.ledger.mayWander(record)) return
      const stream = `${session}<${record.producer}`
      const before = latest.get(stream) ?? 0
      if (record.number < before) {
        complain(name, `${session} got ${record.key} after ${record.producer}.${before}`)
      }
      latest.set(stream, record.number)
    }
  }
}

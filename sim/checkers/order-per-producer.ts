// Judge: within a stable phase a subscription gets the messages of one producer to one destination
// in the order they were sent. Of a queue with consumers at several brokers only those are in order
// that came the same way: what waits for room on its way may be given another target there.

import type { Checker, Complain } from '../watcher.ts'
import type { JudgedWorld } from './judged-world.ts'

const name = 'order-per-producer'

/** Looks at every delivery. */
export function orderPerProducer(world: JudgedWorld, complain: Complain): Checker {
  /** Latest number by subscription, producer and way; a producer has one destination. */
  const latest = new Map<string, number>()
  return {
    name,
    onUnstable() {
      latest.clear()
    },
    onDelivered({ record, session, isRedelivered, isDeadLetter }) {
      if (!world.hadNoFault(record) || isRedelivered || isDeadLetter) return
      const way = record.kind === 'queue' ? record.visited.join('>') : ''
      const stream = `${session}<${record.producer}<${way}`
      const before = latest.get(stream) ?? 0
      if (record.number < before) {
        complain(name, `${session} got ${record.key} after ${record.producer}.${before}`)
      }
      latest.set(stream, record.number)
    }
  }
}

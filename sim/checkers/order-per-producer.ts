// Judge: within a stable phase a subscription gets the messages of one producer to one destination
// in the order they were sent. Of a queue with consumers at several brokers only those are in order
// that came the same way and were meant for the same brokers on it: what waits for room on its way
// may be given another target there.

import type { Checker, Complain } from '../watcher.ts'
import type { MessageRecord } from '../workload/ledger.ts'
import type { JudgedWorld } from './judged-world.ts'

const name = 'order-per-producer'

/** Looks at every delivery. */
export function orderPerProducer(world: JudgedWorld, complain: Complain): Checker {
  /** Latest number by subscription, producer and way; a producer has one destination. */
  const latest = new Map<string, number>()
  /** Of messages of queues: the broker each crossing led to, and the one it was for. */
  const ways = new Map<MessageRecord, string>()
  /** Highest number that brokers have taken, by producer. */
  const highest = new Map<string, number>()
  /** Taken after later ones: by another connection, which was not held back. */
  const overtaken = new Set<MessageRecord>()
  return {
    name,
    onUnstable() {
      latest.clear()
    },
    onAccepted(record) {
      const { producer, number } = record
      const before = highest.get(producer) ?? 0
      if (number < before) overtaken.add(record)
      else highest.set(producer, number)
    },
    onCrossing({ to, targets, record }) {
      if (record?.kind !== 'queue') return
      ways.set(record, `${ways.get(record) ?? ''}>${to} for ${targets.join()}`)
    },
    onDelivered({ record, session, isRedelivered, isDeadLetter }) {
      if (!world.hadNoFault(record) || isRedelivered || isDeadLetter) return
      if (overtaken.has(record)) return
      const stream = `${session}<${record.producer}<${ways.get(record) ?? ''}`
      const before = latest.get(stream) ?? 0
      if (record.number < before) {
        complain(name, `${session} got ${record.key} after ${record.producer}.${before}`)
      }
      latest.set(stream, record.number)
    }
  }
}

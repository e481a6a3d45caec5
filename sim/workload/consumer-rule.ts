// What consumers do by rule, told from plans and numbers alone: which messages they refuse, and how
// their sessions are counted, also of one that has left for good and comes again.

import type { ConsumerPlan } from '../plan/index.ts'
import type { WorkloadPort } from './workload-port.ts'

const sessions = new WeakMap<WorkloadPort, Map<string, number>>()

/**
 * True if a consumer refuses a message each time it gets it: so a broker that has nobody else for it
 * ends up with a dead letter.
 */
export function refuses({ nackEvery, ack, version }: ConsumerPlan, key: string): boolean {
  // There is no NACK in 1.0, and in client mode it would refuse all before it as well.
  if (nackEvery === undefined || ack !== 'client-individual' || version === '1.0') return false
  return Number(key.slice(key.indexOf('.') + 1)) % nackEvery === 0
}

/** Counts the sessions of a consumer's name in a world, from 1. */
export function nextSessionNumber(world: WorkloadPort, consumer: string): number {
  let counts = sessions.get(world)
  if (counts === undefined) {
    counts = new Map()
    sessions.set(world, counts)
  }
  const next = (counts.get(consumer) ?? 0) + 1
  counts.set(consumer, next)
  return next
}

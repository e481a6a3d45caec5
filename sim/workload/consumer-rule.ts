// What consumers do by rule, told from plans and numbers alone: which messages they refuse.

import type { ConsumerPlan } from '../plan/index.ts'

/**
 * True if a consumer refuses a message, and it does each time: a broker that has nobody else for it
 * ends up with a dead letter.
 */
export function refuses({ nackEvery, ack, version }: ConsumerPlan, key: string): boolean {
  // There is no NACK in 1.0, and in client mode it would refuse all before it as well.
  if (nackEvery === undefined || ack !== 'client-individual' || version === '1.0') return false
  return Number(key.slice(key.indexOf('.') + 1)) % nackEvery === 0
}

// Whether a scenario can come to rest: consumers of a queue must be able to take what is sent to it
// in the time there is. One that cannot be healed at the end would wait for nothing.

import { formatDurationMs } from '../../src/discovery/index.ts'
import type { ConsumerPlan, ProducerPlan } from '../plan/index.ts'
import { type Clients, destinationMatches } from './read-clients.ts'
import type { ScenarioCheck } from './scenario-check.ts'

/** When a scenario ends. */
export interface CapacityGround {
  readonly clients: Clients
  readonly durationMs: number
  readonly drainMsMax: number
  readonly ending: 'heal' | 'as-is'
}

/** Tells of queues whose consumers are too slow: an error if all must arrive, else a warning. */
export function checkCapacity(check: ScenarioCheck, ground: CapacityGround): void {
  const { clients, durationMs, drainMsMax, ending } = ground
  const queues = new Set(
    clients.producers
      .map(({ destination }) => destination)
      .filter((destination) => destination.startsWith('/queue/'))
  )
  for (const queue of queues) {
    const producers = clients.producers.filter(({ destination }) => destination === queue)
    const consumers = clients.consumers.filter((one) => destinationMatches(one.destination, queue))
    if (consumers.length === 0) continue
    const sent = Math.round(sum(producers.map((one) => messagesOf(one, durationMs))))
    const perMs = sum(consumers.map(acknowledgementsPerMs))
    const taken = Math.floor(perMs * (durationMs + drainMsMax))
    if (taken >= sent) continue
    const end = formatDurationMs(durationMs + drainMsMax)
    const mistake = {
      message:
        `"${queue}" gets about ${sent} messages, ` + `and its consumers take ${taken} until ${end}`,
      suggestion: 'give it more consumers or less work, or lower the rate'
    }
    const path = ['consumers']
    if (ending === 'heal') {
      check.report(
        path,
        { ...mistake, message: `${mistake.message}: it never comes to rest` },
        'key'
      )
    } else
      check.warn(path, { ...mistake, message: `${mistake.message}: the rest will wait` }, 'key')
  }
}

function messagesOf(producer: ProducerPlan, durationMs: number): number {
  const { everyMs, burst = 1, messagesMax = Number.POSITIVE_INFINITY, ttlMs } = producer
  // What expires does not wait for anybody.
  return ttlMs === undefined ? Math.min(messagesMax, (durationMs / everyMs) * burst) : 0
}

function acknowledgementsPerMs({ ack, workMs, prefetch }: ConsumerPlan): number {
  if (ack === 'auto' || workMs === 0) return Number.POSITIVE_INFINITY
  return ack === 'client' ? prefetch / workMs : 1 / workMs
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

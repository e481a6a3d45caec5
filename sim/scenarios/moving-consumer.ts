// The only consumer of a queue goes round a ring, broker by broker, while producers send: the
// backlog follows it.

import type { ConsumerPlan, ProducerPlan, TimelineStep } from '../plan/index.ts'
import { ring } from '../topologies.ts'
import { planOf, type Scenario, step, worldFor } from './scenario.ts'

const destination = '/queue/q.moving'

export const movingConsumerScenario: Scenario = {
  name: 'moving-consumer',
  about: 'the only consumer of a queue moves round a ring',
  plan(random) {
    const topology = ring(random.integer(3, 6))
    const consumer: ConsumerPlan = {
      name: 'mover',
      at: 'a',
      destination,
      ack: random.pick(['auto', 'client', 'client-individual']),
      prefetch: random.pick([1, 10, 1_000]),
      workMs: random.pick([0, 1]),
      version: '1.2'
    }
    const producer: ProducerPlan = {
      name: 'p',
      at: random.pick(topology.brokers),
      destination,
      everyMs: random.integer(10, 30),
      bodyBytes: 100,
      isPersistent: random.chance(0.5),
      receiptEvery: 1,
      version: '1.2'
    }
    const world = { ...worldFor(random, topology), producers: [producer], consumers: [consumer] }
    // What an automatic consumer was sent and did not read is lost with its connection.
    const mayDrop = consumer.ack !== 'auto'
    const chance = random.fork('faults')
    const timeline: TimelineStep[] = []
    let afterMs = 0
    for (let at = 1; at <= topology.brokers.length; at += 1) {
      const leaving = mayDrop && chance.chance(0.5) ? 'abrupt' : 'orderly'
      const to = topology.brokers[at % topology.brokers.length]!
      timeline.push(step(afterMs, { kind: 'move', client: 'mover', to, leaving }))
      afterMs = chance.integer(100, 1_500)
    }
    return planOf(this, world, [...timeline, step(afterMs, { kind: 'settle' })])
  }
}

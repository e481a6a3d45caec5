// A broker is heard no more and hears everything: what it took is in doubt where it was sent from,
// for longer than that broker waits for it. Whoever gets it again must be told that it may be so.

import type { ConsumerPlan, ProducerPlan } from '../plan/index.ts'
import { ring } from '../topologies.ts'
import { planOf, type Scenario, step, worldFor } from './scenario.ts'

const destination = '/queue/q.doubt'

export const lostAcknowledgementsScenario: Scenario = {
  name: 'lost-acks',
  about: 'acknowledgements are lost, and what was taken is in doubt',
  plan(random) {
    const topology = ring(random.integer(3, 6))
    const chance = random.fork('faults')
    const drawn = worldFor(random, topology)
    const consumer: ConsumerPlan = {
      name: 'far',
      at: 'b',
      destination,
      ack: chance.pick(['auto', 'client', 'client-individual']),
      prefetch: chance.pick([10, 1_000]),
      workMs: chance.pick([0, 1]),
      version: '1.2'
    }
    const producer: ProducerPlan = {
      name: 'p',
      at: 'a',
      destination,
      everyMs: chance.integer(40, 80),
      bodyBytes: 100,
      isPersistent: chance.chance(0.5),
      receiptEvery: 1,
      version: '1.2'
    }
    const world = {
      ...drawn,
      producers: [producer, ...drawn.producers],
      consumers: [consumer, { ...consumer, name: 'other', at: topology.brokers.at(-1)! }].concat(
        drawn.consumers
      )
    }
    return planOf(this, world, [
      step(1_000, { kind: 'cut-one-way', from: 'b', to: 'a' }),
      step(chance.integer(4_000, 16_000), { kind: 'heal', a: 'a', b: 'b' }),
      step(500, { kind: 'settle' })
    ])
  }
}

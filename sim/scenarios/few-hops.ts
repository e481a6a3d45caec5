// A row of brokers longer than messages may go in one journey: they begin anew on their way, wait
// a little, and arrive.

import type { ConsumerPlan, ProducerPlan } from '../plan/index.ts'
import { chain } from '../topologies.ts'
import { planOf, type Scenario, step, worldFor } from './scenario.ts'

export const fewHopsScenario: Scenario = {
  name: 'few-hops',
  about: 'a row of brokers is longer than the hops a message has',
  plan(random) {
    const topology = chain(random.integer(11, 14))
    const chance = random.fork('faults')
    const drawn = worldFor(random, topology)
    const kinds = ['queue', 'topic'] as const
    const producers = kinds.map((kind): ProducerPlan => {
      const common = {
        isPersistent: false,
        receiptEvery: 1,
        version: '1.2',
        bodyBytes: 100
      } as const
      const destination = `/${kind}/${kind[0]}.far`
      return { ...common, name: `from-${kind}`, at: 'a', destination, everyMs: 200 }
    })
    const consumers = producers.map(({ name, destination }): ConsumerPlan => {
      const common = { ack: 'client-individual', prefetch: 10, workMs: 0, version: '1.2' } as const
      return { ...common, name: `${name}-to`, at: topology.brokers.at(-1)!, destination }
    })
    const { network } = drawn.settings
    const settings = { ...drawn.settings, network: { ...network, hopsMax: 1 } }
    const { a, b } = chance.pick(topology.links)
    return planOf(this, { ...drawn, settings, producers, consumers }, [
      step(2_000, { kind: 'cut', a, b }),
      step(chance.integer(500, 6_000), { kind: 'heal', a, b }),
      step(500, { kind: 'settle' })
    ])
  }
}

// One broker takes no frames as large as the others send. What is too large for it becomes a dead
// letter; the bridge stands, and everything else arrives.

import { defaultBrokerLimits } from '../../src/broker/index.ts'
import type { ConsumerPlan, ProducerPlan } from '../plan/index.ts'
import { chain } from '../topologies.ts'
import { planOf, type Scenario, step, worldFor } from './scenario.ts'

const destination = '/queue/q.large'

export const largeMessagesScenario: Scenario = {
  name: 'large-messages',
  about: 'messages are too large for one broker, and become dead letters',
  plan(random) {
    const topology = chain(random.integer(2, 4))
    const chance = random.fork('faults')
    const drawn = worldFor(random, topology)
    const last = topology.brokers.at(-1)!
    const common = { isPersistent: false, receiptEvery: 1, version: '1.2', at: 'a' } as const
    const sizes = { small: 100, large: 80_000 }
    const producers = Object.entries(sizes).map(([name, bodyBytes]): ProducerPlan => {
      return { ...common, name, destination, bodyBytes, everyMs: chance.integer(40, 120) }
    })
    const taker = { ack: 'client-individual', prefetch: 10, workMs: 0, version: '1.2' } as const
    const consumers: ConsumerPlan[] = [
      { ...taker, name: 'taker', at: last, destination },
      { ...taker, name: 'undertaker', at: topology.brokers[0]!, destination: '/queue/DLQ' }
    ]
    const { limits: _, ...settings } = drawn.settings
    const plan = planOf(
      this,
      { ...drawn, settings: { ...settings, limits: defaultBrokerLimits }, producers, consumers },
      [
        step(1_000, { kind: 'reset', a: topology.brokers.at(-2)!, b: last }),
        step(1_000, { kind: 'settle' })
      ]
    )
    return { ...plan, overrides: { [last]: { bridges: { frameBytesMax: 70_000 } } } }
  }
}

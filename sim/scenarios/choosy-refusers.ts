// Choosy consumers of one queue refuse what they get while others wait for their share: what goes
// back to its place must not be passed by.

import { type DeliveryPolicy, defaultBrokerLimits } from '../../src/broker/index.ts'
import type { ConsumerPlan, ProducerPlan } from '../plan/index.ts'
import type { Prng } from '../prng.ts'
import { chain } from '../topologies.ts'
import { planOf, type Scenario, step, worldFor } from './scenario.ts'

const destination = '/queue/q.choosy'

/** Where refused messages go, and after which pauses they come back. */
function drawPolicy(chance: Prng, brokers: readonly string[]): DeliveryPolicy {
  return {
    kind: 'queue',
    pattern: chance.pick(['q.*', 'q.choosy', 'q.other']),
    redelivery: {
      redeliveriesMax: chance.pick([0, 1, 2, 5]),
      lostConnectionsMax: chance.pick([0, 1, 2, 20]),
      delayMsInitial: chance.pick([0, 1, 50, 1_000]),
      delayMultiplier: chance.pick([1, 2]),
      delayMsMax: 2_000
    },
    deadLetter: {
      queue: chance.pick(['shared', 'own', 'none']),
      isForExpired: chance.chance(0.5),
      broker: chance.pick([undefined, 'origin', ...brokers])
    }
  }
}

export const choosyRefusersScenario: Scenario = {
  name: 'choosy-refusers',
  about: 'choosy consumers of a queue refuse what they get',
  plan(random) {
    const topology = chain(random.integer(2, 3))
    const chance = random.fork('faults')
    const drawn = worldFor(random, topology)
    const at = chance.pick(topology.brokers)
    const choosy = ["colour = 'red'", "colour <> 'red'"].map((selector, index): ConsumerPlan => {
      const plan = { name: `choosy${index}`, at, destination, selector, version: '1.2' } as const
      const pace = { prefetch: chance.pick([2, 3]), workMs: chance.integer(20, 80) }
      return { ...plan, ...pace, ack: 'client-individual', nackEvery: chance.pick([2, 3, 5]) }
    })
    const producers = [0, 1].map((index): ProducerPlan => {
      const common = {
        isPersistent: false,
        receiptEvery: 1,
        version: '1.2',
        bodyBytes: 100
      } as const
      return {
        ...{ ...common, name: `p${index}`, at: chance.pick(topology.brokers), destination },
        ...{ everyMs: chance.integer(15, 40), messagesMax: 120 },
        headers: { colour: ['red', 'green', 'blue'] }
      }
    })
    const settings = { ...drawn.settings, limits: { ...defaultBrokerLimits, refusalsMax: 3 } }
    const policies = [drawPolicy(chance, topology.brokers)]
    const overrides = Object.fromEntries(topology.brokers.map((name) => [name, { policies }]))
    const world = { ...drawn, settings, overrides, producers, consumers: choosy }
    const timeline = [
      step(1_500, { kind: 'drop-client', client: chance.pick(choosy).name }),
      step(chance.integer(200, 2_000), { kind: 'settle' })
    ]
    return { ...planOf(this, world, timeline), drainMsMax: 600_000 }
  }
}

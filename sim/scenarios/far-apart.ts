// Two brokers far apart, over a way whose delays differ much, dial each other while their bridge
// breaks: what one says of how far it has got is old when the other hears it. Some comes twice.

import { defaultBrokerLimits } from '../../src/broker/index.ts'
import { bridgesLimitsDefault } from '../../src/network/index.ts'
import {
  type ConsumerPlan,
  drawSettings,
  type ProducerPlan,
  type TimelineStep,
  type WorldPlan
} from '../plan/index.ts'
import type { Prng } from '../prng.ts'
import { pairDialledByBoth } from '../topologies.ts'
import { planOf, type Scenario, step } from './scenario.ts'

const rounds = 18

export const farApartScenario: Scenario = {
  name: 'far-apart',
  about: 'two brokers a second apart lose their bridge',
  plan(random) {
    const topology = pairDialledByBoth()
    const chance = random.fork('faults')
    const settings = drawSettings(random.fork('settings'))
    const { bridges } = settings.network
    const { window, outbox } = bridgesLimitsDefault
    const world: WorldPlan = {
      topology,
      // Little goes through a narrow channel this long: all of it would be given up.
      settings: {
        ...settings,
        limits: defaultBrokerLimits,
        network: { ...settings.network, bridges: { ...bridges, window, outbox } }
      },
      qualities: [{ latencyMs: chance.integer(100, 300), jitterMs: chance.integer(1_200, 1_900) }],
      isResplitting: random.chance(0.8),
      ...bothWays(chance)
    }
    const timeline: TimelineStep[] = []
    for (let round = 0; round < rounds; round += 1) {
      timeline.push(step(chance.integer(8_000, 14_000), { kind: 'reset', a: 'a', b: 'b' }))
    }
    return planOf(this, world, [...timeline, step(4_000, { kind: 'settle' })])
  }
}

/** Each end has a producer for the other. */
function bothWays(chance: Prng): Pick<WorldPlan, 'producers' | 'consumers'> {
  const bodyBytes = chance.pick([100, 2_000])
  const producers: ProducerPlan[] = []
  const consumers: ConsumerPlan[] = []
  for (const [from, to] of [
    ['a', 'b'],
    ['b', 'a']
  ] as const) {
    const destination = `/queue/q.${to}`
    producers.push({
      ...{ name: `p-${from}`, at: from, destination, everyMs: chance.integer(60, 200) },
      ...{
        bodyBytes,
        isPersistent: chance.chance(0.5),
        receiptEvery: 1,
        version: '1.2'
      }
    })
    consumers.push({
      ...{ name: `c-${to}`, at: to, destination, prefetch: 1_000, workMs: 0, version: '1.2' },
      ack: chance.pick(['auto', 'client', 'client-individual'])
    })
  }
  return { producers, consumers }
}

// The run that the example of a report is made of: two hubs, four spokes, one hub killed for a
// while.

import type { ScenarioPlan } from '../../../sim/plan/index.ts'
import { twoHubs } from '../../../sim/topologies.ts'
import { aConsumer, aProducer } from '../small-world.ts'
import { aPlan, step } from './observed.ts'

/** When the hub is killed and started, and when it ends. */
export interface TwoHubsTimes {
  readonly killMs: number
  readonly startMs: number
  readonly endMs: number
}

/** A minute of work, half of it with one hub. */
export const aMinute: TwoHubsTimes = { killMs: 10_000, startMs: 40_000, endMs: 60_000 }

/** See the top of this file. */
export function twoHubsPlan({ killMs, startMs, endMs }: TwoHubsTimes): ScenarioPlan {
  const topology = twoHubs(4)
  return aPlan({
    topology,
    name: 'two-hubs',
    about: 'A hub is killed under load.',
    qualities: topology.links.map((_, at) => ({ latencyMs: 2 + at, jitterMs: 1 })),
    producers: [
      aProducer({ name: 'shop-1', at: 's1', destination: '/queue/orders', bodyBytes: 400 }),
      aProducer({ name: 'shop-2', at: 's2', destination: '/queue/orders', bodyBytes: 400 }),
      aProducer({ name: 'quotes', at: 's3', destination: '/topic/prices.gold', everyMs: 40 }),
      aProducer({ name: 'audit', at: 's1', destination: '/queue/audit', everyMs: 200 })
    ],
    consumers: [
      aConsumer({ name: 'packer-1', at: 's3', destination: '/queue/orders', workMs: 5 }),
      aConsumer({ name: 'packer-2', at: 's4', destination: '/queue/orders', workMs: 5 }),
      aConsumer({ name: 'trader-1', at: 's1', destination: '/topic/prices.>' }),
      aConsumer({ name: 'trader-2', at: 's4', destination: '/topic/prices.gold' }),
      aConsumer({ name: 'auditor', at: 'hub2', destination: '/queue/audit' })
    ],
    timeline: [
      step(killMs, { kind: 'kill', broker: 'hub1' }),
      step(startMs - killMs, { kind: 'start', broker: 'hub1' })
    ],
    thenMs: endMs - startMs,
    faults: [{ text: 'kill hub1', fromMs: killMs, toMs: startMs, brokers: ['hub1'] }],
    expectations: [
      { figure: 'lost', comparison: 'at-most', value: 0 },
      { figure: 'unmarkedDuplicates', comparison: 'at-most', value: 0 },
      { figure: 'latencyP99Ms', comparison: 'at-most', value: 500, destination: '/queue/orders' },
      { figure: 'detectMs', comparison: 'at-most', value: 6_000 },
      { figure: 'recoverMs', comparison: 'at-most', value: 5_000 }
    ]
  })
}

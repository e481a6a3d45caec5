// Subscribers come one shortly after the other at a broker whose bridge breaks again and again, far
// from the others: news of some is missed, and news of the next must not hide it.

import type { ConsumerPlan, TimelineStep } from '../plan/index.ts'
import { chain, ring } from '../topologies.ts'
import { planOf, type Scenario, step, worldFor } from './scenario.ts'

const promptly = {
  reconnectDelayMsInitial: 100,
  reconnectDelayMsMax: 500,
  reconnectBackOffMultiplier: 2
}

export const restlessSubscribersScenario: Scenario = {
  name: 'restless-subs',
  about: 'subscribers come and go while bridges break',
  plan(random) {
    const chance = random.fork('faults')
    const size = chance.integer(2, 4)
    const topology = chance.chance(0.7) ? chain(size) : ring(size + 1)
    const drawn = worldFor(random, topology)
    const count = chance.integer(20, 40)
    const comers = Array.from({ length: count }, (_, at): ConsumerPlan => {
      const ack = 'client-individual'
      const common = { ack, prefetch: 10, workMs: 0, version: '1.2', isLate: true } as const
      return { ...common, name: `r${at}`, at: 'b', destination: `/topic/t.r.${at}` }
    })
    const world = {
      ...drawn,
      settings: { ...drawn.settings, reconnect: promptly },
      // So long that others come while two brokers are still comparing what they know.
      qualities: topology.links.map(() => ({ latencyMs: chance.integer(20, 140), jitterMs: 0 })),
      consumers: [...drawn.consumers, ...comers]
    }
    // The end that is dialled opens its bridge first, and tells what is new before it is asked.
    const timeline: TimelineStep[] = []
    for (const { name: client } of comers) {
      if (chance.chance(0.06)) timeline.push(step(0, { kind: 'reset', a: 'a', b: 'b' }))
      timeline.push(step(chance.integer(10, 90), { kind: 'arrive', client }))
      if (!chance.chance(0.2)) continue
      timeline.push(step(chance.integer(0, 90), { kind: 'leave', client, leaving: 'orderly' }))
    }
    return planOf(this, world, [...timeline, step(500, { kind: 'settle' })])
  }
}

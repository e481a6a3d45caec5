// Draws what a run is made of from its seed: bounds, distances, clients.

import { defaultBrokerLimits } from '../../src/broker/index.ts'
import { bridgesLimitsDefault, defaultParkingLimits } from '../../src/network/index.ts'
import type { SimPathQuality } from '../fakes/index.ts'
import type { Prng } from '../prng.ts'
import type { SimBrokerSettings } from '../sim-broker.ts'
import type { SimTopology } from '../topologies.ts'
import type { WorldPlan } from './scenario-plan.ts'
import type { ConsumerPlan, ProducerPlan } from './workload-plan.ts'

/** Draws settings with small bounds now and then, since bounds are where faults hide. */
export function drawSettings(random: Prng): SimBrokerSettings {
  const windowMessagesMax = random.pick([4, 64, 4_096, 4_096])
  const outboxMessagesMax = random.pick([4, 64, 16_384, 16_384])
  return {
    limits: {
      ...defaultBrokerLimits,
      queueMessagesMax: random.pick([20, 200, defaultBrokerLimits.queueMessagesMax]),
      topicPendingMessagesMax: random.pick([20, 200, 10_000, 10_000]),
      demandBacklogMessagesMax: random.pick([5, 50, 2_000, 2_000])
    },
    network: {
      bridges: {
        ...bridgesLimitsDefault,
        window: { ...bridgesLimitsDefault.window, messagesMax: windowMessagesMax },
        outbox: { ...bridgesLimitsDefault.outbox, messagesMax: outboxMessagesMax },
        inDoubtHoldMs: random.pick([200, 2_000, 2_000, 8_000])
      },
      parking: defaultParkingLimits,
      hopsMax: 32,
      repairMs: random.pick([2_000, 5_000, 30_000])
    },
    turnUsMax: random.pick([0, 200, 2_000]),
    keepsId: random.chance(0.6),
    reconnect: {
      reconnectDelayMsInitial: random.pick([100, 500]),
      reconnectDelayMsMax: random.pick([1_000, 5_000]),
      reconnectBackOffMultiplier: 2
    }
  }
}

/** Draws how far apart brokers are. */
export function drawQualities(random: Prng, topology: SimTopology): Partial<SimPathQuality>[] {
  const latencyMsMax = random.pick([0.5, 5, 40, 120])
  return topology.links.map(() => ({
    latencyMs: round(0.1 + latencyMsMax * random.float()),
    jitterMs: round(random.pick([0, 0.1, 0.5]) * latencyMsMax)
  }))
}

/** How much workload to draw. */
export interface WorkloadSize {
  readonly producers: number
  readonly consumers: number
}

/**
 * Draws producers and consumers over a few destinations. Every queue that is produced to has a
 * consumer, or its messages would rightly wait for ever.
 */
export function drawWorkload(
  random: Prng,
  brokers: readonly string[],
  size: WorkloadSize
): Pick<WorldPlan, 'producers' | 'consumers'> {
  const topics = ['t.a.1', 't.a.2', 't.b'].slice(0, random.integer(1, 3))
  const queues = ['q.a.1', 'q.b'].slice(0, random.integer(1, 2))
  const consumers: ConsumerPlan[] = []
  for (const queue of queues) {
    consumers.push(drawConsumer(random, `c${consumers.length}`, brokers, `/queue/${queue}`))
  }
  while (consumers.length < size.consumers) {
    const isTopic = random.chance(0.6)
    const name = random.pick(isTopic ? [...topics, 't.a.*', 't.>'] : queues)
    const destination = `/${isTopic ? 'topic' : 'queue'}/${name}`
    consumers.push(drawConsumer(random, `c${consumers.length}`, brokers, destination))
  }
  const producers: ProducerPlan[] = []
  while (producers.length < size.producers) {
    const isTopic = producers.length === 0 || (producers.length > 1 && random.chance(0.5))
    const destination = isTopic ? `/topic/${random.pick(topics)}` : `/queue/${random.pick(queues)}`
    producers.push(drawProducer(random, `p${producers.length}`, brokers, destination))
  }
  return { producers, consumers }
}

function drawConsumer(
  random: Prng,
  name: string,
  brokers: readonly string[],
  destination: string
): ConsumerPlan {
  return {
    name,
    at: random.pick(brokers),
    destination,
    ack: random.pick(['auto', 'client', 'client-individual']),
    prefetch: random.pick([1, 2, 10, 1_000]),
    workMs: random.pick([0, 1, 10]),
    version: random.pick(['1.0', '1.1', '1.2', '1.2'])
  }
}

function drawProducer(
  random: Prng,
  name: string,
  brokers: readonly string[],
  destination: string
): ProducerPlan {
  return {
    name,
    at: random.pick(brokers),
    destination,
    everyMs: random.integer(15, 90),
    bodyBytes: random.pick([16, 100, 100, 2_000, 70_000]),
    isPersistent: random.chance(0.4),
    receiptEvery: random.pick([1, 10]),
    version: random.pick(['1.1', '1.2'])
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}

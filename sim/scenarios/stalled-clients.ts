// Clients that read nothing for longer than a broker waits, promise signs of life and give none, or
// take hardly anything: nobody else is held up by them for long, and they alone lose something.

import type { ConsumerPlan, ProducerPlan, SimEvent, TimelineStep } from '../plan/index.ts'
import { chain } from '../topologies.ts'
import { planOf, type Scenario, step, worldFor } from './scenario.ts'

const destination = '/topic/t.stalled'
/** A broker takes a client that has not moved for so long for dead. */
const longMs = 130_000
/** So much waits for its socket that one look does not take all of it. */
const outputQueuedBytesMax = 800_000

export const stalledClientsScenario: Scenario = {
  name: 'stalled-clients',
  about: 'subscribers read nothing for long, or hardly anything',
  plan(random) {
    const topology = chain(random.integer(2, 3))
    const chance = random.fork('faults')
    const drawn = worldFor(random, topology)
    const stalling = ['mute', 'deaf', 'lazy'].map((name): ConsumerPlan => {
      const isDeaf = name === 'deaf'
      return {
        name,
        at: chance.pick(topology.brokers),
        destination,
        ack: isDeaf ? 'auto' : 'client-individual',
        prefetch: name === 'lazy' ? 1 : chance.pick([1, 10]),
        workMs: name === 'lazy' ? chance.pick([100, 300]) : 0,
        version: chance.pick(['1.1', '1.2']),
        ...(name === 'mute' ? { heartBeatMs: chance.pick([1_000, 4_000]) } : {})
      }
    })
    const producer: ProducerPlan = {
      name: 'many',
      at: chance.pick(topology.brokers),
      destination,
      everyMs: chance.integer(50, 100),
      bodyBytes: chance.pick([2_000, 16_000, 16_000]),
      isPersistent: false,
      receiptEvery: 10,
      version: '1.2',
      messagesMax: 1_000
    }
    const { limits } = drawn.settings
    const world = {
      ...drawn,
      settings: {
        ...drawn.settings,
        limits: {
          ...limits,
          topicPendingMessagesMax: chance.pick([20, 200]),
          slowConsumerPatienceMs: chance.pick([1_000, 5_000])
        }
      },
      producers: [producer, ...drawn.producers],
      consumers: [...stalling, ...drawn.consumers]
    }
    const plan = planOf(this, world, [
      ...stallings(['deaf', 'mute'], chance.integer(3_000, 20_000)),
      ...(chance.chance(0.5) ? stallings(['deaf', 'lazy'], longMs, chance.chance(0.5)) : []),
      step(500, { kind: 'settle' })
    ])
    const roomy = { stompLimits: { outputQueuedBytesMax } }
    const overrides = Object.fromEntries(topology.brokers.map((broker) => [broker, roomy]))
    return { ...plan, overrides }
  }
}

/** They stall all at once and wake all at once; the first may look up for a moment between. */
function stallings(names: readonly string[], spanMs: number, looksUp = false): TimelineStep[] {
  const [first, ...others] = names.map((client): SimEvent => ({ kind: 'stall-client', client }))
  const wake = names.map((client) => step(0, { kind: 'wake-client', client }))
  const moment = [step(0, wake[0]!.event), step(1, first!)]
  return [
    step(300, first!),
    ...others.map((event) => step(0, event)),
    step(spanMs / 2, { kind: 'heal-all' }),
    ...(looksUp ? moment : []),
    step(spanMs / 2, wake[0]!.event),
    ...wake.slice(1)
  ]
}

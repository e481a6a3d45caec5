// What a drawn scenario is: a name, and a plan made from a seed.

import { defaultBrokerLimits } from '../../src/broker/index.ts'
import {
  type ClientFeature,
  drawQualities,
  drawSettings,
  drawWorkload,
  hasChoosyQueues,
  type ScenarioPlan,
  type SimEvent,
  type TimelineStep,
  type WorldPlan
} from '../plan/index.ts'
import type { Prng } from '../prng.ts'
import type { SimBrokerSettings } from '../sim-broker.ts'
import type { SimTopology } from '../topologies.ts'

type Workload = Pick<WorldPlan, 'producers' | 'consumers'>

/** A kind of misfortune; each seed makes another plan of it. */
export interface Scenario {
  readonly name: string
  /** One sentence for people. */
  readonly about: string
  plan(random: Prng): ScenarioPlan
}

/** A world for a given topology with a drawn workload. */
export function worldFor(
  random: Prng,
  topology: SimTopology,
  features?: ReadonlySet<ClientFeature>
): WorldPlan {
  const size = { producers: random.integer(2, 4), consumers: random.integer(3, 7) }
  const workload = drawWorkload(random.fork('workload'), topology.brokers, size, features)
  const settings = withRoomFor(workload, drawSettings(random.fork('settings')))
  return {
    topology,
    settings,
    qualities: drawQualities(random.fork('qualities'), topology, settings),
    isResplitting: random.chance(0.8),
    startSpreadMs: random.fork('start').pick([0, 1_000]),
    ...workload
  }
}

/**
 * Dead letters wait for whoever takes them, and nothing holds back what becomes one: they may fill
 * a small memory. So does what a queue's selective consumers leave out, where it was sent for them:
 * brokers do not tell each other of selectors.
 */
function withRoomFor(workload: Workload, settings: SimBrokerSettings): SimBrokerSettings {
  const isRefusing = workload.consumers.some(({ nackEvery }) => nackEvery !== undefined)
  if (!hasChoosyQueues(workload) && !isRefusing) return settings
  const { memoryBytesMax, queueMessagesMax } = defaultBrokerLimits
  return { ...settings, limits: { ...settings.limits, memoryBytesMax, queueMessagesMax } }
}

/** Consumers that take so long for each message have much left to do in the end. */
const slowWorkMsMin = 40
const slowDrainMsMax = 600_000

/** A plan that heals in the end. */
export function planOf(
  { name, about }: Pick<Scenario, 'name' | 'about'>,
  world: WorldPlan,
  timeline: readonly TimelineStep[]
): ScenarioPlan {
  const isSlow = world.consumers.some(({ workMs }) => workMs >= slowWorkMsMin)
  const drain = isSlow ? { drainMsMax: slowDrainMsMax } : {}
  return { ...world, name, about, timeline, thenMs: 1_000, ending: 'heal', ...drain }
}

/** A step. */
export function step(afterMs: number, event: SimEvent): TimelineStep {
  return { afterMs, event }
}

/** The usual course of a fault under load: all is well, it happens, all is well again. */
export function underLoad(event: SimEvent, thenMs: number): TimelineStep[] {
  return [step(1_000, event), step(thenMs, { kind: 'settle' })]
}

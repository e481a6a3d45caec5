// What a drawn scenario is: a name, and a plan made from a seed.

import {
  type ClientFeature,
  drawQualities,
  drawSettings,
  drawWorkload,
  type ScenarioPlan,
  type SimEvent,
  type TimelineStep,
  type WorldPlan
} from '../plan/index.ts'
import type { Prng } from '../prng.ts'
import type { SimTopology } from '../topologies.ts'

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
  return {
    topology,
    settings: drawSettings(random.fork('settings')),
    qualities: drawQualities(random.fork('qualities'), topology),
    isResplitting: random.chance(0.8),
    ...drawWorkload(random.fork('workload'), topology.brokers, size, features)
  }
}

/** A plan that heals in the end. */
export function planOf(
  { name, about }: Pick<Scenario, 'name' | 'about'>,
  world: WorldPlan,
  timeline: readonly TimelineStep[]
): ScenarioPlan {
  return { ...world, name, about, timeline, thenMs: 1_000, ending: 'heal' }
}

/** A step. */
export function step(afterMs: number, event: SimEvent): TimelineStep {
  return { afterMs, event }
}

/** The usual course of a fault under load: all is well, it happens, all is well again. */
export function underLoad(event: SimEvent, thenMs: number): TimelineStep[] {
  return [step(1_000, event), step(thenMs, { kind: 'settle' })]
}

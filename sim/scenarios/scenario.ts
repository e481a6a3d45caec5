// What a scenario is: a plan drawn from the seed, and what happens to the world made of it.

import type { Prng } from '../prng.ts'
import type { SimTopology } from '../topologies.ts'
import type { SimWorld } from '../world.ts'
import { drawQualities, drawSettings, drawWorkload, type WorldPlan } from '../world-plan.ts'

/** A named course of events. */
export interface Scenario {
  readonly name: string
  /** One sentence for people. */
  readonly about: string
  plan(random: Prng): WorldPlan
  /** Lets it happen; the world has no clients and no running brokers yet. */
  play(world: SimWorld, plan: WorldPlan, random: Prng): void
}

/** A plan for a given topology with a drawn workload. */
export function planFor(random: Prng, topology: SimTopology): WorldPlan {
  const size = { producers: random.integer(2, 4), consumers: random.integer(3, 7) }
  return {
    topology,
    settings: drawSettings(random.fork('settings')),
    qualities: drawQualities(random.fork('qualities'), topology),
    isResplitting: random.chance(0.8),
    ...drawWorkload(random.fork('workload'), topology.brokers, size)
  }
}

/** Starts every broker and every client of the plan, and waits until all are at work. */
export function startAll(world: SimWorld, plan: WorldPlan): void {
  world.startAll()
  for (const consumer of plan.consumers) world.addConsumer(consumer)
  for (const producer of plan.producers) world.addProducer(producer)
  world.settle()
}

/** The usual course of a fault under load: all is well, it happens, all is well again. */
export function underLoad(world: SimWorld, fault: () => void, thenMs: number): void {
  world.runFor(1_000)
  fault()
  world.runFor(thenMs)
  world.settle()
}

// One run: draws the plan from the seed, makes the world, lets the scenario happen, and says how it
// ended. The same scenario and seed give the same trace hash, on every machine.

import type { Station } from '../src/station/index.ts'
import { Prng } from './prng.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { SimFailure } from './sim-failure.ts'
import { SimWorld } from './world.ts'
import type { WorldPlan } from './world-plan.ts'

/** What to run. */
export interface RunOptions {
  readonly scenario: Scenario
  readonly seed: string | number
  /** Told the plan before anything happens. */
  readonly onPlan?: (plan: WorldPlan) => void
  /** Spoils stations, for the judges' own tests. */
  readonly sabotage?: (station: Station, name: string, world: SimWorld) => void
}

/** How a run ended. */
export interface RunResult {
  readonly scenario: string
  readonly seed: string
  /** Hash over everything that happened. */
  readonly hash: string
  /** What the judges said, first complaint first; empty if all is well. */
  readonly complaints: readonly string[]
  readonly virtualMs: number
  readonly events: number
  /** Messages that brokers took from producers. */
  readonly messages: number
  readonly deliveries: number
  /** For a closer look at a failure. */
  readonly world: SimWorld
}

/** Runs it to the end or to the first complaint. */
export function runScenario(options: RunOptions): RunResult {
  const { scenario, seed, sabotage } = options
  const root = new Prng(`${seed}/${scenario.name}`)
  const plan = scenario.plan(root.fork('plan'))
  options.onPlan?.(plan)
  const { topology, settings, qualities, isResplitting } = plan
  const world = new SimWorld({
    seed: `${seed}/${scenario.name}/world`,
    ...{ topology, settings, qualities, isResplitting },
    ...(sabotage === undefined ? {} : { sabotage })
  })
  const complaints = play(options, world, plan, root.fork('faults'))
  let deliveries = 0
  for (const record of world.ledger.all()) deliveries += record.deliveries
  return {
    scenario: scenario.name,
    seed: String(seed),
    hash: world.scheduler.traceHash,
    complaints,
    virtualMs: world.nowMs,
    events: world.scheduler.steps,
    messages: world.ledger.size,
    deliveries,
    world
  }
}

function play(
  { scenario }: RunOptions,
  world: SimWorld,
  plan: WorldPlan,
  random: Prng
): readonly string[] {
  try {
    scenario.play(world, plan, random)
    return []
  } catch (error) {
    if (error instanceof SimFailure) return error.complaints
    // An assertion of a broker failed: that is a finding like any other.
    return [`crash: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`]
  }
}

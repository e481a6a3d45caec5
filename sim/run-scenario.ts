// One run: a plan and a seed make a world, the plan's course happens to it, and the result says how
// it ended. The same plan and seed give the same trace hash, on every machine.

import type { Station } from '../src/station/index.ts'
import type { ScenarioPlan } from './plan/index.ts'
import { playPlan } from './play-timeline.ts'
import { Prng } from './prng.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { SimFailure } from './sim-failure.ts'
import type { Watcher } from './watcher.ts'
import { SimWorld } from './world.ts'

/** What to run. */
export interface RunOptions {
  readonly plan: ScenarioPlan
  readonly seed: string | number
  /** What happens, instead of the plan's timeline; for tests. */
  readonly play?: (world: SimWorld, plan: ScenarioPlan) => void
  /** Who watches besides the judges, such as those who measure. */
  readonly watch?: (world: SimWorld) => readonly Watcher[]
  /** Spoils stations, for the judges' own tests. */
  readonly sabotage?: (station: Station, name: string, world: SimWorld) => void
}

/** How a run ended. */
export interface RunResult {
  readonly plan: ScenarioPlan
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

/** The plan that a seed makes of a drawn scenario. */
export function drawPlan(scenario: Scenario, seed: string | number): ScenarioPlan {
  return scenario.plan(new Prng(`${seed}/${scenario.name}`).fork('plan'))
}

/** Runs it to the end or to the first complaint. */
export function runPlan(options: RunOptions): RunResult {
  const { plan, seed, sabotage, watch } = options
  const world = new SimWorld({
    seed: `${seed}/${plan.name}/world`,
    plan,
    ...(sabotage === undefined ? {} : { sabotage }),
    ...(watch === undefined ? {} : { watch })
  })
  const complaints = play(options, world)
  let deliveries = 0
  for (const record of world.ledger.all()) deliveries += record.deliveries
  return {
    plan,
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

function play({ plan, play: course = playPlan }: RunOptions, world: SimWorld): readonly string[] {
  try {
    course(world, plan)
    return []
  } catch (error) {
    if (error instanceof SimFailure) return error.complaints
    // An assertion of a broker failed: that is a finding like any other.
    return [`crash: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`]
  }
}

// A world at work, for tests that let single events of a timeline happen to it and look at what
// they do.

import type { ExecutionContext } from 'ava'
import type { SimEvent } from '../../sim/plan/index.ts'
import { playEvent, startPlan } from '../../sim/play-timeline.ts'
import type { RunResult } from '../../sim/run-scenario.ts'
import type { SimWorld } from '../../sim/world.ts'
import { assertGood, runSmall, type SmallWorld } from './small-world.ts'

/** A world as these tests see it. */
export interface Stage {
  readonly world: SimWorld
  /** Lets an event happen now. */
  happen(event: SimEvent): void
  /** True if both ends have a bridge to each other. */
  isBridged(a: string, b: string): boolean
  /** First deliveries and copies so far. */
  deliveries(): number
}

/** Starts a small world, lets `act` happen to it, ends it, and asserts that no judge complained. */
export function onStage(
  t: ExecutionContext,
  small: Omit<SmallWorld, 'play'>,
  act: (stage: Stage) => void
): RunResult {
  const result = runSmall({
    ...small,
    play(world, plan) {
      startPlan(world, plan)
      act(stageOf(world))
      world.finish(plan)
    }
  })
  assertGood(t, result)
  return result
}

/** For a world that is played by the test itself. */
export function stageOf(world: SimWorld): Stage {
  const bridge = (from: string, to: string) => world.broker(from).station?.network.bridges.get(to)
  return {
    world,
    happen: (event) => playEvent(world, event),
    isBridged: (a, b) => bridge(a, b) !== undefined && bridge(b, a) !== undefined,
    deliveries() {
      let count = 0
      for (const record of world.ledger.all()) count += record.deliveries
      return count
    }
  }
}

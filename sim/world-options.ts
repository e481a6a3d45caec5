// What a simulated world is made of, and who may look at it or spoil it.

import type { Station } from '../src/station/index.ts'
import type { ScenarioPlan } from './plan/index.ts'
import type { Watcher } from './watcher.ts'
import type { SimWorld } from './world.ts'

/** Longest time for brokers to agree after a fault, if they dial again often enough. */
export const settleMsMaxDefault = 60_000

/** What a world is made of. */
export interface SimWorldOptions {
  readonly seed: string | number
  readonly plan: ScenarioPlan
  /** Who watches besides the judges. */
  readonly watch?: (world: SimWorld) => readonly Watcher[]
  /** Spoils a station before it starts, to see that a judge notices. */
  readonly sabotage?: (station: Station, name: string, world: SimWorld) => void
}

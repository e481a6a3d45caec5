// Plans kept as JSON files: what failed, so that it can be run again on any machine.

import { readFileSync, writeFileSync } from 'node:fs'
import type { ScenarioPlan } from '../plan/index.ts'

/** A plan and the seed it is run with. */
export interface KeptPlan {
  readonly seed: string
  readonly plan: ScenarioPlan
  /** What the judges said when it was kept; for people. */
  readonly complaints?: readonly string[]
}

/** Writes a plan to a file. */
export function keepPlan(file: string, kept: KeptPlan): void {
  writeFileSync(file, `${JSON.stringify(kept, undefined, 2)}\n`)
}

/**
 * Reads a plan from a file: as it was kept, or the bare plan.
 * @throws Error saying what is wrong with the file
 */
export function readPlan(file: string): KeptPlan {
  const text = readFileSync(file, 'utf8')
  const found = parse(file, text)
  const plan = 'plan' in found ? found.plan : found
  if (!isPlan(plan)) {
    throw new Error(`${file}: this is no plan of a run; make one with --save-plan <file>`)
  }
  const seed = 'seed' in found && typeof found.seed === 'string' ? found.seed : '1'
  return { seed, plan }
}

function parse(file: string, text: string): object {
  try {
    const found: unknown = JSON.parse(text)
    if (typeof found === 'object' && found !== null) return found
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
  throw new Error(`${file}: this is no plan of a run; it has to be an object`)
}

function isPlan(plan: unknown): plan is ScenarioPlan {
  if (typeof plan !== 'object' || plan === null) return false
  return ['name', 'topology', 'settings', 'producers', 'consumers', 'timeline'].every(
    (part) => part in plan
  )
}

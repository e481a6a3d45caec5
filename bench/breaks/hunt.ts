// Runs seed after seed on a build with a break in it until a judge complains that is quiet about
// the same seed of the whole build. Plans are drawn by the whole build: both run the same ones.

import { drawPlan, type RunOptions, runPlan } from '../../sim/run-scenario.ts'
import { makeJobs } from '../../sim/runner/index.ts'
import { scenarios } from '../../sim/scenarios/index.ts'

/** What to run, and for how long. */
export interface HuntOptions {
  /** The module of {@link import('./broken-build.ts').BrokenBuild}. */
  readonly runModule: string
  readonly firstSeed: number
  /** Name of a scenario, or 'all': mixed as `make sim` does. */
  readonly scenario: string
  /** No more runs are begun after so long. */
  readonly seconds: number
}

/** How it ended. Plain data. */
export interface HuntResult {
  readonly runs: number
  readonly seconds: number
  /** Undefined if no judge complained. */
  readonly caught:
    | { readonly scenario: string; readonly seed: string; readonly complaint: string }
    | undefined
  /** Runs of which judges complain without the break as well, as 'scenario/seed'. */
  readonly alsoWithout: readonly string[]
}

type RunPlan = (options: RunOptions) => { readonly complaints: readonly string[] }

/** Does it. @throws Error for a scenario that there is not */
export async function hunt(options: HuntOptions): Promise<HuntResult> {
  const { runModule, firstSeed, scenario, seconds: secondsMax } = options
  const { runPlan: runBroken } = (await import(runModule)) as { readonly runPlan: RunPlan }
  const startedAtMs = performance.now()
  const secondsSoFar = () => Math.round((performance.now() - startedAtMs) / 100) / 10
  const alsoWithout: string[] = []
  let runs = 0
  for (const job of makeJobs({
    ...{ scenario, count: Number.POSITIVE_INFINITY, freshSeed: firstSeed },
    ...{ twiceEvery: 0, shrinkTriesMax: 0, linesMax: 0 }
  })) {
    if (secondsSoFar() >= secondsMax) break
    const { seed } = job
    const found = scenarios.find(({ name }) => name === job.scenario)
    if (found === undefined) throw new Error(`there is no scenario "${job.scenario}"`)
    const plan = drawPlan(found, seed)
    runs += 1
    const [complaint] = runBroken({ plan, seed }).complaints
    if (complaint === undefined) continue
    if (runPlan({ plan, seed }).complaints.length > 0) {
      alsoWithout.push(`${found.name}/${seed}`)
      continue
    }
    const caught = { scenario: found.name, seed, complaint }
    return { runs, seconds: secondsSoFar(), caught, alsoWithout }
  }
  return { runs, seconds: secondsSoFar(), caught: undefined, alsoWithout }
}

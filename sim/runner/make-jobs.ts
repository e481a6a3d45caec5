// Which seeds of which scenarios are run: the same ones each time first, so that a change that
// breaks one of them is seen, then fresh ones, so that something new is tried each time.

import type { BrokerOverrides } from '../plan/index.ts'
import { scenarios } from '../scenarios/index.ts'
import type { SimTopology } from '../topologies.ts'
import type { Job } from './run-job.ts'

/** What to make jobs of. */
export interface JobsWanted {
  /** 'all', or the name of one. */
  readonly scenario: string
  readonly topology?: SimTopology
  readonly overrides?: Readonly<Record<string, BrokerOverrides>>
  readonly count: number
  /** The first of the fresh seeds, a whole number. */
  readonly freshSeed: number
  /** Every so many-th job is run twice; 1 for all of them, 0 for none. */
  readonly twiceEvery: number
  readonly shrinkTriesMax: number
  readonly linesMax: number | undefined
}

/** Of all scenarios, one job in so many is of a certain misfortune; the rest is drawn wholly. */
const namedEvery = 3
/** Half of the seeds, but no more than this, are the same in each run. */
const fixedSeedsMax = 500

/** The scenario in which everything is drawn. */
export const drawnScenario = 'random'

/** The jobs, in the order they are told; without end if the count is infinite. */
export function* makeJobs(wanted: JobsWanted): Generator<Job, undefined> {
  const { count, freshSeed, topology, overrides, twiceEvery, shrinkTriesMax, linesMax } = wanted
  const isEndless = !Number.isFinite(count)
  const fixed = isEndless ? 0 : Math.min(fixedSeedsMax, Math.ceil(count / 2))
  for (let index = 0; index < count; index += 1) {
    const seed = index < fixed ? String(index + 1) : String(freshSeed + index - fixed)
    yield {
      ...{ index, seed, shrinkTriesMax, linesMax },
      scenario: scenarioAt(wanted, index),
      isTwice: twiceEvery > 0 && index % twiceEvery === 0,
      ...(topology === undefined ? {} : { topology }),
      ...(overrides === undefined ? {} : { overrides })
    }
  }
  return undefined
}

function scenarioAt({ scenario }: JobsWanted, index: number): string {
  if (scenario !== 'all') return scenario
  if (index % namedEvery !== 0) return drawnScenario
  const named = scenarios.filter(({ name }) => name !== drawnScenario)
  return named[(index / namedEvery) % named.length]!.name
}

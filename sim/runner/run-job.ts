// One job of the runner: a seed of a scenario, or a plan of a file, run once or twice. What comes
// back is plain data, since jobs run in threads of their own.

import type { BrokerOverrides, ScenarioPlan } from '../plan/index.ts'
import { drawPlan, type RunResult, runPlan } from '../run-scenario.ts'
import { randomFaults, type Scenario, scenarios } from '../scenarios/index.ts'
import { checkerOf, shrink } from '../shrink/shrink.ts'
import type { SimTopology } from '../topologies.ts'
import type { SimWorld } from '../world.ts'

/** What to run. */
export interface Job {
  /** Place among all jobs; results are told in this order. */
  readonly index: number
  /** Name of a scenario, or of the network if there is a topology. */
  readonly scenario: string
  readonly seed: string
  /** Random faults on this network. */
  readonly topology?: SimTopology
  /** What its brokers have otherwise than drawn. */
  readonly overrides?: Readonly<Record<string, BrokerOverrides>>
  /** Runs this plan, and draws nothing. */
  readonly plan?: ScenarioPlan
  /** Runs it twice, and compares the hashes. */
  readonly isTwice: boolean
  /** Most runs to make a failing plan small; 0 leaves it as it is. */
  readonly shrinkTriesMax: number
  /** Most log lines that a failed run shows; undefined shows those of a good one as well. */
  readonly linesMax: number | undefined
}

/** What became of it. */
export interface JobResult {
  readonly index: number
  readonly scenario: string
  readonly seed: string
  readonly topology: string
  readonly hash: string
  /** First complaint first; empty if all is well. */
  readonly complaints: readonly string[]
  readonly virtualMs: number
  readonly events: number
  readonly messages: number
  readonly deliveries: number
  /** Of a failed run, or if all lines are to be shown. */
  readonly plan: ScenarioPlan | undefined
  readonly logLines: readonly string[]
  /** The smallest plan that fails in the same way; undefined if it was not looked for. */
  readonly smallest:
    | { readonly plan: ScenarioPlan; readonly seed: string; readonly complaints: readonly string[] }
    | undefined
}

/** Does it. @throws Error for a scenario that there is not */
export function runJob(job: Job): JobResult {
  const { seed, isTwice, linesMax, shrinkTriesMax } = job
  const plan = job.plan ?? draw(job)
  const result = runPlan({ plan, seed })
  const complaints = [...result.complaints]
  if (isTwice) {
    const again = runPlan({ plan, seed })
    if (again.hash !== result.hash) {
      complaints.push(`determinism: the second run ended on ${again.hash}, not ${result.hash}`)
    }
  }
  const isShown = complaints.length > 0 || linesMax === undefined
  const { hash, virtualMs, events, messages, deliveries } = result
  return {
    ...{ index: job.index, scenario: job.scenario, seed, topology: plan.topology.name },
    ...{ hash, complaints, virtualMs, events, messages, deliveries },
    plan: isShown ? plan : undefined,
    logLines: isShown ? logLinesOf(result.world, linesMax) : [],
    smallest: shrinkTriesMax > 0 ? makeSmall(result, shrinkTriesMax) : undefined
  }
}

function draw(job: Job): ScenarioPlan {
  const plan = drawPlan(scenarioOf(job), job.seed)
  return job.overrides === undefined ? plan : { ...plan, overrides: job.overrides }
}

/** The scenario that a job draws its plan of. */
function scenarioOf({ scenario, topology }: Job): Scenario {
  if (topology !== undefined) return randomFaults(scenario, topology)
  const found = scenarios.find(({ name }) => name === scenario)
  if (found !== undefined) return found
  const names = scenarios.map(({ name }) => name).join(', ')
  throw new Error(`there is no scenario "${scenario}"; choose one of ${names}, or all`)
}

function makeSmall({ plan, seed, complaints }: RunResult, triesMax: number): JobResult['smallest'] {
  if (checkerOf(complaints) === '') return undefined
  const run = (smaller: ScenarioPlan, other: string): readonly string[] =>
    runPlan({ plan: smaller, seed: other }).complaints
  const { tries: _, ...smallest } = shrink({ plan, seed, complaints }, { run, triesMax })
  return smallest
}

/** The latest log lines of all brokers, in the order of virtual time. */
function logLinesOf(world: SimWorld, count = Number.POSITIVE_INFINITY): string[] {
  const lines: { readonly timeMs: number; readonly text: string }[] = []
  for (const broker of world.brokers.values()) {
    for (const { timeMs, level, event, fields } of broker.logger.lines) {
      const facts = Object.entries(fields).map(([key, value]) => `${key}=${value}`)
      lines.push({ timeMs, text: `${level} ${event} ${facts.join(' ')}` })
    }
  }
  lines.sort((a, b) => a.timeMs - b.timeMs)
  const shown = count < lines.length ? lines.slice(lines.length - count) : lines
  return shown.map(({ timeMs, text }) => `${timeMs.toFixed(3).padStart(10)} ${text}`)
}

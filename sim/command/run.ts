// The runs of one command: one file or two, one seed or many, until somebody asks to stop.

import type { Report } from '../report/report.ts'
import { durationOf, planOfRehearsal, type Rehearsal } from '../scenario-file/index.ts'
import { Progress } from './progress.ts'
import { loadTools, type ReportTools, runReal } from './report-tools.ts'
import { runSimulated } from './run-simulated.ts'
import type { SimProcess } from './sim-command.ts'
import type { SimOptions } from './sim-options.ts'

/** What one rehearsal came to. */
export interface RunResult {
  /** Of the worst seed, if there were several. */
  readonly report: Report
  readonly isGood: boolean
  /** A line for each seed; empty if there was only one. */
  readonly seedLines: readonly string[]
  readonly logLines: readonly string[]
}

type OneRun = Omit<RunResult, 'seedLines'>

/** See the top of this file. */
export class Run {
  private readonly options: SimOptions
  private readonly process: SimProcess
  private readonly aborter = new AbortController()

  constructor(options: SimOptions, process: SimProcess) {
    this.options = options
    this.process = process
  }

  /** True once somebody asked to stop. */
  get isStopped(): boolean {
    return this.aborter.signal.aborted
  }

  /** Ends what is running; its report says what was until then. */
  stop(): void {
    this.aborter.abort()
  }

  /** Runs each rehearsal; fewer if it was stopped. */
  async all(rehearsals: readonly Rehearsal[]): Promise<readonly RunResult[]> {
    const tools = await loadTools()
    const results: RunResult[] = []
    for (const rehearsal of rehearsals) {
      if (!this.isStopped) results.push(await this.seeds(rehearsal, tools))
    }
    return results
  }

  private async seeds(rehearsal: Rehearsal, tools: ReportTools): Promise<RunResult> {
    const { seeds = 1, verbose = false } = this.options
    const seedLines: string[] = []
    let worst: OneRun | undefined
    for (let at = 0; at < seeds && !this.isStopped; at += 1) {
      const seed = String(Number(rehearsal.seed) + at)
      const run = await this.one({ ...rehearsal, seed }, tools)
      if (worst === undefined || isWorse(run, worst)) worst = run
      if (seeds > 1) seedLines.push(seedLine(run))
    }
    return { ...worst!, seedLines, ...(verbose ? {} : { logLines: [] }) }
  }

  private async one(rehearsal: Rehearsal, tools: ReportTools): Promise<OneRun> {
    const { options, process } = this
    const { seed, name, topology } = rehearsal
    const plan = planOfRehearsal(rehearsal)
    const progress = new Progress(process.stderr, {
      label: (options.seeds ?? 1) > 1 ? `${name} seed ${seed}` : `${name} on ${topology.name}`,
      totalMs: durationOf(rehearsal),
      isAsked: options.progress === true
    })
    if (options.real === true) {
      const { signal } = this.aborter
      const report = await runReal(plan, { seed, signal, progress })
      return { report, isGood: isGoodReport(report), logLines: [] }
    }
    const isStopped = (): boolean => this.isStopped
    const { report, logLines } = await runSimulated(plan, seed, { tools, progress, isStopped })
    const lines = options.verbose === true ? logLines() : []
    return { report, isGood: isGoodReport(report), logLines: lines }
  }
}

/** True if no judge complains and every expectation is met. */
export function isGoodReport({ complaints, expectations }: Report): boolean {
  return complaints.length === 0 && expectations.every(({ isMet }) => isMet)
}

/** How bad a report is, most important first. */
function badness({ report }: OneRun): readonly number[] {
  const { complaints, expectations, destinations, faults } = report
  return [
    complaints.length > 0 ? 1 : 0,
    expectations.filter(({ isMet }) => !isMet).length,
    sum(destinations.map(({ fates }) => fates.lost)),
    sum(destinations.map(({ unmarkedDuplicates }) => unmarkedDuplicates)),
    Math.max(0, ...faults.map(({ recoverMs }) => recoverMs ?? 0)),
    Math.max(0, ...destinations.map(({ latencyMs }) => latencyMs.max))
  ]
}

function isWorse(one: OneRun, other: OneRun): boolean {
  const [mine, theirs] = [badness(one), badness(other)]
  const at = mine.findIndex((value, index) => value !== theirs[index])
  return at !== -1 && mine[at]! > theirs[at]!
}

function seedLine({ report, isGood }: OneRun): string {
  const { seed, destinations, expectations, complaints, wasCalledOff } = report
  const lost = sum(destinations.map(({ fates }) => fates.lost))
  const accepted = sum(destinations.map((each) => each.accepted))
  const [failure] = [
    ...complaints,
    ...expectations
      .filter(({ isMet }) => !isMet)
      .map(({ text, actual }) => `${text}, but was ${actual ?? 'not measured'}`)
  ]
  const why = failure === undefined ? '' : `: ${failure.split('\n')[0]}`
  const verdict = wasCalledOff === true ? 'called off' : isGood ? 'good  ' : 'FAILED'
  return `${verdict} seed ${seed}: ${accepted} accepted, ${lost} lost${why}`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

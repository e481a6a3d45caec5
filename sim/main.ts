// The command line of the seeds: which scenarios, which seeds, on how many threads, and what to say
// of them. Picks fresh seeds by the clock; everything else follows from them.

import { mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { isMainThread, parentPort } from 'node:worker_threads'
import { Command, InvalidArgumentError } from 'commander'
import { addMarkCounts, type MarkCounts, marksHit } from '../src/base/index.ts'
import { formatProblem, readTopology } from '../src/config/index.ts'
import { marksReport, marksText } from './marks-report.ts'
import {
  details,
  type Job,
  type JobResult,
  keepPlan,
  makeJobs,
  progressLine,
  readPlan,
  replayOf,
  runJobs,
  runLine,
  serveJobs,
  summaryLine,
  type Totals
} from './runner/index.ts'
import { scenarios } from './scenarios/index.ts'
import { topologyFromConfig } from './topology-from-config.ts'

interface Options {
  readonly seed?: string
  readonly seeds: number
  readonly scenario: string
  readonly topology?: string
  readonly plan?: string
  readonly savePlan?: string
  readonly twice?: true
  readonly verbose?: true
  readonly shrink?: true | number
  readonly workers: number
  readonly nightly?: true
  readonly seconds?: number
  readonly keep?: string
  readonly from?: number
}

/** Log lines shown of a failed run. */
const linesShownMax = 60
/** One run in so many is run twice, to see that nothing but the seed decides. */
const twiceEvery = 20
/** Runs spent on making a failing plan small, unless told otherwise. */
const shrinkTriesDefault = 400
/** Failed runs that are told in full; of more only a line each. */
const toldInFullMax = 10
/** The line of progress is written anew no more often than this. */
const progressMsMin = 500

async function main(): Promise<void> {
  const options = readOptions()
  const session = new Session(options, chooseJobs(options))
  await session.run()
  process.exitCode = session.totals.failed > 0 ? 1 : 0
}

/** Everything one call of the program runs. */
class Session {
  readonly totals: Totals = { runs: 0, failed: 0, events: 0, virtualMs: 0, cpuMs: 0 }
  private readonly options: Options
  private readonly jobs: Iterator<Job, undefined>
  private readonly count: number
  private readonly startedAtMs = performance.now()
  private toldAtMs = 0
  private isStopped = false

  constructor(options: Options, { jobs, count }: ChosenJobs) {
    this.options = options
    this.jobs = jobs[Symbol.iterator]() as Iterator<Job, undefined>
    this.count = count
  }

  async run(): Promise<void> {
    const stop = (): void => {
      this.isStopped = true
    }
    process.once('SIGINT', stop)
    const workers = Math.min(this.options.workers, this.count)
    await runJobs(
      {
        next: () => this.next(),
        onResult: (result) => this.onResult(result),
        onGathered: (counts) => addMarkCounts(counts as MarkCounts)
      },
      { workers, file: new URL(import.meta.url) }
    )
    process.off('SIGINT', stop)
    this.clearProgress()
    const { user, system } = process.cpuUsage()
    this.totals.cpuMs = (user + system) / 1_000
    if (this.count > 1) process.stdout.write(marksText(marksReport(marksHit())))
    console.log(summaryLine(this.totals, this.seconds))
  }

  private get seconds(): number {
    return (performance.now() - this.startedAtMs) / 1_000
  }

  private next(): Job | undefined {
    const { seconds } = this.options
    if (this.isStopped || (seconds !== undefined && this.seconds >= seconds)) return undefined
    return this.jobs.next().value
  }

  private onResult(result: JobResult): void {
    const { totals, options } = this
    const isGood = result.complaints.length === 0
    totals.runs += 1
    totals.events += result.events
    totals.virtualMs += result.virtualMs
    if (!isGood) totals.failed += 1
    if (!isGood || options.verbose || this.count <= 1) {
      this.clearProgress()
      console.log(runLine(result))
      const isFull = isGood || totals.failed <= toldInFullMax
      const replay = this.replayOf(result)
      for (const line of isFull ? details(result, replay) : [`  replay: ${replay}`]) {
        console.log(line)
      }
    }
    this.keep(result)
    this.tellProgress()
  }

  private replayOf(result: JobResult): string {
    const { plan, topology } = this.options
    if (plan !== undefined) return `node dist/sim/main.js --plan ${plan} --verbose`
    return replayOf(result, topology)
  }

  /** Keeps the plan that was asked for, and failing ones if there is a place for them. */
  private keep({ plan, seed, scenario, complaints, smallest }: JobResult): void {
    const { savePlan, keep } = this.options
    if (plan === undefined) return
    const kept = smallest ?? { seed, plan, complaints }
    if (savePlan !== undefined) keepPlan(savePlan, kept)
    if (keep === undefined || complaints.length === 0) return
    mkdirSync(keep, { recursive: true })
    const file = join(keep, `${scenario}-${seed}.json`)
    keepPlan(file, kept)
    console.log(`  kept: node dist/sim/main.js --plan ${file} --verbose`)
  }

  private tellProgress(): void {
    const nowMs = performance.now()
    if (!process.stderr.isTTY || nowMs - this.toldAtMs < progressMsMin) return
    this.toldAtMs = nowMs
    process.stderr.write(`\r\x1b[K${progressLine(this.totals, this.count, this.seconds)}`)
  }

  private clearProgress(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  }
}

interface ChosenJobs {
  readonly jobs: Iterable<Job>
  readonly count: number
}

function chooseJobs(options: Options): ChosenJobs {
  const { seed, scenario, nightly, twice, verbose } = options
  const shrink = options.shrink === true ? shrinkTriesDefault : (options.shrink ?? 0)
  const isAlone = options.plan !== undefined || seed !== undefined
  const linesMax = verbose || options.savePlan !== undefined ? undefined : linesShownMax
  const common = { shrinkTriesMax: shrink, linesMax }
  if (options.plan !== undefined) {
    const kept = readPlan(options.plan)
    const one = { index: 0, scenario: kept.plan.name, seed: seed ?? kept.seed, plan: kept.plan }
    return { jobs: [{ ...one, isTwice: twice === true, ...common }], count: 1 }
  }
  const topology = options.topology === undefined ? {} : readNetwork(options.topology)
  const wanted = topology.scenario ?? scenario
  if (isAlone) {
    const names = wanted === 'all' ? scenarios.map(({ name }) => name) : [wanted]
    const jobs = names.map((name, index) => ({
      ...{ index, seed: seed!, isTwice: twice === true },
      ...common,
      ...topology,
      scenario: name
    }))
    return { jobs, count: jobs.length }
  }
  checkScenario(wanted, topology.scenario !== undefined)
  const count = nightly ? Number.POSITIVE_INFINITY : options.seeds
  const jobs = makeJobs({
    ...{ count, freshSeed: options.from ?? Date.now() % 1_000_000_000 },
    ...common,
    ...topology,
    scenario: wanted,
    twiceEvery: twice ? 1 : twiceEvery
  })
  return { jobs, count }
}

function readNetwork(file: string): Pick<Partial<Job>, 'scenario' | 'topology' | 'overrides'> {
  const reading = readTopology(readFileSync(file, 'utf8'), file)
  for (const problem of reading.problems) console.error(formatProblem(problem))
  if (reading.topology === undefined) throw new Error(`${file} cannot be used`)
  const name = basename(file, '.yaml')
  const { topology, overrides, leftOut } = topologyFromConfig(name, reading.topology)
  for (const { broker, connector, uri } of leftOut) {
    console.error(`${file}: ${connector} of ${broker} leads out of the file: ${uri} is left out`)
  }
  return { scenario: name, topology, overrides }
}

function checkScenario(scenario: string, isNetwork: boolean): void {
  if (isNetwork || scenario === 'all' || scenarios.some(({ name }) => name === scenario)) return
  const names = scenarios.map(({ name }) => name).join(', ')
  throw new Error(`there is no scenario "${scenario}"; choose one of ${names}, or all`)
}

function readOptions(): Options {
  const about = scenarios.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`).join('\n')
  const program = new Command('sim')
    .description('Runs networks of real brokers on virtual time, and judges what they do.')
    .option('--seed <text>', 'one seed, for one run of each scenario')
    .option(
      '--seeds <count>',
      'how many runs: half with fixed seeds, then fresh ones',
      whole,
      1_000
    )
    .option('--scenario <name>', 'one scenario, or all, most of them random', 'all')
    .option('--topology <file>', 'random faults on the network of a topology file')
    .option('--plan <file>', 'run the plan of a file')
    .option('--save-plan <file>', 'write the plan that was run to a file')
    .option('--shrink [tries]', `make failing plans small (${shrinkTriesDefault} tries)`, whole)
    .option('--workers <count>', 'threads', whole, availableParallelism())
    .option('--nightly', 'fresh seeds until stopped, by Ctrl-C or --seconds')
    .option('--seconds <count>', 'begin no more runs after so many seconds', whole)
    .option('--from <seed>', 'count fresh seeds from here, not from the clock', whole)
    .option('--keep <directory>', 'write the plans of failed runs there')
    .option('--twice', 'run everything twice and compare the hashes, not only one run in twenty')
    .option('--verbose', 'print what was drawn and all log lines')
    .addHelpText('after', `\nScenarios:\n${about}`)
  return program.parse().opts<Options>()
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) {
    throw new InvalidArgumentError(`"${text}" is not a whole number from 1`)
  }
  return Number(text)
}

if (isMainThread) {
  try {
    await main()
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
} else serveJobs(parentPort!, () => marksHit())

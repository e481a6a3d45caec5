// Entry of the benchmark: runs the chosen scenarios round by round, prints the report, keeps the
// results. Run nothing else on the machine meanwhile. Invariant: rounds are outermost, so that a
// drift of the machine touches all scenarios alike.

import { judge } from './bars.ts'
import { type BenchOptions, helpText, parseCommandLine } from './command-line.ts'
import { readMachine, readVersions } from './machine.ts'
import { type Measurement, Measurements } from './measurements.ts'
import { Progress } from './progress.ts'
import { faultLine, type ReportInput, report } from './report.ts'
import { defaultResultsFile, resultsJson, writeResults } from './results-file.ts'
import { runIdle } from './scenarios/run-idle.ts'
import { runLoad } from './scenarios/run-load.ts'
import { runStart } from './scenarios/run-start.ts'
import type { RunOutcome, Scenario } from './scenarios/scenario.ts'
import { scenarios } from './scenarios/scenario-list.ts'
import { bareRelayTarget } from './targets/bare-relay-target.ts'
import { externalTarget } from './targets/external-target.ts'
import { postroadTarget } from './targets/postroad-target.ts'
import type { Target, TargetName } from './targets/target.ts'

interface Run {
  readonly scenario: Scenario
  readonly target: Target
}

function targetsOf(options: BenchOptions): ReadonlyMap<TargetName, Target> {
  const targets = new Map<TargetName, Target>()
  const known = [bareRelayTarget, postroadTarget]
  if (options.urls.length > 0) known.push(externalTarget(options.urls, options.pids))
  for (const target of known) if (options.targets.has(target.name)) targets.set(target.name, target)
  return targets
}

/** The runs of one round: each scenario on each target that can do it. */
function runsOf(options: BenchOptions): Run[] {
  const targets = targetsOf(options)
  return options.scenarios.flatMap((scenario) =>
    scenario.targets.flatMap((name) => {
      const target = targets.get(name)
      return target !== undefined && isPossible(scenario, target) ? [{ scenario, target }] : []
    })
  )
}

function isPossible(scenario: Scenario, target: Target): boolean {
  if (scenario.kind === 'load') return scenario.brokers <= target.brokersMax
  if (scenario.kind === 'start') return target.canStart
  return true
}

function runOnce({ scenario, target }: Run, options: BenchOptions): Promise<RunOutcome> {
  switch (scenario.kind) {
    case 'load':
      return runLoad(scenario, target, options)
    case 'idle':
      return runIdle(scenario, target)
    case 'start':
      return runStart(target)
  }
}

async function measure(run: Run, round: number, options: BenchOptions): Promise<Measurement> {
  const key = { scenario: run.scenario.name, target: run.target.name, round }
  try {
    return { ...key, ...(await runOnce(run, options)) }
  } catch (error) {
    const fault = (error as Error).message
    return { ...key, figures: new Map(), fault, notes: [], server: '' }
  }
}

async function runAll(options: BenchOptions): Promise<Measurements> {
  const runs = runsOf(options)
  if (runs.length === 0) throw new Error('nothing to run: no chosen target can do the scenarios')
  const progress = new Progress(process.stderr, runs.length * options.rounds)
  const measurements = new Measurements()
  for (let round = 1; round <= options.rounds; round++) {
    for (const run of runs) {
      progress.show(`round ${round}: ${run.scenario.name} on ${run.target.name}`)
      const measurement = await measure(run, round, options)
      measurements.add(measurement)
      progress.step()
      if (measurement.fault === undefined) continue
      progress.clear()
      console.error(faultLine(measurement))
    }
  }
  progress.clear()
  return measurements
}

async function run(options: BenchOptions, args: readonly string[]): Promise<number> {
  const machine = readMachine()
  const measurements = await runAll(options)
  const input: ReportInput = {
    command: ['node dist/bench/main.js', ...args].join(' '),
    machine,
    versions: readVersions(),
    settings: settingsText(options),
    persistent: options.persistent,
    scenarios: options.scenarios,
    measurements
  }
  process.stdout.write(report(input))
  const date = new Date().toISOString().slice(0, 10)
  const isKept = options.isComplete && options.urls.length === 0
  const file = options.jsonFile ?? (isKept ? defaultResultsFile(machine, date) : undefined)
  if (file !== undefined) {
    await writeResults(file, resultsJson(input, date))
    console.log(`results kept in ${file}`)
  }
  const failed = measurements.all().some((measurement) => measurement.fault !== undefined)
  const missed = judge(measurements).some(({ verdict }) => verdict === 'FAIL')
  return failed || (options.judgeBars && missed) ? 1 : 0
}

function settingsText(options: BenchOptions): string {
  const { rounds, seconds, warmUpSeconds, bodyBytes, persistent } = options
  const kind = persistent ? 'persistent' : 'non-persistent'
  const times = `${rounds} rounds of ${seconds} s after ${warmUpSeconds} s of warm-up`
  return `${times}, ${kind} bodies of ${bodyBytes} bytes`
}

async function main(args: readonly string[]): Promise<number> {
  let options: BenchOptions
  try {
    options = parseCommandLine(args)
    targetsOf(options) // Reads the URLs, so that a bad one is told before anything starts.
  } catch (error) {
    console.error((error as Error).message)
    return 2
  }
  switch (options.action) {
    case 'help':
      process.stdout.write(helpText)
      return 0
    case 'list':
      for (const { name, summary } of scenarios) console.log(`${name.padEnd(18)}${summary}`)
      return 0
    case 'run':
      return run(options, args)
  }
}

// Children are ended in 'exit' handlers; a plain signal would skip those.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

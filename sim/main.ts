// The simulator's command line: which scenarios, which seeds, and what to say about them. The only
// file of the simulation that knows real time and chance, and it uses them to pick fresh seeds and
// to tell how fast it was.

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { formatProblem, readTopology } from '../src/config/index.ts'
import { drawPlan, type RunResult, runPlan } from './run-scenario.ts'
import { randomFaults, type Scenario, scenarios } from './scenarios/index.ts'
import { topologyFromConfig } from './topology-from-config.ts'

interface Options {
  readonly seed?: string
  readonly seeds: number
  readonly scenario: string
  readonly topology?: string
  readonly twice?: true
  readonly verbose?: true
}

/** Seeds that every run of the simulator covers, before fresh ones. */
const fixedSeeds = ['1', '2', '3', '4', '5']
/** Log lines and events shown of a failed run. */
const linesShownMax = 60

function main(): void {
  const options = readOptions()
  const chosen = chooseScenarios(options)
  const seeds = chooseSeeds(options)
  const startedAtMs = performance.now()
  const totals = { runs: 0, failed: 0, events: 0, virtualMs: 0 }
  console.log(`scenarios: ${chosen.map(({ name }) => name).join(', ')}`)
  console.log(`seeds: ${seeds.join(', ')}`)
  for (const scenario of chosen) {
    for (const seed of seeds) {
      const result = runOnce(scenario, seed, options)
      totals.runs += 1
      totals.events += result.events
      totals.virtualMs += result.virtualMs
      if (result.complaints.length > 0) totals.failed += 1
    }
  }
  const realMs = performance.now() - startedAtMs
  const perSecond = Math.round((totals.events / realMs) * 1_000)
  const ratio = Math.round(totals.virtualMs / realMs)
  console.log(
    `${totals.runs} runs, ${totals.failed} failed; ${perSecond} events a second, ` +
      `virtual time passed ${ratio} times as fast as real time`
  )
  process.exitCode = totals.failed > 0 ? 1 : 0
}

function runOnce(scenario: Scenario, seed: string, options: Options): RunResult {
  const plan = drawPlan(scenario, seed)
  const result = runPlan({ plan, seed })
  const complaints = [...result.complaints]
  if (options.twice) {
    const again = runPlan({ plan, seed })
    if (again.hash !== result.hash) {
      complaints.push(`determinism: the second run ended on ${again.hash}, not ${result.hash}`)
    }
  }
  const isGood = complaints.length === 0
  const seconds = (result.virtualMs / 1_000).toFixed(1)
  console.log(
    `${isGood ? 'good  ' : 'FAILED'} ${scenario.name} seed ${seed}: ` +
      `${plan.topology.name}, ${seconds} s, ${result.events} events, ` +
      `${result.messages} messages, ${result.deliveries} deliveries, trace ${result.hash}`
  )
  if (options.verbose || options.seed !== undefined || !isGood) {
    console.log(`  drawn: ${JSON.stringify(plan)}`)
  }
  if (options.verbose) printLog(result, Number.POSITIVE_INFINITY)
  if (!isGood) {
    if (!options.verbose) printLog(result, linesShownMax)
    for (const complaint of complaints) console.log(`  ${complaint}`)
    const file = options.topology === undefined ? '' : ` --topology ${options.topology}`
    const which = options.topology === undefined ? ` --scenario ${scenario.name}` : file
    console.log(`  replay: node dist/sim/main.js${which} --seed ${seed} --verbose`)
  }
  return { ...result, complaints }
}

/** The latest log lines of all brokers, in the order of virtual time. */
function printLog({ world }: RunResult, count: number): void {
  const lines: { readonly timeMs: number; readonly text: string }[] = []
  for (const broker of world.brokers.values()) {
    for (const { timeMs, level, event, fields } of broker.logger.lines) {
      const facts = Object.entries(fields).map(([key, value]) => `${key}=${value}`)
      lines.push({ timeMs, text: `${level} ${event} ${facts.join(' ')}` })
    }
  }
  lines.sort((a, b) => a.timeMs - b.timeMs)
  const shown = count < lines.length ? lines.slice(lines.length - count) : lines
  for (const { timeMs, text } of shown) console.log(`  ${timeMs.toFixed(3).padStart(10)} ${text}`)
}

function chooseScenarios({ scenario, topology }: Options): readonly Scenario[] {
  if (topology !== undefined) {
    const reading = readTopology(readFileSync(topology, 'utf8'), topology)
    for (const problem of reading.problems) console.error(formatProblem(problem))
    if (reading.topology === undefined) throw new Error(`${topology} cannot be used`)
    const name = basename(topology, '.yaml')
    const { overrides, leftOut, ...read } = topologyFromConfig(name, reading.topology)
    for (const { broker, connector, uri } of leftOut) {
      console.error(
        `${topology}: ${connector} of ${broker} leads out of the file: ${uri} is left out`
      )
    }
    const scenario = randomFaults(name, read.topology)
    return [{ ...scenario, plan: (random) => ({ ...scenario.plan(random), overrides }) }]
  }
  if (scenario === 'all') return scenarios
  const found = scenarios.find(({ name }) => name === scenario)
  if (found === undefined) {
    const names = scenarios.map(({ name }) => name).join(', ')
    throw new Error(`there is no scenario "${scenario}"; choose one of ${names}, or all`)
  }
  return [found]
}

function chooseSeeds({ seed, seeds }: Options): string[] {
  if (seed !== undefined) return [seed]
  const fresh: string[] = []
  let next = Date.now() % 1_000_000_000
  while (fixedSeeds.length + fresh.length < seeds) fresh.push(String(next++))
  return [...fixedSeeds.slice(0, seeds), ...fresh]
}

function readOptions(): Options {
  const about = scenarios.map(({ name, about }) => `  ${name.padEnd(16)} ${about}`).join('\n')
  const program = new Command('sim')
    .description('Runs networks of real brokers on virtual time, and judges what they do.')
    .option('--seed <text>', 'one seed, for one run of each scenario')
    .option('--seeds <count>', 'how many seeds: five fixed ones, then fresh ones', wholeNumber, 8)
    .option('--scenario <name>', 'one scenario, or all', 'all')
    .option('--topology <file>', 'random faults on the network of a topology file')
    .option('--twice', 'run everything twice and compare the hashes')
    .option('--verbose', 'print what was drawn and all log lines')
    .addHelpText('after', `\nScenarios:\n${about}`)
  return program.parse().opts<Options>()
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) {
    throw new InvalidArgumentError(`"${text}" is not a whole number from 1`)
  }
  return Number(text)
}

try {
  main()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

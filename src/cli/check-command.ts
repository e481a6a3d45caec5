// `postroad check`: says what is wrong with a topology file or a scenario file, or what is in it.

import {
  formatProblem,
  readTopology,
  type Topology,
  type TopologyProblem,
  topologyJsonSchema
} from '../config/index.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { readTopologyText } from './load-topology.ts'

/** Options of `postroad check`. */
export interface CheckOptions {
  readonly strict?: boolean
  readonly json?: boolean
}

/** Prints the JSON Schema of topology files. */
export function printSchema(): void {
  process.stdout.write(`${JSON.stringify(topologyJsonSchema(), null, 2)}\n`)
}

/** Runs the command; answers its exit code. */
export async function checkCommand(file: string, options: CheckOptions): Promise<ExitCode> {
  const text = readTopologyText(file)
  // A cheap look first: what reads scenarios is large, and most files are topologies.
  const found = /^scenario *:/m.test(text) ? await checkScenario(file) : checkTopology(text, file)
  const { problems, summary, summaryText: lines } = found
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const isGood = errors === 0 && !(options.strict === true && problems.length > 0)
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ file, isGood, problems, summary }, null, 2)}\n`)
  } else {
    for (const problem of problems) process.stdout.write(`${formatProblem(problem)}\n`)
    process.stdout.write(errors > 0 ? `${file}: ${count(errors, 'error')}\n` : lines)
  }
  return isGood ? exitCodes.good : exitCodes.failed
}

interface Checked {
  readonly problems: readonly TopologyProblem[]
  /** What is in the file, for programs; null after an error. */
  readonly summary: unknown
  /** The same for people; empty after an error. */
  readonly summaryText: string
}

function checkTopology(text: string, file: string): Checked {
  const { topology, problems } = readTopology(text, file)
  if (topology === undefined) return { problems, summary: null, summaryText: '' }
  return { problems, summary: summaryOf(topology), summaryText: summaryText(file, topology) }
}

async function checkScenario(file: string): Promise<Checked> {
  const { explainFile } = await import('../../sim/command/explain-file.ts')
  return explainFile(file)
}

/** What a file holds, for `--json`. */
interface Summary {
  readonly network: string
  readonly brokers: readonly { readonly name: string; readonly listeners: readonly string[] }[]
  readonly bridges: readonly {
    readonly from: string
    readonly to: string
    readonly connector: string
    readonly cost: number
    readonly duplex: boolean
  }[]
}

function summaryOf({ network, brokers, bridges }: Topology): Summary {
  return {
    network,
    brokers: [...brokers.values()].map(({ name, transportConnectors }) => ({
      name,
      listeners: transportConnectors.map(({ uri }) => uri.text)
    })),
    bridges: bridges.map(({ from, to, connector: { name, cost, duplex } }) => {
      return { from, to, connector: name, cost, duplex }
    })
  }
}

function summaryText(file: string, topology: Topology): string {
  const { network, brokers, bridges } = summaryOf(topology)
  const lines = [
    `${file}: network ${network}, ${count(brokers.length, 'broker')}, ` +
      `${count(bridges.length, 'bridge')}`
  ]
  const width = Math.max(...brokers.map(({ name }) => name.length))
  for (const { name, listeners } of brokers) {
    lines.push(`  ${name.padEnd(width)}  ${listeners.join(' ')}`)
  }
  for (const { from, to, cost, duplex } of bridges) {
    lines.push(`  ${from} ${duplex ? '<->' : '-->'} ${to}  cost ${cost}`)
  }
  return `${lines.join('\n')}\n`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

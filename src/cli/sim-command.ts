// The part of the command line that rehearses outages: `sim`. Only names, options and help; what it
// does is loaded when it is called.

import { type Command, InvalidArgumentError, Option } from 'commander'
import type { SimOptions } from '../../sim/command/sim-options.ts'
import { type FaultKindName, faultKinds } from '../../sim/scenario-file/fault-kinds.ts'
import { type Fault, formOf, isMistake, readFault } from '../../sim/scenario-file/fault-text.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { duration, wholeNumber } from './option-readers.ts'
import { onStopSignal } from './stop-signals.ts'

/** Adds `postroad sim`. */
export function addSimCommand(program: Command): void {
  const command = program.command('sim')
  const faults: Fault[] = []
  command
    .description('rehearse an outage: run a network on virtual time and say what would happen')
    .argument('[file]', 'topology file or scenario file')
    .option('--seed <n>', 'everything random follows from it', wholeNumber(0, 1e15 - 1))
    .option(
      '--seeds <n>',
      'that many runs, seed after seed; reports the worst',
      wholeNumber(1, 1e4)
    )
    .option('--duration <duration>', 'how long producers send', durationWithin)
    .option(
      '--rate <n>',
      'messages a second, all producers together; 100 without it',
      wholeNumber(1, 1e5)
    )
    .option('--latency <duration>', 'of every link without one of its own, one way', latency)
    .option('--link <a:b=quality>', 'such as a:b=40ms,2Mbit/s,6/min; may be repeated', collect)
    .addOption(
      new Option('--ending <how>', 'heal and start everything at the end, or leave it').choices([
        'heal',
        'as-is'
      ])
    )
    .option('--compare <files...>', 'a second network or scenario under the same faults, or both')
    .option('--json', 'print the report as JSON')
    .option('--html <file>', 'write the report as one page for a browser')
    .option('--real', 'run real broker processes on this machine instead')
    .option('--progress', 'say how far it is where there is no terminal, too')
    .option('--verbose', 'print the log lines of all brokers')
    .option('--explain', 'print what would be run, and run nothing')
    .option('--save-scenario <file>', 'write what is run as a scenario file')
    .option('--schema', 'print the JSON Schema of scenario files instead')
    .optionsGroup('Faults; each may be repeated:')
  for (const kind of faultKinds.values()) {
    const option = new Option(`--${kind.name} <${formOf(kind)}>`, kind.about)
    command.addOption(option.argParser((text) => addFault(faults, kind.name, text)))
  }
  command.addHelpText('after', examples).action(async (file, flags: SimFlags) => {
    const files = [...(file === undefined ? [] : [file as string]), ...(flags.compare ?? [])]
    process.exitCode = await run(command, files, { ...flags, faults, links: flags.link ?? [] })
  })
}

const examples = `
Examples:
  postroad sim topologies/two-hubs.yaml --kill hub-1@10s..40s
  postroad sim topologies/ring-4.yaml --cut a:b@5s..20s --html report.html
  postroad sim topologies/two-hubs.yaml --partition hub-1,spoke-1/hub-2,spoke-2@10s..30s --json
  postroad sim outage.yaml --seeds 20                        exit code 1 if one of them fails
  postroad sim --compare topologies/ring-4.yaml topologies/mesh-4.yaml --kill b@10s..20s`

type SimFlags = Omit<SimOptions, 'faults' | 'links'> & {
  readonly link?: readonly string[]
  readonly schema?: boolean
}

async function run(
  command: Command,
  files: readonly string[],
  options: SimOptions & SimFlags
): Promise<ExitCode> {
  const { printScenarioSchema, simCommand } = await import('../../sim/command/sim-command.ts')
  const surroundings = { stdout: process.stdout, stderr: process.stderr, onStopSignal }
  if (options.schema === true) {
    printScenarioSchema(surroundings)
    return exitCodes.good
  }
  if (files.length === 0) command.error("error: missing required argument 'file'")
  if (files.length === 1 && options.compare !== undefined) {
    command.error('error: --compare needs two files: sim A.yaml --compare B.yaml')
  }
  if (files.length > 2) command.error(`error: two files can be compared, not ${files.length}`)
  const outcome = await simCommand(files, options, surroundings)
  return outcomes[outcome]
}

const outcomes = {
  good: exitCodes.good,
  failed: exitCodes.failed,
  unusable: exitCodes.wrongUsage,
  interrupted: exitCodes.interrupted
} as const

function addFault(faults: Fault[], kind: string, text: string): readonly Fault[] {
  const fault = readFault(kind as FaultKindName, text)
  if (isMistake(fault)) {
    const { message } = fault
    // Written as in a file, where it is no option.
    const suggestion = fault.suggestion?.replace(`${kind}: `, `--${kind} `)
    throw new InvalidArgumentError(
      `${message}${suggestion === undefined ? '' : ` (${suggestion})`}`
    )
  }
  faults.push(fault)
  return faults
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}

function durationWithin(text: string): number {
  const ms = duration(text)
  if (ms >= 1_000 && ms <= 86_400_000) return ms
  throw new InvalidArgumentError('Expected a duration from 1s to 24h.')
}

function latency(text: string): number {
  const ms = duration(text)
  if (ms <= 60_000) return ms
  throw new InvalidArgumentError('Expected a duration of 1m at most.')
}

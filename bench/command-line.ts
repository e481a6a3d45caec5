// The benchmark's command line: options, their checks and the help text. Pure: it reads no clock,
// file or environment. Invariant: what it answers can be run as it is.

import { parseArgs } from 'node:util'

import { markBytes } from './load-client/message-mark.ts'
import type { RunSettings, Scenario } from './scenarios/scenario.ts'
import { chooseScenarios } from './scenarios/scenario-list.ts'
import type { TargetName } from './targets/target.ts'

/** What to do. */
export interface BenchOptions extends RunSettings {
  readonly action: 'run' | 'list' | 'help'
  readonly scenarios: readonly Scenario[]
  /** True when the scenarios are all there are. */
  readonly isComplete: boolean
  readonly targets: ReadonlySet<TargetName>
  readonly rounds: number
  /** Where to write the results; undefined for the default place. */
  readonly jsonFile: string | undefined
  readonly urls: readonly string[]
  readonly pids: readonly number[]
  readonly judgeBars: boolean
}

/** The text of --help. */
export const helpText = `Usage: node dist/bench/main.js [options]

Measures Postroad brokers by their STOMP port, beside a bare relay (the ceiling of one Node thread).

  --scenario NAME   run only this one; may be given several times (default: all)
  --target NAME     bare-relay, postroad or external; may be given several times (default: all)
  --seconds N       length of each measurement (default 3)
  --warm-up N       seconds of load before it (default 1)
  --rounds N        how often everything is repeated (default 3)
  --body-bytes N    bytes of each message body (default 1024)
  --persistent      send messages as persistent
  --url LIST        also measure a STOMP broker that runs already: stomp://[user:pass@]host:port,
                    comma-separated for a chain (producers at the first, consumers at the last)
  --pid LIST        process ids of those brokers, for CPU and memory figures
  --json FILE       write the results there (default, for a complete run: bench/results/)
  --bars            exit with 1 when a bar is missed
  --list            print the scenarios and end
  --help            print this and end

Exit code: 0; 1 when a run lost or duplicated messages or could not be made; 2 for a bad option.
`

const targetNames: readonly TargetName[] = ['bare-relay', 'postroad', 'external']

/**
 * Reads the arguments (without node and the file).
 * @throws Error naming the option, its value and what is allowed
 */
export function parseCommandLine(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: 'string', multiple: true, default: [] },
      target: { type: 'string', multiple: true, default: [] },
      seconds: { type: 'string', default: '3' },
      'warm-up': { type: 'string', default: '1' },
      rounds: { type: 'string', default: '3' },
      'body-bytes': { type: 'string', default: '1024' },
      persistent: { type: 'boolean', default: false },
      url: { type: 'string' },
      pid: { type: 'string' },
      json: { type: 'string' },
      bars: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false }
    }
  })
  const scenarioNames = splitList(values.scenario)
  const urls = splitList(values.url === undefined ? [] : [values.url])
  const pids = splitList(values.pid === undefined ? [] : [values.pid])
  return {
    action: values.help ? 'help' : values.list ? 'list' : 'run',
    scenarios: chooseScenarios(scenarioNames),
    isComplete: scenarioNames.length === 0 && values.target.length === 0,
    targets: chooseTargets(splitList(values.target), urls.length > 0),
    seconds: numberOf('--seconds', values.seconds, { min: 0.1, max: 600 }),
    warmUpSeconds: numberOf('--warm-up', values['warm-up'], { min: 0, max: 600 }),
    rounds: wholeOf('--rounds', values.rounds, { min: 1, max: 100 }),
    bodyBytes: wholeOf('--body-bytes', values['body-bytes'], { min: markBytes, max: 1_048_576 }),
    persistent: values.persistent,
    urls,
    pids: pids.map((text) => wholeOf('--pid', text, { min: 1, max: 2 ** 31 })),
    jsonFile: values.json,
    judgeBars: values.bars
  }
}

/** Options may be repeated or hold several names with commas. */
function splitList(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.split(',')).filter((text) => text !== '')
}

function chooseTargets(names: readonly string[], hasUrl: boolean): ReadonlySet<TargetName> {
  const chosen = new Set<TargetName>()
  for (const name of names) {
    const known = targetNames.find((target) => target === name)
    if (known === undefined) {
      throw new Error(`--target ${name} is unknown: choose from ${targetNames.join(', ')}`)
    }
    if (known === 'external' && !hasUrl) throw new Error('--target external needs --url')
    chosen.add(known)
  }
  if (names.length > 0) return chosen
  return new Set(targetNames.filter((name) => name !== 'external' || hasUrl))
}

function numberOf(option: string, text: string, range: { min: number; max: number }): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= range.min && value <= range.max) return value
  throw new Error(`${option} is "${text}": give a number from ${range.min} to ${range.max}`)
}

function wholeOf(option: string, text: string, range: { min: number; max: number }): number {
  const value = numberOf(option, text, range)
  if (Number.isInteger(value)) return value
  throw new Error(`${option} is "${text}": give a whole number`)
}

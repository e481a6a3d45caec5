// `postroad sim`: reads what to rehearse, runs it on virtual time or with real processes, and shows
// what it came to. Results go to standard output, everything said about them to standard error.

import { closeSync, existsSync, openSync, unlinkSync, writeFileSync } from 'node:fs'
import { messageOf } from '../../src/base/index.ts'
import {
  isMistake,
  type Mistake,
  planOfRehearsal,
  type Rehearsal,
  scenarioJsonSchema,
  writeScenario
} from '../scenario-file/index.ts'
import { comparedRehearsals } from './compared-rehearsals.ts'
import { explainText } from './explain-text.ts'
import { findMisfits } from './find-misfits.ts'
import { readRehearsalFile, relativeTo } from './read-files.ts'
import { Run, type RunResult } from './run.ts'
import { showRuns } from './show-runs.ts'
import { applyOptions, applyRate, type SimOptions } from './sim-options.ts'

/** How the command ended. */
export type SimOutcome =
  /** All expectations hold and no judge complains. */
  | 'good'
  /** Something does not hold. */
  | 'failed'
  /** The files or options cannot be used; what is wrong was said. */
  | 'unusable'
  /** Stopped before its end by a signal. */
  | 'interrupted'

/** What the command needs of the process it runs in. */
export interface SimProcess {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** Calls back at the first signal to stop; answers how to listen no more. */
  readonly onStopSignal: (stop: () => void) => () => void
}

/** Prints the JSON Schema of scenario files. */
export function printScenarioSchema({ stdout }: SimProcess): void {
  stdout.write(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`)
}

/** Runs the command on one file, or on two to be compared. */
export async function simCommand(
  files: readonly string[],
  options: SimOptions,
  process: SimProcess
): Promise<SimOutcome> {
  const rehearsals = readAll(files, options, process)
  if (rehearsals === undefined) return 'unusable'
  const [first] = rehearsals
  if (options.saveScenario !== undefined) {
    const file = options.saveScenario
    if (!save(file, writeScenario(relativeTo(first!, files[0]!, file)), process)) return 'unusable'
  }
  if (options.explain === true) {
    const texts = rehearsals.map((each) => explainText(each, planOfRehearsal(each)))
    process.stdout.write(texts.join('\n'))
    return 'good'
  }
  // Before a long run, not after it.
  if (options.html !== undefined && !canSave(options.html, process)) return 'unusable'
  const run = new Run(options, process)
  const stopListening = process.onStopSignal(() => run.stop())
  let results: readonly RunResult[]
  try {
    results = await run.all(rehearsals)
  } catch (error) {
    // Real processes may fail in ways that are nobody's bug; a simulation does not.
    if (options.real !== true || !(error instanceof Error)) throw error
    process.stderr.write(`postroad: ${error.message}\n`)
    return 'unusable'
  } finally {
    stopListening()
  }
  if (run.isStopped) process.stderr.write('called off: the report says what was until then\n')
  const isShown = await showRuns(results, { files, options, process })
  if (!isShown) return 'unusable'
  if (run.isStopped) return 'interrupted'
  return results.every(({ isGood }) => isGood) ? 'good' : 'failed'
}

/** Writes a file; false, and a sentence, if that cannot be. */
export function save(file: string, text: string, { stderr }: SimProcess): boolean {
  try {
    writeFileSync(file, text)
    stderr.write(`wrote ${file}\n`)
    return true
  } catch (error) {
    stderr.write(cannotWrite(file, error))
    return false
  }
}

/** Makes sure that a file can be written, without changing it; false, and a sentence, if not. */
function canSave(file: string, { stderr }: SimProcess): boolean {
  try {
    const wasThere = existsSync(file)
    closeSync(openSync(file, 'a'))
    if (!wasThere) unlinkSync(file)
    return true
  } catch (error) {
    stderr.write(cannotWrite(file, error))
    return false
  }
}

function cannotWrite(file: string, error: unknown): string {
  return `postroad: cannot write "${file}": ${messageOf(error)}\n`
}

/** The rehearsals of all files with the options applied; undefined after a mistake, told here. */
function readAll(
  files: readonly string[],
  options: SimOptions,
  { stderr }: SimProcess
): readonly Rehearsal[] | undefined {
  const readings = files.map((file) => readRehearsalFile(file))
  for (const { lines } of readings) for (const line of lines) stderr.write(`${line}\n`)
  const read = readings.flatMap(({ rehearsal }) => rehearsal ?? [])
  if (read.length < files.length) return undefined
  const rated = read.map((each) => applyRate(each, options))
  for (const [at, each] of rated.entries()) {
    if (isMistake(each)) stderr.write(mistakeLine(each, files[at]!))
  }
  const [one, other] = rated.filter((each): each is Rehearsal => !isMistake(each))
  if (rated.some(isMistake)) return undefined
  const rehearsals = other === undefined ? [one!] : comparedRehearsals([one!, other])
  const applied = rehearsals.map((each) => {
    const misfits = findMisfits(each)
    // Faults of brokers that are missing would only say the same again.
    return misfits.length > 0 ? { rehearsal: each, mistakes: misfits } : applyOptions(each, options)
  })
  for (const [at, { mistakes }] of applied.entries()) {
    for (const mistake of mistakes) stderr.write(mistakeLine(mistake, files[at]!))
  }
  if (applied.some(({ mistakes }) => mistakes.length > 0)) return undefined
  return applied.map(({ rehearsal }) => rehearsal)
}

function mistakeLine({ message, suggestion, where }: Mistake, file: string): string {
  const tail = suggestion === undefined ? '' : ` (${suggestion})`
  const place = where === undefined ? `postroad: ${file}` : `${where}: error`
  return `${place}: ${message}${tail}\n`
}

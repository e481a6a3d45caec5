// Shows what runs came to: as text, as JSON, and as a page in a file.

import { replayLine } from './replay-line.ts'
import { loadTools, pageOf } from './report-tools.ts'
import type { RunResult } from './run.ts'
import { type SimProcess, save } from './sim-command.ts'
import type { SimOptions } from './sim-options.ts'

/** What was run, and how it is to be shown. */
export interface ShowContext {
  readonly files: readonly string[]
  readonly options: SimOptions
  readonly process: SimProcess
}

/** Columns of text where nobody says how many there are. */
const columnsDefault = 100

/** See the top of this file; false if the page could not be written, which was said. */
export async function showRuns(
  results: readonly RunResult[],
  { files, options, process }: ShowContext
): Promise<boolean> {
  const [one] = results
  if (one === undefined) return true
  const reports = results.map(({ report }) => report)
  const { stdout } = process
  const tools = await loadTools()
  const replay = replayLine(files, options, one.report.seed)
  // Beside JSON there is room for nothing else.
  const words = options.json === true ? process.stderr : stdout
  for (const { logLines, seedLines, report } of results) {
    if (seedLines.length > 0 && results.length > 1) words.write(`${report.topology}:\n`)
    for (const line of [...logLines, ...seedLines]) words.write(`${line}\n`)
    if (seedLines.length > 0) words.write(`the worst of them: seed ${report.seed}\n\n`)
  }
  if (options.json === true) stdout.write(`${JSON.stringify(tools.json(reports), null, 2)}\n`)
  else {
    const width = stdout.columns ?? columnsDefault
    stdout.write(tools.text(reports, { width, isColoured: hasColours(stdout) }))
    if (results.some(({ isGood }) => !isGood)) stdout.write(`\nrun it again: ${replay}\n`)
  }
  if (options.html === undefined) return true
  return save(options.html, await pageOf(reports, replay), process)
}

/** As other commands do: NO_COLOR and FORCE_COLOR have the last word. */
function hasColours(stdout: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR } = globalThis.process.env
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0'
  return stdout.isTTY === true
}

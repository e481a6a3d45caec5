// Keeps the results of a run as JSON, so that runs of one machine can be compared over time. One
// file per machine and day; a later run of the same day takes its place. Invariant: a file holds
// every run's figures, not only the summary, and says what they were measured on.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { judge, ratios } from './bars.ts'
import type { Machine } from './machine.ts'
import type { ReportInput } from './report.ts'

const resultsFolder = fileURLToPath(new URL('../../bench/results/', import.meta.url))

/** Where the results of a complete run go: bench/results/DATE-MACHINE.json. */
export function defaultResultsFile(machine: Machine, date: string): string {
  const name = `${machine.cpu} ${machine.cores} cores`
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  return join(resultsFolder, `${date}-${slug}.json`)
}

/** The results as JSON text. `date` is an ISO day. */
export function resultsJson(input: ReportInput, date: string): string {
  const { command, machine, versions, settings, measurements } = input
  const runs = measurements.all().map((run) => ({
    scenario: run.scenario,
    target: run.target,
    round: run.round,
    server: run.server,
    fault: run.fault ?? null,
    notes: run.notes.join('; '),
    figures: Object.fromEntries(run.figures)
  }))
  const ratioList = ratios.flatMap(([name, dividend, divisor]) => {
    const ratio = measurements.ratioOf(dividend, divisor)
    return ratio === undefined ? [] : [{ name, ...ratio }]
  })
  const barList = judge(measurements).map(({ bar, verdict, measured }) => ({
    name: bar.name,
    bound: bar.bound,
    limit: bar.limit,
    verdict,
    measured: measured ?? null
  }))
  const head = { date, command, machine, versions, settings }
  return `${JSON.stringify({ ...head, ratios: ratioList, bars: barList, runs }, undefined, 2)}\n`
}

/** Writes the text, making the folder if need be. */
export async function writeResults(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

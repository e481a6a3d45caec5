// The one place where a run meets those who measure it and those who show it: recorder, texts, page
// and real processes. Each is loaded when it is needed, for most runs need only two of them.

import { readFileSync } from 'node:fs'
import { messageOf } from '../../src/base/index.ts'
import type { ScenarioPlan } from '../plan/index.ts'
import type { Report } from '../report/report.ts'
import type { Watcher } from '../watcher.ts'
import type { SimWorld } from '../world.ts'
import type { Progress } from './progress.ts'

/** What a recorder cannot see by itself. */
export interface RunFacts
  extends Pick<Report, 'seed' | 'traceHash' | 'realMs' | 'events' | 'mode' | 'complaints'> {
  /** When producers stopped, if it was not when the plan says; since the network was at work. */
  readonly endedMs?: number
}

/** Watches a run and makes its report. */
export interface Recorder extends Watcher {
  finish(facts: RunFacts): Report
}

/** How a report is written for a terminal. */
export interface TextOptions {
  readonly columns: number
  readonly isColoured: boolean
}

/** How real processes are run. */
export interface RealOptions {
  readonly seed: string
  readonly signal: AbortSignal
  readonly progress: Progress
}

/** Everything a command needs to make something of runs. */
export interface ReportTools {
  readonly record: (world: SimWorld, plan: ScenarioPlan) => Recorder
  readonly reportText: (report: Report, options: TextOptions) => string
  readonly comparisonText: (one: Report, other: Report, options: TextOptions) => string
  readonly toJson: (report: Report) => unknown
}

// biome-ignore lint/suspicious/noExplicitAny: rooms are joined here by name
type Loaded = any

async function load(path: string): Promise<Loaded> {
  return await import(path)
}

/** Loads what every run needs. */
export async function loadTools(): Promise<ReportTools> {
  const [recorder, text, comparison, json] = await Promise.all([
    load('../report/run-recorder.js'),
    load('./report-text.js'),
    load('./comparison-text.js'),
    load('../report/report-json.js')
  ])
  return {
    record: (world, plan) => new recorder.RunRecorder(world, plan),
    reportText: text.reportText,
    comparisonText: comparison.comparisonText,
    toJson: json.reportToJson
  }
}

/** Runs a plan with real processes; throws an Error naming what cannot be done with them. */
export async function runReal(
  plan: ScenarioPlan,
  { seed, signal, progress }: RealOptions
): Promise<Report> {
  const [{ runReal: run }, { RunRecorder }] = await Promise.all([
    load('../real/run-real.js'),
    load('../report/run-recorder.js')
  ])
  const onProgress = ({ atMs, accepted }: { atMs: number; accepted: number }): void =>
    progress.show({ virtualMs: Math.max(0, atMs), events: 0, messages: accepted })
  const recorder = (...made: readonly unknown[]): unknown => new RunRecorder(...made)
  try {
    return await run(plan, { seed, signal, onProgress, recorder })
  } finally {
    progress.end()
  }
}

/** One report, or two, as a page. */
export async function pageOf(reports: readonly Report[], replay: string): Promise<string> {
  const { renderPage } = await load('../page/index.js')
  const [report, other] = reports
  const content =
    other === undefined
      ? { kind: 'report', report, replay }
      : { kind: 'comparison', a: report, b: other, rows: [], replay }
  return renderPage(content, { script: pageScript() })
}

/** The script that draws a page: beside the compiled files, or two folders up from a bundle. */
function pageScript(): string {
  let failure: unknown
  for (const path of ['../../page/report-page.js', '../page/report-page.js']) {
    try {
      return readFileSync(new URL(path, import.meta.url), 'utf8')
    } catch (error) {
      failure = error
    }
  }
  throw new Error(`the script of the page is not built: ${messageOf(failure)}`)
}

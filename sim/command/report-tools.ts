// The one place where a run meets those who measure it and those who show it: recorder, texts, page
// and real processes. Each is loaded when it is needed, for most runs need only some of them.

import { readFileSync } from 'node:fs'
import { messageOf } from '../../src/base/index.ts'
import type { ScenarioPlan } from '../plan/index.ts'
import type { Report } from '../report/report.ts'
import type { RunRecorder } from '../report/run-recorder.ts'
import type { SimWorld } from '../world.ts'
import type { Progress } from './progress.ts'
import type { ReportTextOptions } from './report-text.ts'

/** Everything a command needs to make something of runs. */
export interface ReportTools {
  readonly record: (world: SimWorld, plan: ScenarioPlan) => RunRecorder
  /** One report, or two beside each other, for a terminal. */
  readonly text: (reports: readonly Report[], options: ReportTextOptions) => string
  /** The same for programs. */
  readonly json: (reports: readonly Report[]) => unknown
}

/** How real processes are run. */
export interface RealOptions {
  readonly seed: string
  readonly signal: AbortSignal
  readonly progress: Progress
}

/** Loads what every run needs. */
export async function loadTools(): Promise<ReportTools> {
  const { RunRecorder } = await import('../report/run-recorder.ts')
  const { compareReports } = await import('../report/comparison.ts')
  const { reportToJson } = await import('../report/report-json.ts')
  const { reportText } = await import('./report-text.ts')
  const { comparisonText } = await import('./comparison-text.ts')
  return {
    record: (world, plan) => new RunRecorder(world, plan),
    text: ([report, other], options) =>
      other === undefined
        ? reportText(report!, options)
        : comparisonText(compareReports(report!, other), options),
    json: ([report, other]) => {
      if (other === undefined) return reportToJson(report!)
      const { rows } = compareReports(report!, other)
      return { a: reportToJson(report!), b: reportToJson(other), rows }
    }
  }
}

/**
 * Runs a plan with real processes.
 * @throws Error naming what cannot be done with them
 */
export async function runReal(
  plan: ScenarioPlan,
  { seed, signal, progress }: RealOptions
): Promise<Report> {
  const { runReal: run } = await import('../real/run-real.ts')
  try {
    return await run(plan, {
      ...{ seed, signal },
      onProgress: ({ atMs, accepted }) =>
        progress.show({ virtualMs: Math.max(0, atMs), messages: accepted })
    })
  } finally {
    progress.end()
  }
}

/** One report, or two, as a page. */
export async function pageOf([report, other]: readonly Report[], replay: string): Promise<string> {
  const { renderPage } = await import('../page/index.ts')
  const assets = { script: pageScript() }
  if (other === undefined) return renderPage({ kind: 'report', report: report!, replay }, assets)
  const { compareReports } = await import('../report/comparison.ts')
  const comparison = compareReports(report!, other)
  return renderPage({ kind: 'comparison', ...comparison, replay }, assets)
}

/** The script that draws a page; it is as far from a bundle as from the compiled file. */
function pageScript(): string {
  try {
    return readFileSync(new URL('../../page/report-page.js', import.meta.url), 'utf8')
  } catch (error) {
    throw new Error(`the script of the page is not built: ${messageOf(error)}`)
  }
}

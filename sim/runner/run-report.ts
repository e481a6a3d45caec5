// What the runner tells of its runs: a line for each that failed or was asked for by name, how far
// it is, and in the end how many failed and how fast it went.

import { tellStory } from '../shrink/story.ts'
import type { JobResult } from './run-job.ts'

/** Sums over all runs. */
export interface Totals {
  runs: number
  failed: number
  events: number
  virtualMs: number
  /** Processor time of all threads, and all that it took to start them. */
  cpuMs: number
}

/** Options that replay a run, after the name of the program. */
export function replayOf({ scenario, seed }: JobResult, topologyFile?: string): string {
  const which = topologyFile === undefined ? `--scenario ${scenario}` : `--topology ${topologyFile}`
  return `node dist/sim/main.js ${which} --seed ${seed} --verbose`
}

/** One line about a run. */
export function runLine(result: JobResult): string {
  const { scenario, seed, topology, virtualMs, events, messages, deliveries, hash } = result
  const seconds = (virtualMs / 1_000).toFixed(1)
  return (
    `${result.complaints.length === 0 ? 'good  ' : 'FAILED'} ${scenario} seed ${seed}: ` +
    `${topology}, ${seconds} s, ${events} events, ${messages} messages, ` +
    `${deliveries} deliveries, trace ${hash}`
  )
}

/** All that helps to understand a failed run, or one that is looked at closely. */
export function details(result: JobResult, replay: string): string[] {
  const { plan, logLines, complaints, smallest } = result
  const lines = plan === undefined ? [] : [`  drawn: ${JSON.stringify(plan)}`]
  for (const line of logLines) lines.push(`  ${line}`)
  for (const complaint of complaints) lines.push(`  ${complaint}`)
  if (complaints.length > 0) lines.push(`  replay: ${replay}`)
  if (smallest === undefined) return lines
  lines.push('  The smallest plan that fails in the same way:')
  for (const line of tellStory(smallest).split('\n')) lines.push(`    ${line}`)
  return lines
}

/** How far it is, in one line. */
export function progressLine(totals: Totals, count: number, seconds: number): string {
  const of = Number.isFinite(count) ? ` of ${count}` : ''
  return `${totals.runs}${of} runs, ${totals.failed} failed, ${Math.round(seconds)} s`
}

/** The last line. */
export function summaryLine(totals: Totals, seconds: number): string {
  const { runs, failed, events, virtualMs, cpuMs } = totals
  const perSecond = Math.round((events / Math.max(1, cpuMs)) * 1_000)
  const ratio = Math.round(virtualMs / Math.max(1, cpuMs))
  return (
    `${runs} runs, ${failed} failed, in ${seconds.toFixed(1)} s; on one core ${perSecond} events ` +
    `a second, and virtual time passed ${ratio} times as fast as real time`
  )
}

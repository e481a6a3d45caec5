// Turns measurements into the text an operator reads. Pure: text in, text out. Invariant: no figure
// stands without its range, and the peers' figures never without the words "another run".

import { type BarVerdict, judge, ratios } from './bars.ts'
import type { Machine, Versions } from './machine.ts'
import type { Measurement, Measurements } from './measurements.ts'
import { peerRow } from './peer-figures.ts'
import { type FigureName, figureLabel, figureNames, formatFigure } from './scenarios/figure.ts'
import type { Scenario } from './scenarios/scenario.ts'
import type { Spread } from './statistics.ts'

/** What a report is about. */
export interface ReportInput {
  readonly command: string
  readonly machine: Machine
  readonly versions: Versions
  readonly settings: string
  readonly persistent: boolean
  readonly scenarios: readonly Scenario[]
  readonly measurements: Measurements
}

const labelWidth = 24
const peersWidth = 96
const faultCharactersMax = 400

/** The whole report, ending with a line feed. */
export function report(input: ReportInput): string {
  const lines = [...headLines(input)]
  for (const scenario of input.scenarios) lines.push(...scenarioLines(scenario, input))
  lines.push(...ratioLines(input.measurements), ...barLines(judge(input.measurements)))
  lines.push(
    '',
    'Peers: their figures come from another run, on another 2-core machine, with a client in C.',
    'Compare them only as ratios; "x" is the share of that run\'s own bare relay.'
  )
  return `${lines.join('\n')}\n`
}

/** One line for a run that did not count; a broker's last words are cut to fit. */
export function faultLine(run: Measurement): string {
  const fault = (run.fault ?? '').replace(/\s+/g, ' ').slice(0, faultCharactersMax)
  return `FAILED ${run.scenario} on ${run.target}, round ${run.round}: ${fault}`
}

function headLines({ command, machine, versions, settings }: ReportInput): string[] {
  const { cpu, cores, memoryGiB, system, loadBefore } = machine
  const commit = versions.commit === '' ? '' : ` (${versions.commit})`
  return [
    'Postroad benchmark',
    `command   ${command}`,
    `machine   ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, load ${loadBefore} before`,
    `versions  postroad ${versions.postroad}${commit}, Node ${versions.node}, V8 ${versions.v8}`,
    `settings  ${settings}`
  ]
}

function scenarioLines(scenario: Scenario, input: ReportInput): string[] {
  const lines = ['', `${scenario.name}: ${scenario.summary}`]
  for (const target of scenario.targets) {
    const runs = input.measurements.of(scenario.name, target)
    if (runs.length === 0) continue
    const server = runs.find((run) => run.server !== '')?.server ?? ''
    lines.push(`  ${target}${server === '' ? '' : ` (${server})`}`)
    for (const figure of figureNames) {
      const key = { scenario: scenario.name, target, figure }
      const spread = input.measurements.spreadOf(key)
      if (spread === undefined) continue
      lines.push(`    ${figureLabel(figure).padEnd(labelWidth)}${formatSpread(spread)}`)
    }
    for (const run of runs) {
      if (run.fault !== undefined) lines.push(`    ${faultLine(run)}`)
      for (const note of run.notes) lines.push(`    note, round ${run.round}: ${note}`)
    }
  }
  if (lines.length === 2) return [...lines, '  not run']
  return [...lines, ...figureNames.flatMap((figure) => peerLines(scenario, figure, input))]
}

function peerLines(scenario: Scenario, figure: FigureName, input: ReportInput): string[] {
  const isOnDisk = scenario.kind === 'load' && scenario.isOnDisk === true
  const row = peerRow(scenario.name, figure, input.persistent || isOnDisk)
  if (row === undefined) return []
  const relay = row.values.get('bare relay')
  const isRate = figure === 'receivedPerSecond'
  const cells = [...row.values].map(([peer, value]) => {
    const share = isRate && relay !== undefined ? ` (${(value / relay).toFixed(2)} x)` : ''
    return `${peer} ${formatFigure(value)}${share}`
  })
  const load = row.load === '' ? '' : `, ${row.load}`
  const title = `  peers in another run, ${figureLabel(figure)}${load}:`
  return [title, ...wrap(cells, peersWidth).map((line) => `    ${line}`)]
}

function ratioLines(measurements: Measurements): string[] {
  const lines: string[] = []
  for (const [name, dividend, divisor] of ratios) {
    const spread = measurements.ratioOf(dividend, divisor)
    if (spread !== undefined) lines.push(`  ${name.padEnd(labelWidth + 10)}${formatSpread(spread)}`)
  }
  return lines.length === 0 ? [] : ['', 'Ratios of received/s, within rounds', ...lines]
}

function barLines(verdicts: readonly BarVerdict[]): string[] {
  const lines = ['', 'Bars']
  for (const { bar, verdict, measured } of verdicts) {
    const bound = `${bar.bound === 'at-least' ? '>=' : '<'} ${bar.limit} ${bar.unit}`.trim()
    const value = measured === undefined ? '-' : formatSpread(measured)
    lines.push(`  ${verdict.padEnd(8)}${bar.name.padEnd(labelWidth)}${bound.padEnd(12)}${value}`)
  }
  return lines
}

function formatSpread({ median, min, max }: Spread): string {
  const range = `(${formatFigure(min)} - ${formatFigure(max)})`
  return `${formatFigure(median).padStart(8)}  ${range}`
}

/** Joins cells with commas into lines of at most `width` characters where cells allow. */
function wrap(cells: readonly string[], width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const cell of cells) {
    if (line !== '' && line.length + 2 + cell.length > width) {
      lines.push(`${line},`)
      line = cell
    } else {
      line = line === '' ? cell : `${line}, ${cell}`
    }
  }
  return [...lines, line]
}

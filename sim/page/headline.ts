// What a run came to, in one sentence and a few figures: what is read when nothing else is.

import type { Report } from '../report/report.ts'
import { fatesBar, fatesLegend, fatesSum, totalFates } from './fates.ts'
import { counted, countText, isFigure, noFigure, shareText, timeText } from './figures.ts'
import { type Markup, markup } from './markup.ts'

/** A verdict: whether the run is as it should be, and why. */
export interface Verdict {
  readonly kind: 'good' | 'bad' | 'neutral'
  readonly text: string
}

/** What a report comes to. */
export function verdictOf(report: Report): Verdict {
  const { complaints, expectations, destinations, wasCalledOff, runMs } = report
  const lost = totalFates(destinations).lost
  const unmet = expectations.filter(({ isMet }) => !isMet).length
  const faults: string[] = []
  if (complaints.length > 0) faults.push(counted(complaints.length, 'complaint'))
  if (unmet > 0) {
    faults.push(`${countText(unmet)} of ${counted(expectations.length, 'expectation')} not met`)
  }
  if (wasCalledOff === true) {
    // What is not met may only not be met yet.
    const kind = complaints.length > 0 ? 'bad' : 'neutral'
    return { kind, text: [`Called off after ${timeText(runMs)}`, ...faults].join(', ') }
  }
  if (faults.length > 0) return { kind: 'bad', text: faults.join(', ') }
  if (expectations.length > 0) {
    const all = expectations.length === 1 ? 'The one' : `All ${countText(expectations.length)}`
    const noun = expectations.length === 1 ? 'expectation' : 'expectations'
    return { kind: 'good', text: `${all} ${noun} met` }
  }
  if (lost > 0) return { kind: 'bad', text: `${counted(lost, 'message')} lost` }
  return { kind: 'neutral', text: 'Nothing lost; no expectations were stated' }
}

/** The verdict, large. */
export function verdictMarkup(report: Report): Markup {
  const { kind, text } = verdictOf(report)
  const sign = kind === 'good' ? '✓' : kind === 'bad' ? '✗' : '•'
  return markup`<p class="verdict ${kind}"><span aria-hidden="true">${sign}</span> ${text}</p>`
}

/** The figures that count most, as tiles, and the fates of all messages. */
export function summaryMarkup(report: Report): Markup {
  const fates = totalFates(report.destinations)
  const tiles = summaryFigures(report).map(
    ({ figure, value, note, isBad }) =>
      markup`<div class="tile"><dt>${figure}</dt>
        <dd class="${isBad ? 'bad' : ''}">${value}</dd><dd class="note">${note}</dd></div>`
  )
  return markup`<dl class="tiles">${tiles}</dl>
<h3>What became of ${counted(fatesSum(fates), 'message')}</h3>
${fatesBar(fates)}${fatesLegend(fates)}`
}

interface SummaryFigure {
  readonly figure: string
  readonly value: string
  readonly note: string
  readonly isBad: boolean
}

function summaryFigures(report: Report): SummaryFigure[] {
  const { destinations, brokers, faults } = report
  const fates = totalFates(destinations)
  const duplicates = sum(destinations.map((row) => row.duplicates))
  const unmarked = sum(destinations.map((row) => row.unmarkedDuplicates))
  const deepest = most(brokers, ({ peakBacklog }) => peakBacklog)
  const slowest = most(faults, ({ recoverMs }) => recoverMs)
  const rerouted = most(faults, ({ rerouteMs }) => rerouteMs)
  const gap = most(destinations, ({ longestGapMs }) => longestGapMs)
  const messages = fatesSum(fates)
  const ofAll = (count: number): string =>
    count > 0 ? shareText(count, messages) : `of ${counted(messages, 'message')}`
  const longest = most(destinations, ({ latencyMs }) => latencyMs.max)
  return [
    figure('Lost', countText(fates.lost), ofAll(fates.lost), fates.lost > 0),
    figure(
      'Duplicates',
      countText(duplicates),
      `${countText(unmarked)} not marked redelivered`,
      unmarked > 0
    ),
    figure(
      'Late',
      countText(fates.late),
      longest === undefined ? 'over 1 s' : `over 1 s; longest ${timeText(longest.latencyMs.max)}`
    ),
    figure('Still waiting', countText(fates.waiting), ofAll(fates.waiting)),
    figure(
      'Re-routed',
      timeText(rerouted?.rerouteMs),
      rerouted === undefined ? 'not measured' : `slowest: ${rerouted.text}`
    ),
    figure(
      'Recovered',
      timeText(slowest?.recoverMs),
      slowest === undefined ? 'not measured' : `slowest: ${slowest.text}`
    ),
    figure('Longest gap', timeText(gap?.longestGapMs), 'no delivery while some was due'),
    figure(
      'Peak backlog',
      countText(deepest?.peakBacklog ?? 0),
      deepest === undefined || deepest.peakBacklog === 0
        ? 'nothing waited'
        : `${deepest.broker}, at ${timeText(deepest.peakBacklogAtMs)}`
    )
  ]
}

/** What was run, and how to run it again. */
export function factsMarkup(report: Report, replay: string | undefined): Markup {
  const { topology, brokers, bridges, seed, mode, runMs, realMs, events, traceHash } = report
  const ratio = realMs > 0 && isFigure(runMs) ? runMs / realMs : undefined
  const facts: [string, string][] = [
    [
      'topology',
      `${topology}: ${counted(brokers.length, 'broker')}, ${counted(bridges.length, 'bridge')}`
    ],
    ['mode', mode],
    ['seed', seed],
    [
      'time',
      ratio === undefined || mode === 'real'
        ? timeText(runMs)
        : `${timeText(runMs)} in ${timeText(realMs)}: ${countText(ratio)} times real time`
    ],
    ['events', isFigure(events) && events > 0 ? countText(events) : noFigure],
    ['trace hash', traceHash === '' ? noFigure : traceHash]
  ]
  const items = facts.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)
  const again =
    replay === undefined
      ? undefined
      : markup`<p class="replay"><span>Run it again:</span> <code>${replay}</code></p>`
  return markup`<dl class="facts">${items}</dl>${again}`
}

function figure(name: string, value: string, note: string, isBad = false): SummaryFigure {
  return { figure: name, value, note, isBad }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + (value || 0), 0)
}

/** The row whose figure is the greatest; undefined if none has one. */
function most<R>(rows: readonly R[], value: (row: R) => number | null | undefined): R | undefined {
  let best: R | undefined
  let bestValue = Number.NEGATIVE_INFINITY
  for (const row of rows) {
    const own = value(row)
    if (!isFigure(own) || own <= bestValue) continue
    best = row
    bestValue = own
  }
  return best
}

// A run in one line: what an operator would tell on the telephone.

import { figureOf } from './figure.ts'
import { countText, msText, nounText } from './figure-text.ts'
import type { Fates, Report } from './report.ts'

/** Said only if there were any; as long as there are, nothing has recovered. */
const badEnds: readonly (readonly [keyof Fates, string])[] = [
  ['waiting', 'waiting'],
  ['expired', 'expired'],
  ['deadLettered', 'dead-lettered'],
  ['diedWithBroker', 'died with a broker'],
  ['givenUp', 'given up']
]

/** 'two-hubs under 2 faults: 60 sent, 60 delivered, 0 lost, 12 late, recovered within 1.2 s' */
export function headlineOf(report: Report): string {
  const { destinations, faults, topology, wasCalledOff, runMs } = report
  const sent = destinations.reduce((sum, { accepted }) => sum + accepted, 0)
  const count = (fate: keyof Fates): number =>
    destinations.reduce((sum, { fates }) => sum + fates[fate], 0)
  const bad = badEnds.flatMap(([fate, text]) =>
    count(fate) > 0 ? [`${countText(count(fate))} ${text}`] : []
  )
  const parts = [
    `${countText(sent)} sent`,
    `${countText(count('delivered'))} delivered`,
    `${countText(count('lost'))} lost`,
    `${countText(count('late'))} late`,
    ...bad
  ]
  const hasRecovered = bad.length === 0 && count('lost') === 0 && count('late') > 0
  const recoverMs = figureOf(report, 'recoverMs')
  if (hasRecovered && recoverMs !== undefined) {
    parts.push(recoverMs === 0 ? 'recovered at once' : `recovered within ${msText(recoverMs)}`)
  }
  const under = faults.length === 0 ? 'without faults' : `under ${nounText(faults.length, 'fault')}`
  const until = wasCalledOff === true ? `, called off after ${msText(runMs)}` : ''
  return `${topology} ${under}${until}: ${parts.join(', ')}`
}

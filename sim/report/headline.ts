// A run in one line: what an operator would tell on the telephone.

import { figureOf } from './figure.ts'
import { countText, msText, nounText } from './figure-text.ts'
import type { Report } from './report.ts'

/** 'two-hubs under 2 faults: 60 sent, 60 delivered, 0 lost, 12 late, recovered within 1.2 s' */
export function headlineOf(report: Report): string {
  const { destinations, faults, topology } = report
  const sent = destinations.reduce((sum, { accepted }) => sum + accepted, 0)
  const late = destinations.reduce((sum, { fates }) => sum + fates.late, 0)
  const count = (figure: 'delivered' | 'lost' | 'waiting'): number => figureOf(report, figure) ?? 0
  const parts = [
    `${countText(sent)} sent`,
    `${countText(count('delivered'))} delivered`,
    `${countText(count('lost'))} lost`,
    `${countText(late)} late`
  ]
  const waiting = count('waiting')
  if (waiting > 0) parts.push(`${countText(waiting)} waiting`)
  const recoverMs = figureOf(report, 'recoverMs')
  if (recoverMs === 0) parts.push('recovered at once')
  else if (recoverMs !== undefined) parts.push(`recovered within ${msText(recoverMs)}`)
  const under = faults.length === 0 ? 'without faults' : `under ${nounText(faults.length, 'fault')}`
  return `${topology} ${under}: ${parts.join(', ')}`
}

// What is found of a planned network as text for people.

import type {
  ClassLoss,
  ClassSurvey,
  CutPair,
  SinglePoint,
  SurveyedWay
} from '../../network/index.ts'
import { obstacleText } from '../explain/explain-text.ts'
import { countText } from '../quantity-text.ts'
import { type Cell, textTable } from '../text-table.ts'
import { pathText } from './path-text.ts'
import type { NetworkPlan } from './plan-command.ts'

/** Lines shown of one list. */
const shownMax = 20

/** Lines for people. */
export function planText(plan: NetworkPlan): string[] {
  const { file, network, brokers, bridges, destinations, warnings, without } = plan
  const lines = [
    `${file}: network ${network}, ${counted(brokers, 'broker')}, ${counted(bridges, 'bridge')}`
  ]
  for (const one of destinations) lines.push('', ...surveyLines(one))
  lines.push('', 'warnings', ...shown(warnings.length === 0 ? ['none'] : warnings))
  if (without === null) return lines
  for (const one of without.destinations) {
    lines.push('', `without ${without.parts.join(', ')}: ${one.of.join(', ')}`, ...lossLines(one))
  }
  if (without.warnings.length > 0) lines.push('', 'more warnings then', ...shown(without.warnings))
  return lines
}

function surveyLines(survey: ClassSurvey): string[] {
  const { of, pairs, hopsMean, longest, cutPairs, cut, singlePoints } = survey
  const lines = [of.join(', ')]
  if (longest !== null) {
    lines.push(
      `  ${counted(pairs, 'pair')} with a way, over ${hopsMean.toFixed(1)} bridges on average`,
      `  the longest way: ${wayText(longest)}`
    )
  }
  if (cutPairs === 0) lines.push('  every broker reaches every other')
  else {
    lines.push(`  ${counted(cutPairs, 'pair')} without a way`)
    lines.push(...shown(cut.map(cutText), cutPairs).map((line) => `  ${line}`))
  }
  if (singlePoints === null) return lines
  if (singlePoints.length === 0) lines.push('  nothing whose loss cuts others off')
  else {
    lines.push('  whose loss cuts others off')
    const heads = ['broker or bridge', 'pairs cut off', 'such as']
    const table = textTable(heads, singlePoints.slice(0, shownMax).map(pointRow), 'none')
    lines.push(...table.map((line) => `  ${line}`))
    const more = singlePoints.length - shownMax
    if (more > 0) lines.push(`    and ${countText(more)} more`)
  }
  return lines
}

function lossLines({ lostPairs, lost, changedPairs, changed, longest }: ClassLoss): string[] {
  const lines: string[] = []
  if (lostPairs === 0) lines.push('  all that are left and reached each other still do')
  else {
    lines.push(`  ${counted(lostPairs, 'pair')} cut off`)
    lines.push(
      ...shown(
        lost.map(({ from, to }) => `${from} to ${to}`),
        lostPairs
      ).map(inset)
    )
  }
  if (longest !== null) lines.push(`  the longest way then: ${wayText(longest)}`)
  if (changedPairs === 0) lines.push('  no way changes')
  else {
    lines.push(`  ${counted(changedPairs, 'pair')} by another way, those that become dearest first`)
    const rows = changed
      .slice(0, shownMax)
      .map(({ before, after }): Cell[] => [
        before.from,
        before.to,
        `${before.cost} to ${after.cost}`,
        `${before.hops} to ${after.hops}`,
        pathText(after.path)
      ])
    lines.push(...textTable(['from', 'to', 'cost', 'bridges', 'by'], rows, 'none').map(inset))
    if (changedPairs > shownMax) lines.push(`    and ${countText(changedPairs - shownMax)} more`)
  }
  return lines
}

function cutText({ from, to, obstacles }: CutPair): string {
  const why =
    obstacles.length === 0 ? 'no bridges join them' : obstacles.map(obstacleText).join('; ')
  return `${from} to ${to}: ${why}`
}

function pointRow({ kind, ends, pairs, from, to }: SinglePoint): Cell[] {
  return [`${kind} ${ends.join('-')}`, countText(pairs), `${from} to ${to}`]
}

function wayText({ path, cost, hops }: SurveyedWay): string {
  return `${pathText(path)} (${counted(hops, 'bridge')}, cost ${cost})`
}

function shown(lines: readonly string[], total = lines.length): string[] {
  const first = lines.slice(0, shownMax).map(inset)
  return total > first.length ? [...first, `  and ${countText(total - first.length)} more`] : first
}

function inset(line: string): string {
  return `  ${line}`
}

function counted(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`
}

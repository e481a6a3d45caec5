// Which recovery branches a set of runs went through, and which none did. It only sorts and prints
// counts; where they come from, one process or several workers, is not its business.

import {
  type MarkCounts,
  marksOnlyIn,
  type RecoveryMark,
  recoveryMarks
} from '../src/base/index.ts'

/** One recovery branch. */
export interface MarkLine {
  readonly name: RecoveryMark
  /** What went wrong, and what is done. */
  readonly says: string
  /** How often the branch was taken. */
  readonly count: number
}

/** What became of all marks. Plain data. */
export interface MarksReport {
  /** Seen at least once, in the order of the table. */
  readonly hit: readonly MarkLine[]
  /** Never seen, and no reason why not: each asks for a scenario. */
  readonly notHit: readonly MarkLine[]
  /** Never seen, as expected: only a test of another kind reaches them. */
  readonly elsewhere: readonly (MarkLine & { readonly onlyIn: string })[]
}

/** Sorts counts; several for one name are added up. */
export function marksReport(counts: MarkCounts): MarksReport {
  const sums = new Map<string, number>()
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count)
  const hit: MarkLine[] = []
  const notHit: MarkLine[] = []
  const elsewhere: (MarkLine & { readonly onlyIn: string })[] = []
  for (const name of Object.keys(recoveryMarks) as RecoveryMark[]) {
    const line = { name, says: recoveryMarks[name], count: sums.get(name) ?? 0 }
    const onlyIn = marksOnlyIn[name]
    if (line.count > 0) hit.push(line)
    else if (onlyIn !== undefined) elsewhere.push({ ...line, onlyIn })
    else notHit.push(line)
  }
  return { hit, notHit, elsewhere }
}

/** The report for people: what was never tried comes last, where it is read. */
export function marksText({ hit, notHit, elsewhere }: MarksReport): string {
  const widest = Math.max(0, ...[...hit, ...notHit].map(({ name }) => name.length))
  const lines = [`${hit.length} recovery branches were taken:`]
  for (const { name, count } of hit) lines.push(`  ${name.padEnd(widest)} ${count}`)
  if (elsewhere.length > 0) {
    lines.push(`${elsewhere.length} are for tests of other kinds.`)
  }
  if (notHit.length === 0) lines.push('None was left out.')
  else lines.push(`${notHit.length} recovery branches were not taken:`)
  for (const { name, says } of notHit) lines.push(`  ${name.padEnd(widest)} ${says}`)
  return `${lines.join('\n')}\n`
}

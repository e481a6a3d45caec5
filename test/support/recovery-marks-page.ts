// Makes docs/reference/recovery-marks.md from the table of marks.

import { marksOnlyIn, type RecoveryMark, recoveryMarks } from '../../src/base/index.ts'

/** First words of names to headings, in the order of the page. */
const headings: readonly (readonly [title: string, words: readonly string[]])[] = [
  ['Dialling', ['dial']],
  ['Introductions between brokers', ['greeting']],
  ['Bridges', ['bridge']],
  ['Custody channels', ['channel', 'inquiry', 'answer']],
  ['Messages', ['message', 'dead', 'duplicate']],
  ['The map', ['map']],
  ['Demand', ['demand']],
  ['Routes, parking and proxies', ['route', 'parked', 'parking', 'proxy', 'grant', 'intake']],
  ['Queues, topics and memory', ['queue', 'temp', 'memory', 'topic', 'durable', 'store']],
  ['Clients', ['client']]
]

const preface = `# Recovery branches

Each branch of the program that exists only because something went wrong or came out of order has a
name here, and is counted under it when it is taken (see
[the decision](../decisions/0012-coverage-marks.md)). The simulator prints which of them its runs
took and which they did not. This page is made from \`src/base/recovery-mark-table.ts\` by
\`test/support/recovery-marks-page.ts\`.
`

/** Head of the tables of marks. */
const tableHead = '| mark | what went wrong, and what is done |\n|---|---|'

/** The whole page. */
export function recoveryMarksPage(): string {
  const names = Object.keys(recoveryMarks) as RecoveryMark[]
  const parts = headings.map(([title, words]) => {
    const rows = names.filter((name) => words.includes(firstWord(name))).map(row)
    return `\n## ${title}\n\n${tableHead}\n${rows.join('')}`
  })
  return preface + parts.join('') + elsewhere(names)
}

/** Marks under no heading. */
export function marksWithoutHeading(): string[] {
  const known = new Set(headings.flatMap(([, words]) => words))
  return Object.keys(recoveryMarks).filter((name) => !known.has(firstWord(name)))
}

function row(name: RecoveryMark): string {
  return `| \`${name}\` | ${recoveryMarks[name]} |\n`
}

function elsewhere(names: readonly RecoveryMark[]): string {
  const rows = names.flatMap((name) => {
    const title = marksOnlyIn[name]
    return title === undefined ? [] : [`| \`${name}\` | ${title} |\n`]
  })
  if (rows.length === 0) return ''
  const lead =
    'No simulated world takes these: correct brokers and clients do not provoke them, or they\n' +
    'need more of something than a world holds. A test of another kind does.\n'
  return `\n## Not in simulated worlds\n\n${lead}\n| mark | test |\n|---|---|\n${rows.join('')}`
}

function firstWord(name: string): string {
  return name.slice(0, name.indexOf('-'))
}

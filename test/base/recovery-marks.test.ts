import test from 'ava'
import {
  addMarkCounts,
  mark,
  marksHit,
  marksNotHit,
  marksOnlyIn,
  type RecoveryMark,
  recoveryMarks,
  resetMarks
} from '../../src/base/index.ts'
import { marksWithoutHeading, recoveryMarksPage } from '../support/recovery-marks-page.ts'
import { textFiles } from '../tidy/repository.ts'

const names = Object.keys(recoveryMarks) as RecoveryMark[]
const files = textFiles()

test.beforeEach(() => resetMarks())

test.serial('a mark is counted each time it is hit', (t) => {
  mark('dial-failed')
  mark('map-full')
  mark('dial-failed')
  t.deepEqual(marksHit(), [
    ['dial-failed', 2],
    ['map-full', 1]
  ])
  t.is(marksNotHit().length, names.length - 2)
  t.false(marksNotHit().includes('map-full'))
})

test.serial('after a reset no mark is hit', (t) => {
  mark('dial-failed')
  resetMarks()
  t.deepEqual(marksHit(), [])
  t.deepEqual(marksNotHit(), names)
})

test.serial('counts of workers travel as plain data and add up', (t) => {
  mark('dial-failed')
  mark('map-full')
  const sent = JSON.parse(JSON.stringify(marksHit()))
  addMarkCounts(sent)
  addMarkCounts([['map-full', 3]])
  t.deepEqual(marksHit(), [
    ['dial-failed', 2],
    ['map-full', 5]
  ])
})

test.serial('counts with an unknown name or a bad number are refused whole', (t) => {
  const unknown = 'dial-never' as RecoveryMark
  const bad = [
    [
      ['map-full', 1],
      [unknown, 1]
    ],
    [
      ['map-full', 1],
      ['dial-failed', -1]
    ],
    [
      ['map-full', 1],
      ['dial-failed', 0.5]
    ]
  ] as const
  for (const counts of bad) {
    t.throws(() => addMarkCounts(counts), { instanceOf: RangeError })
  }
  t.deepEqual(marksHit(), [])
})

test('every mark stands somewhere in the program', (t) => {
  const used = marksUsed()
  t.deepEqual(
    names.filter((name) => !used.has(name)),
    []
  )
})

test('every mark is a lower-case name, and no two say the same', (t) => {
  for (const name of names) t.regex(name, /^[a-z]+(-[a-z]+)+$/)
  const sentences = names.map((name) => recoveryMarks[name])
  t.deepEqual([...new Set(sentences)], sentences)
})

test('no mark is written twice in the table', (t) => {
  const table = textOf('src/base/recovery-mark-table.ts')
  const body = table.slice(0, table.indexOf('as const'))
  const written = [...body.matchAll(/^ {2}'([a-z-]+)':/gm)].map(([, name]) => name)
  t.deepEqual(written, names)
})

test('docs/reference/recovery-marks.md is what the table makes of it', (t) => {
  t.deepEqual(marksWithoutHeading(), [])
  t.is(
    textOf('docs/reference/recovery-marks.md'),
    recoveryMarksPage(),
    'make it anew: recoveryMarksPage() in test/support/recovery-marks-page.ts'
  )
})

test('what no simulated world reaches names a test that there is', (t) => {
  const faults: string[] = []
  const tests = files.filter(({ path }) => /^test\/.*\.test\.ts$/.test(path))
  for (const [name, title] of Object.entries(marksOnlyIn)) {
    // A title made of parts stands between other quotes.
    const isThere = tests.some(
      ({ text }) => text.includes(`'${title}'`) || text.includes(`\`${title}`)
    )
    if (!isThere) faults.push(`${name}: no test is called "${title}"`)
  }
  t.deepEqual(faults, [])
})

/** Names that stand in a call of `mark` in src/. */
function marksUsed(): ReadonlySet<string> {
  const used = new Set<string>()
  for (const { path, text } of files) {
    if (!path.startsWith('src/') || !path.endsWith('.ts')) continue
    for (const [, given] of text.matchAll(/\bmark\(([^()]*)\)/g)) {
      for (const [, name] of given!.matchAll(/'([a-z-]+)'/g)) used.add(name!)
    }
  }
  return used
}

function textOf(path: string): string {
  return files.find((file) => file.path === path)?.text ?? ''
}

// The breaks that seeds have to catch: each still fits the file it is for, and makes code.

import { readFileSync } from 'node:fs'
import test from 'ava'
import { breakText } from '../../../bench/breaks/break.ts'
import { breaks } from '../../../bench/breaks/breaks.ts'
import { compile } from '../../../bench/breaks/broken-build.ts'
import { makeJobs } from '../../../sim/runner/index.ts'

for (const one of breaks) {
  test(`the break ${one.name} fits its file, changes it, and makes code`, (t) => {
    const source = readFileSync(one.file, 'utf8')
    t.not(breakText(source, one), source)
    const code = compile(one)
    t.false(/from\s+"\.[^"]*\.ts"/.test(code), 'imports name compiled files')
    for (const { find, replace } of one.edits) t.not(find, replace)
  })
}

test('breaks have names of their own, and say what users would notice', (t) => {
  t.is(new Set(breaks.map(({ name }) => name)).size, breaks.length)
  t.is(new Set(breaks.map(({ harm }) => harm)).size, breaks.length)
  for (const { name, harm, file } of breaks) {
    t.regex(name, /^[a-z0-9]+(-[a-z0-9]+)*$/)
    t.regex(file, /^src\/.*\.ts$/)
    t.true(harm.length > 20 && harm.length <= 90, harm)
  }
})

test('a break whose piece is gone, or stands twice, is turned down and named', (t) => {
  const wanted = { name: 'b', harm: '', file: 'src/x.ts', edits: [{ find: 'a', replace: 'c' }] }
  const message = (times: number) => `b: src/x.ts has "a" ${times} times, not once; mend its entry`
  t.is(breakText('xay', wanted), 'xcy')
  t.throws(() => breakText('xy', wanted), { message: message(0) })
  t.throws(() => breakText('aa', wanted), { message: message(2) })
})

test('what stands in for a piece is taken as it is written', (t) => {
  const edits = [{ find: 'a', replace: "$&$'" }]
  t.is(breakText('xay', { name: 'b', harm: '', file: 'src/x.ts', edits }), "x$&$'y")
})

test('a hunt has seeds without end, each from the first on', (t) => {
  const jobs = makeJobs({
    ...{ scenario: 'all', count: Number.POSITIVE_INFINITY, freshSeed: 70 },
    ...{ twiceEvery: 0, shrinkTriesMax: 0, linesMax: 0 }
  })
  t.deepEqual(
    [1, 2, 3].map(() => jobs.next().value?.seed),
    ['70', '71', '72']
  )
})

import test from 'ava'
import { marksReport, marksText } from '../../sim/marks-report.ts'
import { marksOnlyIn, recoveryMarks } from '../../src/base/index.ts'

const all = Object.keys(recoveryMarks).length

test('a report tells which recovery branches were taken and which were not', (t) => {
  const { hit, notHit, elsewhere } = marksReport([
    ['map-full', 1],
    ['dial-failed', 2],
    ['map-full', 4]
  ])
  t.deepEqual(
    hit.map(({ name, count }) => [name, count]),
    [
      ['dial-failed', 2],
      ['map-full', 5]
    ]
  )
  t.is(hit.length + notHit.length + elsewhere.length, all)
  t.true(notHit.every(({ count }) => count === 0))
})

test('a branch that only another kind of test reaches is not reported as left out', (t) => {
  const { notHit, elsewhere } = marksReport([])
  t.deepEqual(elsewhere.map(({ name }) => name).sort(), Object.keys(marksOnlyIn).sort())
  for (const { name } of notHit) t.is(marksOnlyIn[name], undefined)
})

test('the text lists every branch taken with its count and every other with its sentence', (t) => {
  const report = marksReport([['dial-failed', 12]])
  const text = marksText(report)
  t.regex(text, /^1 recovery branches were taken:\n {2}dial-failed +12\n/)
  for (const { name, says } of report.notHit) t.true(text.includes(name) && text.includes(says))
  const everything = marksReport(Object.keys(recoveryMarks).map((name) => [name, 1] as never))
  t.regex(marksText(everything), /None was left out\.\n$/)
})

import test from 'ava'
import { expectationText, figureName, foundText } from '../../../sim/report/expectation-text.ts'
import { figures } from '../../../sim/scenario-file/figures.ts'

test('every figure is called what scenario files call it, and times have a unit', (t) => {
  for (const [name, { figure, unit }] of figures) {
    t.is(figureName(figure), name)
    const text = expectationText({ figure, comparison: 'at-most', value: 1_500 })
    t.is(text, `${name} is at most ${unit === 'duration' ? '1.5 s' : '1,500'}`)
  }
})

test('what is expected of one destination names it', (t) => {
  const destination = '/queue/orders'
  t.is(
    expectationText({ figure: 'latencyP99Ms', comparison: 'at-least', value: 5, destination }),
    'latency-p99 of /queue/orders is at least 5.0 ms'
  )
})

test('what was found has its unit', (t) => {
  const rest = { text: '', isMet: true, where: undefined }
  t.is(foundText({ ...rest, actual: 1_204 }), '1,204')
  t.is(foundText({ ...rest, actual: 2.35 }), '2.35')
  t.is(foundText({ ...rest, actual: 2_400, unit: 'ms' }), '2.4 s')
  t.is(foundText({ ...rest, actual: undefined }), 'nothing to measure')
})

// Courses in one line of blocks.

import test from 'ava'
import { sparkline } from '../../../sim/command/sparkline.ts'

test('the largest value is a full block, zero the lowest, nothing a blank', (t) => {
  t.is(sparkline([0, 1, 2, 3, 4, 5, 6, 7, null], 20), '▁▂▃▄▅▆▇█ ')
  t.is(sparkline([0, 0], 20), '▁▁')
  t.is(sparkline([], 20), '')
  t.is(sparkline([0.001, 1_000], 20), '▂█', 'little is not nothing')
})

test('a character that stands for several values shows their largest', (t) => {
  t.is(sparkline([0, 7, 0, 0, null, 1, null, null], 4), '█▁▂ ')
  t.is(
    sparkline(
      Array.from({ length: 401 }, (_, at) => at),
      60
    ).length,
    60
  )
})

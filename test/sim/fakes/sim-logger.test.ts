import test from 'ava'
import { SimLogger } from '../../../sim/fakes/index.ts'

test('the latest lines are kept and the others counted, children’s too', (t) => {
  let nowMs = 0
  const logger = new SimLogger({ nowMs: () => nowMs, linesMax: 3 })
  const child = logger.child({ bridge: 'spoke' })
  for (let i = 1; i <= 5; i += 1) {
    nowMs = i
    if (i % 2 === 0) child.info('even', { i })
    else logger.warn('odd', { i })
  }
  t.is(logger.droppedCount, 2)
  t.deepEqual(logger.lines, [
    { timeMs: 3, level: 'warn', event: 'odd', fields: { i: 3 } },
    { timeMs: 4, level: 'info', event: 'even', fields: { bridge: 'spoke', i: 4 } },
    { timeMs: 5, level: 'warn', event: 'odd', fields: { i: 5 } }
  ])
  t.is(logger.find('even').length, 1)
})

import test from 'ava'
import { createSystemClock } from '../../src/platform/index.ts'
import { clockSuite } from '../conformance/clock.suite.ts'
import { realWorld } from './real-world.ts'

clockSuite(test, 'system clock', () => ({ ...realWorld(), clock: createSystemClock() }))

test('a delay longer than Node timers take does not fire at once', async (t) => {
  const clock = createSystemClock()
  let hasRun = false
  const cancel = clock.schedule(2 ** 40, () => {
    hasRun = true
  })
  await realWorld().idle()
  cancel()
  t.false(hasRun)
})

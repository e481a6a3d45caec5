import test from 'ava'
import fc from 'fast-check'
import { isoTime } from '../../src/base/index.ts'

test('a time is written as the platform writes it', (t) => {
  const times = [0, 951_782_400_000, 4_107_542_399_999, -1, 253_402_300_799_999]
  for (const ms of times) t.is(isoTime(ms), new Date(ms).toISOString())
  fc.assert(
    fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (ms) => {
      t.is(isoTime(ms), new Date(ms).toISOString())
    })
  )
})

import test from 'ava'
import { createSystemRandom } from '../../src/platform/index.ts'
import { randomSuite } from '../conformance/random.suite.ts'

randomSuite(test, 'system random', createSystemRandom)

test('two sources differ', (t) => {
  const draw = () => {
    const random = createSystemRandom()
    return Array.from({ length: 8 }, () => random.u32()).join()
  }
  t.not(draw(), draw())
})

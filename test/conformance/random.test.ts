import test from 'ava'
import { Prng } from '../../sim/prng.ts'
import { randomSuite } from './random.suite.ts'

randomSuite(test, 'seeded chance', () => new Prng('suite'))

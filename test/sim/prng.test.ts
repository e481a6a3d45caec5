import test from 'ava'
import fc from 'fast-check'
import { Prng } from '../../sim/prng.ts'

test('a seed gives the same numbers on every machine', (t) => {
  const random = new Prng('golden')
  const drawn = [random.u32(), random.u32(), random.u32()]
  t.deepEqual(drawn, golden)
})

test('numbers and texts are seeds alike', (t) => {
  t.is(new Prng(42).u32(), new Prng('42').u32())
  t.not(new Prng(42).u32(), new Prng(43).u32())
})

test('a fork depends on seed and label, not on what was drawn', (t) => {
  const root = new Prng('seed')
  const before = root.fork('network').u32()
  for (let i = 0; i < 10; i += 1) root.u32()
  t.is(root.fork('network').u32(), before)
  t.not(root.fork('disk').u32(), before)
  t.not(root.fork('network').fork('x').u32(), before)
  t.is(root.fork('network').path, 'seed/network')
})

test('integers stay within their bounds and reach both', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1_000, max: 1_000 }),
      fc.integer({ min: 0, max: 1_000 }),
      fc.string(),
      (low, span, seed) => {
        const value = new Prng(seed).integer(low, low + span)
        return Number.isInteger(value) && value >= low && value <= low + span
      }
    )
  )
  const random = new Prng('bounds')
  const seen = new Set<number>()
  for (let i = 0; i < 200; i += 1) seen.add(random.integer(3, 5))
  t.deepEqual([...seen].sort(), [3, 4, 5])
})

test('a pick is one of the items, and each is picked some time', (t) => {
  const random = new Prng('pick')
  const seen = new Set<string>()
  for (let i = 0; i < 200; i += 1) seen.add(random.pick(['a', 'b', 'c']))
  t.deepEqual([...seen].sort(), ['a', 'b', 'c'])
})

test('chance 0 never happens, chance 1 always, chance a half about half the time', (t) => {
  const random = new Prng('chance')
  let halves = 0
  for (let i = 0; i < 1_000; i += 1) {
    if (random.chance(0) || !random.chance(1)) t.fail('a certain thing was uncertain')
    if (random.chance(0.5)) halves += 1
  }
  t.true(halves > 400 && halves < 600)
})

test('exponential times are those of the logarithm, and of the given mean', (t) => {
  const random = new Prng('exponential')
  const twin = new Prng('exponential')
  let sum = 0
  for (let i = 0; i < 5_000; i += 1) {
    const drawn = random.exponentialMs(10)
    const exact = -10 * Math.log((twin.u32() + 1) / 2 ** 32)
    if (!(Math.abs(drawn - exact) < 1e-5)) t.fail(`${drawn} is not ${exact}`)
    sum += drawn
  }
  t.true(sum / 5_000 > 9 && sum / 5_000 < 11)
})

const golden: readonly number[] = [3358237058, 2971130352, 4136783943]

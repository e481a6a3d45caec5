// The exam of every source of chance. The bounds are so wide that an honest source misses them less
// than once in a billion runs.

import type { TestFn } from 'ava'
import type { Random } from '../../src/ports/index.ts'

/** Registers the exam for the sources that `factory` makes. */
export function randomSuite(test: TestFn, name: string, factory: () => Random): void {
  test(`${name}: floats are at least 0 and below 1`, (t) => {
    const random = factory()
    for (let i = 0; i < 5_000; i += 1) {
      const value = random.float()
      if (!(value >= 0 && value < 1)) t.fail(`${value} is out of range`)
    }
    t.pass()
  })

  test(`${name}: every bit of a 32-bit integer is sometimes set and sometimes not`, (t) => {
    const random = factory()
    let everSet = 0
    let everClear = 0
    for (let i = 0; i < 5_000; i += 1) {
      const value = random.u32()
      if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) t.fail(`bad value ${value}`)
      everSet |= value
      everClear |= ~value
    }
    t.is(everSet >>> 0, 0xffffffff)
    t.is(everClear >>> 0, 0xffffffff)
  })

  test(`${name}: floats and integers are spread evenly`, (t) => {
    const random = factory()
    t.true(chiSquare(() => random.float()) < 100)
    t.true(chiSquare(() => random.u32() / 2 ** 32) < 100)
    t.true(chiSquare(() => (random.u32() % 4096) / 4096) < 100)
  })

  test(`${name}: a float has more than 32 random bits`, (t) => {
    const random = factory()
    const low = new Set<number>()
    for (let i = 0; i < 100; i += 1) low.add((random.float() * 2 ** 53) % 1024)
    t.true(low.size > 20)
  })

  test(`${name}: two sequences of one source differ`, (t) => {
    const random = factory()
    const draw = () => Array.from({ length: 8 }, () => random.u32()).join()
    t.not(draw(), draw())
  })
}

/** Over 16 buckets, 15 degrees of freedom. */
function chiSquare(draw: () => number): number {
  const buckets = new Array<number>(16).fill(0)
  const draws = 16_000
  for (let i = 0; i < draws; i += 1) buckets[Math.floor(draw() * 16)]! += 1
  const expected = draws / 16
  return buckets.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

// Seeded chance: xoshiro128**, the same on every machine and Node version. Streams fork by label,
// so that one more draw in one part of a run does not shift what the other parts draw.

import type { Random } from '../src/ports/index.ts'

/** A deterministic stream of random numbers. */
export class Prng implements Random {
  /** Seed and labels this stream came from, such as '42/network'; for replay lines. */
  readonly path: string
  private s0: number
  private s1: number
  private s2: number
  private s3: number

  constructor(seed: string | number) {
    this.path = String(seed)
    let hash = hashText(this.path)
    const word = () => {
      hash = (hash + 0x9e3779b9) | 0
      return splitMix(hash)
    }
    this.s0 = word()
    this.s1 = word()
    this.s2 = word()
    // All zeros is the one state the generator never leaves.
    this.s3 = word() | 1
  }

  /** An independent stream. It depends on the seed and the label only, not on draws made so far. */
  fork(label: string): Prng {
    return new Prng(`${this.path}/${label}`)
  }

  u32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.s1, 5), 7), 9) >>> 0
    const t = this.s1 << 9
    this.s2 ^= this.s0
    this.s3 ^= this.s1
    this.s1 ^= this.s2
    this.s0 ^= this.s3
    this.s2 ^= t
    this.s3 = rotateLeft(this.s3, 11)
    return result
  }

  float(): number {
    const high = this.u32() >>> 5
    const low = this.u32() >>> 6
    return (high * 67_108_864 + low) / 9_007_199_254_740_992
  }

  /** Uniform over the integers from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.float() * (high - low + 1))
  }

  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)]!
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.float() < probability
  }

  /** Exponentially distributed with the given mean; at most some 22 means. */
  exponentialMs(meanMs: number): number {
    return meanMs * negativeLog(this.u32())
  }
}

/** −ln((draw + 1) / 2³²), by arithmetic that IEEE 754 fixes; Math.log may differ between builds. */
function negativeLog(draw: number): number {
  const value = draw + 1
  const exponent = value >= 4_294_967_296 ? 32 : 31 - Math.clz32(value)
  const z = (value / 2 ** exponent - 1) / (value / 2 ** exponent + 1)
  let sum = 0
  let power = z
  for (let k = 1; k <= 15; k += 2) {
    sum += power / k
    power *= z * z
  }
  return (32 - exponent) * Math.LN2 - 2 * sum
}

/** FNV-1a over UTF-16 units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  return hash
}

function splitMix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x21f0aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
  return mixed ^ (mixed >>> 15)
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

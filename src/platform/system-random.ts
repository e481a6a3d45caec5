// Chance from the operating system's cryptographic source, drawn in blocks so that a number costs a
// few nanoseconds. Ids made from it cannot be guessed.

import { randomFillSync } from 'node:crypto'
import type { Random } from '../ports/index.ts'

const blockLength = 1024

/** Makes the random source of this process. */
export function createSystemRandom(): Random {
  return new SystemRandom()
}

class SystemRandom implements Random {
  private readonly block = new Uint32Array(blockLength)
  private used = blockLength

  u32(): number {
    if (this.used === blockLength) {
      randomFillSync(this.block)
      this.used = 0
    }
    const value = this.block[this.used]!
    this.used += 1
    return value
  }

  /** 53 random bits, as many as a double holds below one. */
  float(): number {
    const high = this.u32() >>> 5
    const low = this.u32() >>> 6
    return (high * 67_108_864 + low) / 9_007_199_254_740_992
  }
}

// Numbers for records of one kind: each is in use once, and those given back are used again, so
// that they do not run out.

import { assert } from '../../base/index.ts'
import { recordNumberMax } from './record-keys.ts'

/** See the top of this file. */
export class RecordNumbers {
  private next = 1
  private readonly free: number[] = []

  /** Notes a number that is in use already. Call for all of them before any is taken. */
  noteUsed(number: number): void {
    this.next = Math.max(this.next, number + 1)
  }

  take(): number {
    const reused = this.free.pop()
    if (reused !== undefined) return reused
    assert(this.next <= recordNumberMax, 'there are numbers left for records')
    this.next += 1
    return this.next - 1
  }

  giveBack(number: number): void {
    this.free.push(number)
  }
}

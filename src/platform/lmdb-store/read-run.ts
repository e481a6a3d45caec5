// Reading the messages of one queue: a run of keys, in order.

import type { ReadLimits, StoredMessage } from '../../ports/index.ts'
import type { LmdbEnvironment } from './lmdb-environment.ts'
import { messageKey, runBounds, sequenceOf } from './record-keys.ts'

/** Messages with a sequence over `after`, as the store port says. */
export function readRun(
  environment: LmdbEnvironment,
  queueNumber: number,
  after: number,
  { countMax, bytesMax }: ReadLimits
): StoredMessage[] {
  const found: StoredMessage[] = []
  if (countMax <= 0 || after >= Number.MAX_SAFE_INTEGER) return found
  const [start, end] = runBounds(queueNumber)
  const from = after < Number.MIN_SAFE_INTEGER ? start : messageKey(queueNumber, after + 1)
  let bytesFound = 0
  for (const { key, value } of environment.entries(from, end)) {
    bytesFound += value.length
    if (bytesFound > bytesMax && found.length > 0) break
    found.push({ sequence: sequenceOf(key), bytes: value })
    if (found.length >= countMax) break
  }
  environment.endReads()
  return found
}

/** Sequences of the first and the last message; undefined if there is none. */
export function runEnds(
  environment: LmdbEnvironment,
  queueNumber: number
): readonly [first: number, last: number] | undefined {
  const [start, end] = runBounds(queueNumber)
  const [first] = environment.keys(start, end, 1)
  const last = environment.lastKey(start, end)
  environment.endReads()
  if (first === undefined || last === undefined) return undefined
  return [sequenceOf(first), sequenceOf(last)]
}

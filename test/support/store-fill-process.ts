// A process that fills an LMDB store until it has no room, empties it and fills it again, three
// times, and prints what happened as JSON. Run as: node store-fill-process.js DIRECTORY BYTES_MAX

import type { PostroadError } from '../../src/base/index.ts'
import { openLmdbStore } from '../../src/platform/index.ts'
import type { MessageStore } from '../../src/ports/index.ts'

/** One round. */
export interface FillRound {
  /** Messages of 1,000 bytes that had room. */
  readonly filled: number
  /** Code of the error that ended the filling. */
  readonly code: string | undefined
  /** Messages the store counts after it, and those it reads. */
  readonly counted: number
  readonly read: number
  /** Codes of errors met while it was emptied. */
  readonly removalErrors: readonly string[]
  readonly left: number
}

const rounds = 3
const batchesMax = 20_000
const perBatch = 50

const [, , directory, bytesMax] = process.argv
if (directory !== undefined && import.meta.url.endsWith(process.argv[1]!)) {
  // Over a limit of file sizes writes fail, instead of the process.
  process.on('SIGXFSZ', () => {})
  const store = await openLmdbStore({ directory, bytesMax: Number(bytesMax) })
  const done: FillRound[] = []
  for (let round = 0; round < rounds; round += 1) done.push(await fillAndEmpty(store))
  await new Promise((resolve) => store.close(resolve))
  process.stdout.write(`${JSON.stringify(done)}\n`)
}

async function fillAndEmpty(store: MessageStore): Promise<FillRound> {
  let filled = 0
  let code: string | undefined
  for (let batch = 0; batch < batchesMax && code === undefined; batch += 1) {
    for (let i = 1; i <= perBatch; i += 1) {
      store.put('orders', filled + i, { encodedBytes: 1_000, encode: () => Buffer.alloc(1_000, 1) })
    }
    code = (await commit(store))?.code
    if (code === undefined) filled += perBatch
  }
  const counted = store.summary('orders')?.count ?? 0
  const read = store.read('orders', 0, { countMax: 1e6, bytesMax: 1e12 }).length
  const removalErrors: string[] = []
  for (let at = 1; at <= filled; at += 1) {
    store.remove('orders', at)
    if (at % 100 !== 0 && at !== filled) continue
    const error = await commit(store)
    if (error !== undefined) removalErrors.push(`${error.code} ${error.message}`)
  }
  const left = store.summary('orders')?.count ?? 0
  return { filled, code, counted, read, removalErrors, left }
}

function commit(store: MessageStore): Promise<PostroadError | undefined> {
  return new Promise((resolve) => store.commit(resolve))
}

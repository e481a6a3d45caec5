// A process that writes numbered batches to an LMDB store as fast as it can, and prints the number
// of each that is done. Batch n puts three messages, removes those of batch n - 40, and sets a fact
// and a mark to n. Run as: node store-process.js DIRECTORY [BYTES_MAX]

import { writeSync } from 'node:fs'
import { openLmdbStore } from '../../src/platform/index.ts'

/** Batches whose messages stay. */
export const batchesKept = 40
const underWayMax = 4

/** Where the three messages of a batch are. */
export function placesOf(batch: number): { readonly queue: string; readonly sequence: number }[] {
  return ['a', 'b', 'c'].map((queue) => ({ queue, sequence: batch }))
}

/** What a message of a batch holds; now and then much of it. */
export function contentOf(batch: number, queue: string): Buffer {
  return Buffer.from(`${queue} ${batch} `.repeat(batch % 17 === 0 ? 2_000 : 20))
}

const [, , directory, bytesMax = '67108864'] = process.argv
if (directory !== undefined && import.meta.url.endsWith(process.argv[1]!)) await run(directory)

async function run(directory: string): Promise<void> {
  // Over a limit of file sizes writes fail, instead of the process.
  process.on('SIGXFSZ', () => {})
  const store = await openLmdbStore({ directory, bytesMax: Number(bytesMax) })
  let batch = Number(store.fact('batch') ?? 0)
  let underWay = 0
  const next = (): void => {
    while (underWay < underWayMax) {
      batch += 1
      underWay += 1
      const number = batch
      for (const { queue, sequence } of placesOf(number)) {
        const bytes = contentOf(number, queue)
        store.put(queue, sequence, { encodedBytes: bytes.length, encode: () => bytes })
      }
      for (const { queue, sequence } of placesOf(number - batchesKept)) {
        store.remove(queue, sequence)
      }
      store.setFact('batch', `${number}`)
      store.setMark('channel', { epoch: 'e', highWater: number })
      store.commit((error) => {
        if (error !== undefined) throw error
        underWay -= 1
        writeSync(1, `${number}\n`)
        setImmediate(next)
      })
    }
  }
  writeSync(1, 'open\n')
  next()
}

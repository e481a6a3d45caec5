// A process that writes to a store is killed at random instants: what it was told is done is there,
// and every batch is there as a whole or not at all.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import { Prng } from '../../sim/prng.ts'
import { openLmdbStore } from '../../src/platform/index.ts'
import type { MessageStore } from '../../src/ports/index.ts'
import { batchesKept, contentOf, placesOf } from '../support/store-process.ts'

const kills = 30
const seed = 'store-kills'

test.serial('after kill -9 a store has every batch that was done, each whole', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'postroad-kills-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const random = new Prng(seed)
  let storeId: string | undefined
  let written = 0
  for (let kill = 0; kill < kills; kill += 1) {
    const done = await writeUntilKilled(directory, random.float() * 150)
    written = Math.max(written, done)
    const store = await openLmdbStore({ directory, bytesMax: 2 ** 26 })
    storeId ??= store.storeId
    t.is(store.storeId, storeId)
    written = check(t, store, written)
    await new Promise((resolve) => store.close(resolve))
  }
  t.log(`${written} batches, ${kills} kills`)
  t.true(written > kills)
})

/** Lets a process write for a while; answers the last batch it said was done. */
async function writeUntilKilled(directory: string, afterMs: number): Promise<number> {
  const program = fileURLToPath(new URL('../support/store-process.js', import.meta.url))
  const child = spawn(process.execPath, [program, directory], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let output = ''
  const isOpen = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString()
      resolve()
    })
    child.once('exit', () => reject(new Error('the process ended by itself')))
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  try {
    await isOpen
    await sleep(afterMs)
  } finally {
    child.kill('SIGKILL')
    await ended
  }
  const lines = output.split('\n').slice(0, -1)
  return Math.max(0, ...lines.slice(1).map(Number))
}

/** Checks what is there; answers the last batch. */
function check(t: ExecutionContext, store: MessageStore, done: number): number {
  const last = Number(store.fact('batch') ?? 0)
  t.true(last >= done, `batch ${done} was done, the store has ${last}`)
  if (last === 0) return 0
  t.is(store.mark('channel')!.highWater, last)
  const first = Math.max(1, last - batchesKept + 1)
  const batches = Array.from({ length: last - first + 1 }, (_, index) => first + index)
  for (const [at, { queue }] of placesOf(0).entries()) {
    const messages = batches.map((batch) => {
      const { sequence } = placesOf(batch)[at]!
      return { sequence, bytes: contentOf(batch, queue) }
    })
    const limits = { countMax: 1_000, bytesMax: Number.POSITIVE_INFINITY }
    t.deepEqual(store.read(queue, Number.NEGATIVE_INFINITY, limits), messages)
    t.deepEqual(store.summary(queue), {
      count: messages.length,
      bytes: messages.reduce((sum, { bytes }) => sum + bytes.length, 0),
      firstSequence: first,
      lastSequence: last
    })
  }
  return last
}

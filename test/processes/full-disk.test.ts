// Real files that can grow no further: by the bound of the store, and by a limit the system sets.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import type { FillRound } from '../support/store-fill-process.ts'

const mib = 1024 * 1024
const program = fileURLToPath(new URL('../support/store-fill-process.js', import.meta.url))

test.serial('a store at its bound is emptied and filled again, its file within it', async (t) => {
  const directory = newDirectory(t)
  const rounds = await run(directory, 16 * mib, undefined)
  for (const { code } of rounds) t.is(code, 'LOCAL_STORE_FULL')
  t.true(rounds[0]!.filled > 10_000)
  t.true(statSync(join(directory, 'data.mdb')).size <= 16 * mib)
})

test.serial('a store whose file can grow no further goes on with what it has', async (t) => {
  // Units of a shell differ: 2 or 4 MiB.
  const rounds = await run(newDirectory(t), 64 * mib, 4_096)
  for (const { code } of rounds) t.true(code?.startsWith('LOCAL_STORE_'), code)
  t.true(rounds[0]!.filled > 1_000)
})

/** Runs the program, checks what holds in any case, and answers its rounds. */
async function run(
  directory: string,
  bytesMax: number,
  fileBlocksMax: number | undefined
): Promise<FillRound[]> {
  const command = [process.execPath, program, directory, String(bytesMax)]
  const limit = fileBlocksMax === undefined ? '' : `ulimit -f ${fileBlocksMax}; `
  const child = spawn('sh', ['-c', `${limit}exec "$@"`, 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (text: Buffer) => {
    output += text.toString()
  })
  child.stderr.on('data', (text: Buffer) => {
    errors += text.toString()
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`the program ended with ${code}: ${errors}`)
  const rounds = JSON.parse(output) as FillRound[]
  for (const { filled, counted, read, removalErrors, left } of rounds) {
    const isRight = counted === filled && read === filled && left === 0
    if (!isRight || removalErrors.length > 0) throw new Error(output)
    if (filled < rounds[0]!.filled * 0.9) throw new Error(`less room in a later round: ${output}`)
  }
  return rounds
}

function newDirectory(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'postroad-full-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  return directory
}

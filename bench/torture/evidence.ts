// Where messages that went wrong were seen last: the stores of all brokers are exported, and their
// logs kept. The brokers have ended by then.

import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** In which queue of which broker's store a message still is. */
export interface Sighting {
  readonly key: string
  readonly broker: string
  readonly queue: string
  readonly sequence: number
}

const command = fileURLToPath(new URL('../../../bin/postroad.js', import.meta.url))

/**
 * Looks for keys in the stores under `folder`.
 * @throws Error if a store cannot be exported
 */
export async function findInStores(
  folder: string,
  brokers: readonly string[],
  keys: ReadonlySet<string>
): Promise<Sighting[]> {
  const found: Sighting[] = []
  for (const broker of brokers) {
    const file = join(folder, `${broker}.export`)
    await exportStore(join(folder, 'data', broker), file)
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const record = JSON.parse(line) as {
        readonly queue?: string
        readonly sequence?: number
        readonly body?: string
      }
      const key = record.body?.split(' ', 1)[0]
      if (key === undefined || record.queue === undefined || !keys.has(key)) continue
      found.push({ key, broker, queue: record.queue, sequence: record.sequence ?? 0 })
    }
  }
  return found
}

function exportStore(directory: string, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const args = [command, 'store', 'export', directory, file]
    execFile(process.execPath, args, (error) => {
      if (error === null) resolve()
      else reject(error)
    })
  })
}

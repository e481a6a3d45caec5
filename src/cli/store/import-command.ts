// `postroad store import`: puts exported messages into the store of a broker that does not run,
// behind what its queues hold already. A file is read to its end before anything is put, so that
// one with a fault changes nothing.

import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { messageOf, PostroadError } from '../../base/index.ts'
import { DestinationTable } from '../../broker/index.ts'
import { parseByteSize } from '../../config/index.ts'
import { openLmdbStore } from '../../platform/index.ts'
import type { MessageStore } from '../../ports/index.ts'
import { lockDirectory } from '../directory-lock.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { countText } from '../quantity-text.ts'
import { textTable } from '../text-table.ts'
import {
  type ExportLine,
  exportFormat,
  exportHeadSchema,
  exportLineSchema
} from './export-format.ts'
import { type MessageRecord, recordMessage } from './message-record.ts'
import { ProgressLine } from './progress-line.ts'
import { findStore, type StorePlace, type StorePlaceOptions } from './store-place.ts'

/** Options of `postroad store import`. */
export interface ImportOptions extends StorePlaceOptions {
  readonly dryRun?: boolean
  /** Bound of the store, as written: 10GiB. */
  readonly sizeMax: string
}

const batchMessagesMax = 500
const batchBytesMax = 8 * 1024 * 1024

/** Runs the command; answers its exit code. */
export async function importCommand(
  directory: string,
  file: string,
  options: ImportOptions
): Promise<ExitCode> {
  const place = findStore(directory, options)
  const bytesMax = readSize(options.sizeMax)
  const found = await readThrough(file)
  if (options.dryRun === true) {
    process.stdout.write(`${countsText('would import', place, found).join('\n')}\n`)
    return exitCodes.good
  }
  if (!existsSync(place.brokerDirectory)) {
    const { brokerDirectory } = place
    const text = `there is no broker directory "${brokerDirectory}"; start it once with --data`
    throw new PostroadError('LOCAL_STORE_FAILED', text, { directory })
  }
  const lock = lockDirectory(place.brokerDirectory)
  try {
    await importMessages(place, file, { bytesMax, total: found.messages })
    process.stdout.write(`${countsText('imported', place, found).join('\n')}\n`)
  } finally {
    lock.release()
  }
  return exitCodes.good
}

function readSize(written: string): number {
  const bytes = parseByteSize(written)
  if (bytes !== undefined && bytes > 0) return bytes
  const text = `--size-max "${written}" is no size; write for example 512MiB or 10GiB`
  throw new PostroadError('LOCAL_CONFIG_INVALID', text, {})
}

/** What is in a file. */
interface FileCounts {
  readonly queues: ReadonlyMap<string, number>
  readonly messages: number
  readonly marks: number
  readonly facts: number
}

async function readThrough(file: string): Promise<FileCounts> {
  const destinations = new DestinationTable()
  const queues = new Map<string, number>()
  let [messages, marks, facts] = [0, 0, 0]
  for await (const { line, number } of readLines(file)) {
    if ('mark' in line) marks += 1
    else if ('fact' in line) facts += 1
    else {
      try {
        for (const queue of recordMessage(line, destinations).queues) {
          queues.set(queue, (queues.get(queue) ?? 0) + 1)
        }
      } catch (error) {
        throw badLine(file, number, messageOf(error))
      }
      messages += 1
    }
  }
  return { queues, messages, marks, facts }
}

function countsText(done: string, place: StorePlace, found: FileCounts): string[] {
  const { queues, messages, marks, facts } = found
  const rows = [...queues].map(([name, count]) => [name, countText(count)])
  const left = `${countText(marks)} marks and ${countText(facts)} facts are left out`
  const what = `${countText(messages)} messages into the store of broker ${place.broker}`
  return [`${done} ${what}; ${left}`, ...textTable(['queue', 'messages'], rows, 'no messages')]
}

async function importMessages(
  place: StorePlace,
  file: string,
  { bytesMax, total }: { readonly bytesMax: number; readonly total: number }
): Promise<void> {
  const store = await openLmdbStore({ directory: place.storeDirectory, bytesMax })
  const importer = new Importer(store, new ProgressLine('imported', total))
  try {
    for await (const { line } of readLines(file)) {
      if ('queue' in line) await importer.add(line)
    }
    await importer.commit()
    importer.progress.end()
  } catch (error) {
    importer.progress.end()
    const text = `${countText(importer.done)} messages were imported, then: ${messageOf(error)}`
    const code = error instanceof PostroadError ? error.code : 'LOCAL_STORE_FAILED'
    throw new PostroadError(code, text, { file }, error)
  } finally {
    await new Promise((resolve) => store.close(resolve))
  }
}

class Importer {
  /** Messages that are on the disk. */
  done = 0
  readonly progress: ProgressLine
  private readonly store: MessageStore
  private readonly destinations = new DestinationTable()
  private readonly lastSequences = new Map<string, number>()
  private batchMessages = 0
  private batchBytes = 0

  constructor(store: MessageStore, progress: ProgressLine) {
    this.store = store
    this.progress = progress
  }

  async add(record: MessageRecord): Promise<void> {
    const { queues, storable } = recordMessage(record, this.destinations)
    for (const queue of queues) {
      const last = this.lastSequences.get(queue) ?? this.store.summary(queue)?.lastSequence ?? 0
      const sequence = Math.max(0, last) + 1
      this.lastSequences.set(queue, sequence)
      this.store.put(queue, sequence, storable)
      this.batchBytes += storable.encodedBytes
    }
    this.batchMessages += 1
    const isFull = this.batchMessages >= batchMessagesMax || this.batchBytes >= batchBytesMax
    if (isFull) await this.commit()
  }

  async commit(): Promise<void> {
    const { store, batchMessages } = this
    this.batchMessages = 0
    this.batchBytes = 0
    await new Promise<void>((resolve, reject) => {
      store.commit((error) => (error === undefined ? resolve() : reject(error)))
    })
    this.done += batchMessages
    this.progress.show(this.done)
  }
}

async function* readLines(file: string): AsyncGenerator<{ line: ExportLine; number: number }> {
  const input = createReadStream(file)
  let number = 0
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1
      if (text === '' && number > 1) continue
      const json = parse(file, number, text)
      if (number === 1) checkHead(file, json)
      else {
        const { data, error } = exportLineSchema.safeParse(json)
        if (data === undefined) throw badLine(file, number, reasonOf(error.issues))
        yield { line: data, number }
      }
    }
  } catch (error) {
    if (error instanceof PostroadError) throw error
    const text = `cannot read "${file}": ${messageOf(error)}`
    throw new PostroadError('LOCAL_CONFIG_UNREADABLE', text, { file }, error)
  } finally {
    input.destroy()
  }
  if (number === 0) throw badLine(file, 1, 'it is empty')
}

function parse(file: string, number: number, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw badLine(file, number, messageOf(error))
  }
}

function checkHead(file: string, json: unknown): void {
  const { data } = exportHeadSchema.safeParse(json)
  if (data === undefined) throw badLine(file, 1, 'it is no export of Postroad')
  if (data.postroadExport <= exportFormat) return
  const why = `its format is ${data.postroadExport}, and this version reads up to ${exportFormat}`
  throw badLine(file, 1, why)
}

interface Issue {
  readonly code?: string
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly errors?: readonly (readonly Issue[])[]
}

/** What is wrong with a line that should be a message: most are. */
function reasonOf([issue]: readonly Issue[]): string {
  const inner = issue?.errors?.[0]?.[0] ?? issue
  const path = inner?.path.map(String).join('.') ?? ''
  return `${path === '' ? '' : `"${path}": `}${inner?.message ?? 'it is no message'}`
}

function badLine(file: string, number: number, why: string): PostroadError {
  const text = `${file}:${number}: cannot be imported: ${why}; nothing was imported`
  return new PostroadError('LOCAL_CONFIG_UNREADABLE', text, { file, line: number })
}

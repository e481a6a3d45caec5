// `postroad store export`: writes the messages of a store as lines of JSON, which any version reads
// back and any program can. The first line says what the file is.

import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { messageOf, PostroadError } from '../../base/index.ts'
import { DestinationTable } from '../../broker/index.ts'
import { StoreReader } from '../../platform/index.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { countText } from '../quantity-text.ts'
import { exportFormat } from './export-format.ts'
import { decodeMessage, messageRecord } from './message-record.ts'
import { ProgressLine } from './progress-line.ts'
import { findStore, type StorePlaceOptions } from './store-place.ts'

/** Options of `postroad store export`. */
export interface ExportOptions extends StorePlaceOptions {
  /** Only these queues; all if not given. */
  readonly queue?: readonly string[]
}

const readLimits = { countMax: 1_000, bytesMax: 8 * 1024 * 1024 }
const standardOutput = 1

/** Runs the command; answers its exit code. `file` may be '-'. */
export async function exportCommand(
  directory: string,
  file: string,
  options: ExportOptions
): Promise<ExitCode> {
  const place = findStore(directory, options)
  const reader = await StoreReader.open(place.storeDirectory)
  try {
    const output = openOutput(file)
    try {
      output.write({
        postroadExport: exportFormat,
        broker: place.broker,
        brokerId: place.brokerId ?? null,
        storeId: reader.storeId
      })
      const { messages, unreadable } = exportMessages(reader, output, options.queue)
      for (const [channel, mark] of reader.marks()) output.write({ mark: { channel, ...mark } })
      for (const [key, value] of reader.facts()) output.write({ fact: { key, value } })
      process.stderr.write(`exported ${countText(messages)} messages\n`)
      return unreadable === 0 ? exitCodes.good : exitCodes.failed
    } finally {
      output.close()
    }
  } finally {
    await reader.close()
  }
}

function exportMessages(
  reader: StoreReader,
  output: Output,
  wanted: readonly string[] | undefined
): { readonly messages: number; readonly unreadable: number } {
  const queues = chooseQueues(reader, wanted)
  const destinations = new DestinationTable()
  const total = queues.reduce((sum, { count }) => sum + count, 0)
  const progress = new ProgressLine('exported', total)
  let messages = 0
  let unreadable = 0
  for (const { name } of queues) {
    for (let after = Number.NEGATIVE_INFINITY; ; ) {
      const read = reader.read(name, after, readLimits)
      if (read.length === 0) break
      for (const { sequence, bytes } of read) {
        try {
          output.write(messageRecord(name, sequence, decodeMessage(name, bytes, destinations)))
          messages += 1
        } catch (error) {
          if (error instanceof PostroadError && error.code === 'LOCAL_STORE_FAILED') throw error
          unreadable += 1
          const place = `message ${sequence} of queue "${name}"`
          process.stderr.write(`postroad: ${place} cannot be read: ${messageOf(error)}\n`)
        }
      }
      after = read.at(-1)!.sequence
      progress.show(messages)
    }
  }
  progress.end()
  return { messages, unreadable }
}

function chooseQueues(reader: StoreReader, wanted: readonly string[] | undefined) {
  const queues = reader.queues()
  if (wanted === undefined) return queues
  for (const name of wanted) {
    if (queues.some((queue) => queue.name === name)) continue
    const text = `the store has no queue "${name}"; "postroad store inspect" lists those it has`
    throw new PostroadError('LOCAL_STORE_FAILED', text, { queue: name })
  }
  return queues.filter(({ name }) => wanted.includes(name))
}

/** Where the lines go. */
interface Output {
  write(record: object): void
  close(): void
}

function openOutput(file: string): Output {
  const fail = (error: unknown): never => {
    const text = `cannot write "${file}": ${messageOf(error)}`
    throw new PostroadError('LOCAL_STORE_FAILED', text, { file }, error)
  }
  const isStandard = file === '-'
  let handle = standardOutput
  if (!isStandard) {
    try {
      // A file that is there may be somebody's only copy.
      handle = openSync(file, 'wx', 0o600)
    } catch (error) {
      fail(error)
    }
  }
  return {
    write(record) {
      try {
        writeWhole(handle, Buffer.from(`${JSON.stringify(record)}\n`))
      } catch (error) {
        fail(error)
      }
    },
    close() {
      if (isStandard) return
      try {
        fsyncSync(handle)
      } finally {
        closeSync(handle)
      }
    }
  }
}

function writeWhole(handle: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(handle, bytes, at)
    } catch (error) {
      // A pipe whose reader is slow; the next try finds room.
      if ((error as { code?: unknown }).code !== 'EAGAIN') throw error
    }
  }
}

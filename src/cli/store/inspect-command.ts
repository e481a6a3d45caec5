// `postroad store inspect`: what is in a store, without a look at the messages themselves.

import { StoreReader } from '../../platform/index.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { bytesText, countText } from '../quantity-text.ts'
import { textTable } from '../text-table.ts'
import { findStore, type StorePlace, type StorePlaceOptions } from './store-place.ts'

/** Options of `postroad store inspect`. */
export interface InspectOptions extends StorePlaceOptions {
  readonly json?: boolean
}

/** What `--json` prints. */
export interface StoreInspection {
  readonly broker: string
  readonly brokerId: string | null
  /** Process of the broker; null if it does not run. */
  readonly runningPid: number | null
  readonly directory: string
  readonly storeId: string
  readonly format: number
  readonly bytesUsed: number
  readonly fileBytes: number
  /** Removed queues whose messages are still to be deleted. */
  readonly removedQueues: number
  readonly queues: readonly {
    readonly name: string
    readonly count: number
    readonly bytes: number
    readonly firstSequence: number | null
    readonly lastSequence: number | null
  }[]
  readonly marks: readonly {
    readonly channel: string
    readonly epoch: string
    readonly highWater: number
  }[]
  readonly facts: readonly { readonly key: string; readonly value: string }[]
}

const valueShownMax = 60

/** Runs the command; answers its exit code. */
export async function inspectCommand(
  directory: string,
  options: InspectOptions
): Promise<ExitCode> {
  const inspection = await inspectStore(findStore(directory, options))
  const text = options.json === true ? json(inspection) : inspectionText(inspection)
  process.stdout.write(text)
  return exitCodes.good
}

async function inspectStore(place: StorePlace): Promise<StoreInspection> {
  const reader = await StoreReader.open(place.storeDirectory)
  try {
    const { liveBytes, fileBytes } = reader.space
    return {
      broker: place.broker,
      brokerId: place.brokerId ?? null,
      runningPid: place.runningPid ?? null,
      directory: place.storeDirectory,
      storeId: reader.storeId,
      format: reader.format,
      bytesUsed: liveBytes,
      fileBytes,
      removedQueues: reader.deadRuns,
      queues: reader.queues().map(({ name, count, bytes }) => {
        const [firstSequence, lastSequence] = reader.ends(name) ?? [null, null]
        return { name, count, bytes, firstSequence, lastSequence }
      }),
      marks: reader.marks().map(([channel, mark]) => ({ channel, ...mark })),
      facts: reader.facts().map(([key, value]) => ({ key, value }))
    }
  } finally {
    await reader.close()
  }
}

function json(inspection: StoreInspection): string {
  return `${JSON.stringify(inspection, null, 2)}\n`
}

/** The inspection for people. */
export function inspectionText(inspection: StoreInspection): string {
  const { broker, brokerId, runningPid, queues, marks, facts } = inspection
  const messages = queues.reduce((sum, { count }) => sum + count, 0)
  const running = runningPid === null ? 'not running' : `running as process ${runningPid}`
  const used = `${bytesText(inspection.bytesUsed)} used, file of ${bytesText(inspection.fileBytes)}`
  const lines = [
    `store of broker ${broker}, ${running}`,
    `  directory  ${inspection.directory}`,
    `  store id   ${inspection.storeId}`,
    `  broker id  ${brokerId ?? 'unknown'}`,
    `  format     ${inspection.format}`,
    `  size       ${used}`,
    `  messages   ${countText(messages)}`
  ]
  if (inspection.removedQueues > 0) {
    lines.push(`  to delete  ${countText(inspection.removedQueues)} removed queues`)
  }
  const queueRows = queues.map(({ name, count, bytes, firstSequence, lastSequence }) => {
    const ends = [firstSequence ?? '-', lastSequence ?? '-']
    return [name, countText(count), bytesText(bytes), ...ends]
  })
  lines.push('queues')
  lines.push(...textTable(['name', 'messages', 'size', 'first', 'last'], queueRows, 'none'))
  lines.push('marks')
  const markRows = marks.map(({ channel, epoch, highWater }) => [channel, epoch, highWater])
  lines.push(...textTable(['channel', 'epoch', 'high water'], markRows, 'none'))
  lines.push('facts')
  const factRows = facts.map(({ key, value }) => [shortened(key), shortened(value)])
  lines.push(...textTable(['key', 'value'], factRows, 'none'))
  return `${lines.join('\n')}\n`
}

function shortened(text: string): string {
  const shown = JSON.stringify(text).slice(1, -1)
  return shown.length > valueShownMax ? `${shown.slice(0, valueShownMax - 1)}…` : shown
}

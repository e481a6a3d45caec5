// `postroad dlq list`: the dead-letter queues of a broker.

import type { DeadLetterQueues } from '../../admin/index.ts'
import type { PlaceOptions } from '../broker-client.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { bytesText, countText } from '../quantity-text.ts'
import { type Cell, textTable } from '../text-table.ts'
import { DeadLetterClient } from './dead-letter-client.ts'

/** Options of `postroad dlq list`. */
export interface ListOptions extends PlaceOptions {
  readonly json?: boolean
}

/** Runs the command; answers its exit code. */
export async function listCommand(options: ListOptions): Promise<ExitCode> {
  const found = await DeadLetterClient.use(options, (client) =>
    client.ask<DeadLetterQueues>('list')
  )
  const text = options.json === true ? JSON.stringify(found) : listText(found).join('\n')
  process.stdout.write(`${text}\n`)
  return exitCodes.good
}

/** Lines for people. */
export function listText({ broker, queues, left }: DeadLetterQueues): string[] {
  const rows = queues.map(({ queue, waiting, delivered, bytes, consumers, oldest }): Cell[] => [
    queue,
    countText(waiting),
    countText(delivered),
    bytesText(bytes),
    countText(consumers),
    oldest?.time ?? '-',
    oldest?.reason ?? '-',
    oldest?.destination ?? '-'
  ])
  const heads = [
    'queue',
    'letters',
    'with consumers',
    'size',
    'consumers',
    'oldest',
    'why',
    'was in'
  ]
  const lines = [`dead letters of broker ${broker}`, ...textTable(heads, rows, 'there are none')]
  if (left > 0) lines.push(`  and ${countText(left)} more queues`)
  return lines
}

// `postroad parked`: what cannot go on at a broker, and why; or the messages that wait for one
// other broker.

import type { ParkedList, ShownParked, ShownParkedMessages } from '../../admin/index.ts'
import { BrokerClient, type PlaceOptions } from '../broker-client.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { printable } from '../printable.ts'
import { bytesText, countText, timeText } from '../quantity-text.ts'
import { type Cell, textTable } from '../text-table.ts'
import { reasonText } from './reason-text.ts'

/** Options of `postroad parked`. */
export interface ParkedOptions extends PlaceOptions {
  /** The broker whose messages are shown. */
  readonly of?: string
  readonly limit: number
  readonly json?: boolean
}

/**
 * Runs the command; answers its exit code: not good if messages were asked for and none is there.
 */
export async function parkedCommand(options: ParkedOptions): Promise<ExitCode> {
  const { of: target, limit, json } = options
  if (target === undefined) {
    const list = await BrokerClient.use(options, (client) =>
      client.ask<ParkedList>({ command: 'parked' })
    )
    print(json === true ? JSON.stringify(list) : listText(list).join('\n'))
    return exitCodes.good
  }
  const { messages, isCut } = await BrokerClient.use(options, (client) =>
    client.ask<ShownParkedMessages>({ command: 'parked', target, limit })
  )
  for (const message of messages) {
    print(json === true ? JSON.stringify(message) : `${messageText(message).join('\n')}\n`)
  }
  if (isCut) process.stderr.write(`postroad: there are more messages for ${target}\n`)
  if (messages.length > 0) return exitCodes.good
  process.stderr.write(`postroad: nothing is parked for ${target}\n`)
  return exitCodes.failed
}

/** Lines for people. */
export function listText({ broker, parked, queues, left }: ParkedList): string[] {
  const rows = parked.map((one): Cell[] => [
    one.broker,
    countText(one.messages),
    bytesText(one.bytes),
    one.since ?? '-',
    countText(one.inMemory),
    reasonText(one.reason)
  ])
  const heads = ['for broker', 'messages', 'size', 'since', 'in memory only', 'why']
  const queueRows = queues.map((one): Cell[] => [
    one.queue,
    countText(one.messages),
    bytesText(one.bytes),
    one.brokers.length === 0 ? '-' : one.brokers.join(' '),
    reasonText(one.reason)
  ])
  const queueHeads = ['queue', 'messages', 'size', 'wanted at', 'why']
  const lines = [
    `parked at broker ${broker}`,
    ...textTable(heads, rows, 'nothing'),
    '',
    'queues that nobody takes from',
    ...textTable(queueHeads, queueRows, 'none')
  ]
  if (left > 0) lines.push(`  and ${countText(left)} more`)
  return lines
}

/** Lines for people. */
export function messageText(message: ShownParked): string[] {
  const { id, destination, origin, path, since, waitedMs, isPersistent } = message
  const { headers, bodyBytes, bodyStart } = message
  const facts: readonly (readonly [string, string])[] = [
    ['destination', destination],
    ['origin', origin],
    ['path', path.length === 0 ? 'from here' : path.join(' ')],
    ['since', since === null ? 'unknown' : `${since}, for ${timeText(waitedMs!)}`],
    ['persistent', String(isPersistent)]
  ]
  const isWhole = Buffer.byteLength(bodyStart) >= bodyBytes
  const body = bodyBytes === 0 ? '' : `: ${printable(bodyStart)}${isWhole ? '' : ' …'}`
  return [
    id,
    ...facts.map(([name, value]) => `  ${name.padEnd(12)}${printable(value)}`),
    ...headers.map(([name, value]) => `  | ${printable(name)}: ${printable(value)}`),
    `  body (${bytesText(bodyBytes)})${body}`
  ]
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

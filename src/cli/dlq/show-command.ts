// `postroad dlq show`: letters, for somebody to read. They stay in their queues.

import type { ShownLetter, ShownLetters } from '../../admin/index.ts'
import type { PlaceOptions } from '../broker-client.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { printable } from '../printable.ts'
import { bytesText } from '../quantity-text.ts'
import { type ChoiceOptions, choiceOf, DeadLetterClient } from './dead-letter-client.ts'

/** Options of `postroad dlq show`. */
export interface ShowOptions extends PlaceOptions, ChoiceOptions {
  readonly limit: number
  readonly json?: boolean
}

/** Runs the command; answers its exit code: not good if no letter was found. */
export async function showCommand(options: ShowOptions): Promise<ExitCode> {
  const { limit, json } = options
  let count = 0
  await DeadLetterClient.use(options, async (client) => {
    for (const { queue } of await client.queues(options)) {
      const facts = { queue, limit, ...choiceOf(options) }
      const { letters, isCut } = await client.ask<ShownLetters>('show', facts)
      count += letters.length
      for (const letter of letters) {
        const text = json === true ? JSON.stringify(letter) : `${letterText(letter).join('\n')}\n`
        process.stdout.write(`${text}\n`)
      }
      if (isCut) process.stderr.write(`postroad: there may be more letters in ${queue}\n`)
    }
  })
  if (count > 0) return exitCodes.good
  process.stderr.write('postroad: no such dead letter\n')
  return exitCodes.failed
}

/** Lines for people. */
export function letterText(letter: ShownLetter): string[] {
  const { id, queue, time, text, reason, destination, messageId, redeliveries, path } = letter
  const { bodyBytes, bodyStart, isPersistent } = letter
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['queue', queue],
    ['time', time],
    ['why', text === undefined ? reason : `${reason}: ${text}`],
    ['was in', destination],
    ['message-id', messageId],
    ['redeliveries', redeliveries],
    ['path', path],
    ['persistent', String(isPersistent)]
  ]
  const known = facts.filter(([, value]) => value !== undefined)
  const shown = printable(bodyStart)
  const isWhole = Buffer.byteLength(bodyStart) >= bodyBytes
  return [
    id,
    ...known.map(([name, value]) => `  ${name.padEnd(13)}${printable(value!)}`),
    ...letter.headers.map(([name, value]) => `  | ${printable(name)}: ${printable(value)}`),
    `  body (${bytesText(bodyBytes)})${bodyBytes === 0 ? '' : `: ${shown}${isWhole ? '' : ' …'}`}`
  ]
}

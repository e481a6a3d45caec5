// `postroad dlq retry` and `postroad dlq purge`: letters go back to where they were, or for good.
// They are counted first, and no more are moved than were there then: what comes back meanwhile as
// a letter again stays.

import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LetterCount, LettersMoved } from '../../admin/index.ts'
import type { PlaceOptions } from '../broker-client.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { countText } from '../quantity-text.ts'
import { type ChoiceOptions, choiceOf, DeadLetterClient } from './dead-letter-client.ts'

/** Options of both commands. */
export interface MoveOptions extends PlaceOptions, ChoiceOptions {
  readonly all?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** What is done with the letters. */
export type MoveAction = 'retry' | 'purge'

/** Letters of one request. */
const requestMax = 5_000
/** Where a destination is full, how long is waited, and how often in vain. */
const roomMs = 500
const roomTriesMax = 20

interface Planned {
  readonly queue: string
  readonly letters: number
  /** True if there may be more than were counted. */
  readonly isCut: boolean
}

/** Runs one of the commands; answers its exit code. */
export async function moveCommand(action: MoveAction, options: MoveOptions): Promise<ExitCode> {
  const { all, id, reason, destination, dryRun, yes } = options
  if (all !== true && id === undefined && reason === undefined && destination === undefined) {
    return wrong(`say which letters: --all, or --id, --reason or --destination`)
  }
  return await DeadLetterClient.use(options, async (client) => {
    const planned = await count(client, action, options)
    const letters = planned.reduce((sum, one) => sum + one.letters, 0)
    if (dryRun === true || letters === 0) return letters > 0 ? exitCodes.good : exitCodes.failed
    if (action === 'purge' && yes !== true) {
      if (process.stdin.isTTY !== true) return wrong('purge asks first: say --yes')
      if (!(await isAgreed(letters))) return exitCodes.failed
    }
    return await moveAll(client, action, { options, planned })
  })
}

async function count(
  client: DeadLetterClient,
  action: MoveAction,
  options: MoveOptions
): Promise<readonly Planned[]> {
  const planned: Planned[] = []
  for (const { queue } of await client.queues(options)) {
    const facts = { queue, ...choiceOf(options) }
    const { matching, stuck, byDestination, isCut } = await client.ask<LetterCount>('count', facts)
    if (matching === 0) continue
    const letters = action === 'retry' ? matching - stuck : matching
    planned.push({ queue, letters, isCut })
    say(`${queue}: ${isCut ? 'at least ' : ''}${countText(matching)} letters`)
    for (const [was, many] of byDestination) {
      say(`  ${was === '' ? 'of unknown origin' : was}: ${countText(many)}`)
    }
    if (action === 'retry' && stuck > 0) say(`  cannot go back, and stay: ${countText(stuck)}`)
  }
  if (planned.length === 0) process.stderr.write('postroad: no such dead letter\n')
  return planned
}

async function moveAll(
  client: DeadLetterClient,
  action: MoveAction,
  { options, planned }: { readonly options: MoveOptions; readonly planned: readonly Planned[] }
): Promise<ExitCode> {
  let left = 0
  let moved = 0
  for (const { queue, letters } of planned) {
    const done = await move(client, action, { queue, letters, options })
    moved += done
    left += letters - done
  }
  const verb = action === 'retry' ? 'sent back' : 'removed'
  say(`${verb}: ${countText(moved)}`)
  if (planned.some(({ isCut }) => isCut)) say('there may be more letters: run it again')
  if (left === 0) return exitCodes.good
  const why = 'they are with consumers, have been taken, or there is no room where they were'
  process.stderr.write(`postroad: ${countText(left)} letters were not ${verb}: ${why}\n`)
  return exitCodes.failed
}

async function move(
  client: DeadLetterClient,
  action: MoveAction,
  { queue, letters, options }: Omit<Planned, 'isCut'> & { readonly options: MoveOptions }
): Promise<number> {
  let moved = 0
  let roomTries = 0
  while (moved < letters) {
    const limit = Math.min(requestMax, letters - moved)
    const answer = await client.ask<LettersMoved>(action, { queue, limit, ...choiceOf(options) })
    moved += answer.moved
    if (answer.moved > 0) roomTries = 0
    if (answer.end === 'no-room') {
      roomTries += 1
      if (roomTries > roomTriesMax) break
      await sleep(roomMs)
    } else if (answer.moved === 0) break
  }
  return moved
}

async function isAgreed(letters: number): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`Remove ${countText(letters)} letters for good? [y/N] `)
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function wrong(text: string): ExitCode {
  process.stderr.write(`postroad: ${text}\n`)
  return exitCodes.wrongUsage
}

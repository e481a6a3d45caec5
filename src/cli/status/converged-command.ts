// `postroad status --converged`: asks every broker in reach which state of the map and of demand it
// holds, and says whether all hold the same, and the newest of each other.

import { setTimeout as sleep } from 'node:timers/promises'
import type { VersionsReport } from '../../admin/index.ts'
import { messageOf } from '../../base/index.ts'
import { BrokerClient, type PlaceOptions } from '../broker-client.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { printable } from '../printable.ts'
import { countText } from '../quantity-text.ts'
import { type Answers, findDifferences } from './find-differences.ts'

/** Options of `postroad status --converged`. */
export interface ConvergedOptions extends PlaceOptions {
  readonly json?: boolean
  /** How long brokers may take to agree; only one look without it. */
  readonly wait?: number
}

/** Brokers asked at a time. */
const askedMax = 16
/** A broker in good order answers far sooner. */
const answerMsMax = 5_000
const lookMs = 200
/** Differences shown to people. */
const shownMax = 20

/** Runs the command; answers its exit code: good if all brokers in reach agree. */
export async function convergedCommand(options: ConvergedOptions): Promise<ExitCode> {
  const { wait = 0, json } = options
  const untilMs = performance.now() + wait
  return await BrokerClient.use(options, async (client) => {
    let answers = await askAll(client)
    let differences = findDifferences(answers)
    while (differences.length > 0 && performance.now() + lookMs < untilMs) {
      await sleep(lookMs)
      answers = await askAll(client)
      differences = findDifferences(answers)
    }
    const brokers = [...answers.keys()].sort()
    const isConverged = differences.length === 0
    const text =
      json === true
        ? JSON.stringify({ isConverged, brokers, differences })
        : convergedText(brokers, differences).map(printable).join('\n')
    process.stdout.write(`${text}\n`)
    return isConverged ? exitCodes.good : exitCodes.failed
  })
}

/** Lines for people. */
export function convergedText(
  brokers: readonly string[],
  differences: readonly string[]
): string[] {
  const count = counted(brokers.length, 'broker')
  if (differences.length === 0) return [`converged: ${count}, with one map and the newest demand`]
  const more = differences.length - shownMax
  return [
    `not converged: ${count} in reach, ${counted(differences.length, 'difference')}`,
    ...differences.slice(0, shownMax).map((one) => `  ${one}`),
    ...(more > 0 ? [`  and ${countText(more)} more`] : [])
  ]
}

function counted(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** The first answer says whom else to ask. */
async function askAll(client: BrokerClient): Promise<Answers> {
  const answers = new Map<string, VersionsReport | string>()
  const first = await client.ask<VersionsReport>({ command: 'versions' })
  answers.set(first.broker, first)
  const others = first.records.map(({ broker }) => broker).filter((name) => name !== first.broker)
  for (let at = 0; at < others.length; at += askedMax) {
    const some = others.slice(at, at + askedMax)
    const given = await Promise.all(some.map((broker) => askOne(client, broker)))
    for (const [index, broker] of some.entries()) answers.set(broker, given[index]!)
  }
  return answers
}

async function askOne(client: BrokerClient, broker: string): Promise<VersionsReport | string> {
  try {
    return await client.ask<VersionsReport>({ command: 'versions' }, broker, answerMsMax)
  } catch (error) {
    return messageOf(error)
  }
}

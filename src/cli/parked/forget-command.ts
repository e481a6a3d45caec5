// `postroad forget`: an operator says that a broker never returns. Every broker in reach is told by
// itself and answers for itself, so that it is seen who has done it and who has not; one that was
// out of reach is told by running the command again.

import { createInterface } from 'node:readline/promises'
import type { BrokerForgotten, StatusReport } from '../../admin/index.ts'
import { messageOf } from '../../base/index.ts'
import { BrokerClient } from '../broker-client.ts'
import type { ConnectionOptions } from '../connect-client.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { countText } from '../quantity-text.ts'
import { type Cell, textTable } from '../text-table.ts'

/** Options of `postroad forget`. */
export interface ForgetOptions extends ConnectionOptions {
  readonly yes?: boolean
}

/** What one broker said. */
export type ForgetOutcome =
  | { readonly broker: string; readonly done: BrokerForgotten }
  | { readonly broker: string; readonly error: string }

/** Brokers asked at a time. */
const askedMax = 16

/** Runs the command; answers its exit code: good if every broker in reach has done it. */
export async function forgetCommand(name: string, options: ForgetOptions): Promise<ExitCode> {
  return await BrokerClient.use(options, async (client) => {
    const request = { command: 'status', parts: ['brokers'] }
    const { brokers = [] } = await client.ask<StatusReport>(request, client.nearest)
    const found = brokers.find((broker) => broker.name === name)
    if (found?.isReachable === true) {
      const fix = 'stop it, or take its bridges away, before it is forgotten'
      process.stderr.write(`postroad: broker "${name}" is in reach; ${fix}\n`)
      return exitCodes.failed
    }
    if (options.yes !== true) {
      if (process.stdin.isTTY !== true) {
        process.stderr.write('postroad: forget asks first: say --yes\n')
        return exitCodes.wrongUsage
      }
      if (!(await isAgreed(name))) return exitCodes.failed
    }
    const inReach = brokers.filter((broker) => broker.isReachable).map((broker) => broker.name)
    const outcomes = await tellAll(client, inReach, name)
    process.stdout.write(`${outcomesText(name, outcomes).join('\n')}\n`)
    return outcomes.every((outcome) => 'done' in outcome) ? exitCodes.good : exitCodes.failed
  })
}

/** Lines for people. */
export function outcomesText(name: string, outcomes: readonly ForgetOutcome[]): string[] {
  const rows = outcomes.map((outcome): Cell[] => {
    if ('error' in outcome) return [outcome.broker, '-', '-', '-', outcome.error]
    const { topics, messages, letters } = outcome.done
    return [outcome.broker, countText(topics), countText(messages), countText(letters), 'done']
  })
  const heads = ['broker', 'durable topics', 'messages given up', 'letters kept here', '']
  return [`kept for broker ${name} until now`, ...textTable(heads, rows, 'no broker is in reach')]
}

async function tellAll(
  client: BrokerClient,
  brokers: readonly string[],
  name: string
): Promise<readonly ForgetOutcome[]> {
  const outcomes: ForgetOutcome[] = []
  for (let at = 0; at < brokers.length; at += askedMax) {
    const some = brokers.slice(at, at + askedMax)
    outcomes.push(...(await Promise.all(some.map((broker) => tell(client, broker, name)))))
  }
  return outcomes
}

async function tell(client: BrokerClient, broker: string, name: string): Promise<ForgetOutcome> {
  try {
    return { broker, done: await client.ask<BrokerForgotten>({ command: 'forget', name }, broker) }
  } catch (error) {
    return { broker, error: messageOf(error) }
  }
}

async function isAgreed(name: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const question = `Give up all that is kept for broker ${name}, for good? [y/N] `
    const answer = await terminal.question(question)
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}

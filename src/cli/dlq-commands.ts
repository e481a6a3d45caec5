// The part of the command line that looks after dead letters: `dlq list`, `show`, `retry` and
// `purge`. Only names, options and help; what they do is loaded when one of them is called.

import { type Command, Option } from 'commander'
import { deadLetterCodes } from '../broker/index.ts'
import { addConnectionOptions } from './client-commands.ts'
import type { ListOptions } from './dlq/list-command.ts'
import type { MoveOptions } from './dlq/move-command.ts'
import type { ShowOptions } from './dlq/show-command.ts'
import { wholeNumber } from './option-readers.ts'

/** Adds `postroad dlq`. */
export function addDlqCommand(program: Command): void {
  const dlq = program
    .command('dlq')
    .description('list and show dead letters of a running broker, send them back, remove them')
    .addHelpText(
      'after',
      `
Examples:
  postroad dlq list
  postroad dlq show --reason expired --limit 5
  postroad dlq retry --destination /queue/orders --dry-run
  postroad dlq purge --queue DLQ.metrics --all --yes`
    )
  addList(dlq)
  addShow(dlq)
  addRetry(dlq)
  addPurge(dlq)
}

function addList(dlq: Command): void {
  addPlace(dlq.command('list'))
    .description('the dead-letter queues that hold letters, and the oldest letter of each')
    .option('--json', 'print them as JSON')
    .action(async (options: ListOptions) => {
      const { listCommand } = await import('./dlq/list-command.ts')
      process.exitCode = await listCommand(options)
    })
}

function addShow(dlq: Command): void {
  addChoice(addPlace(dlq.command('show')))
    .description('letters, oldest first, with why they are there; they stay where they are')
    .option('--limit <n>', 'how many of each queue', wholeNumber(1, 1_000), 20)
    .option('--json', 'print each letter as one line of JSON')
    .action(async (options: ShowOptions) => {
      const { showCommand } = await import('./dlq/show-command.ts')
      process.exitCode = await showCommand(options)
    })
}

function addRetry(dlq: Command): void {
  addChoice(addPlace(dlq.command('retry')))
    .description('send letters back to where they were, as new messages')
    .option('--all', 'every letter')
    .option('--dry-run', 'only say how many letters that would be')
    .addHelpText(
      'after',
      `
A letter of a topic goes to all its subscribers again. Letters of temporary queues stay.

Examples:
  postroad dlq retry --all --dry-run
  postroad dlq retry --id ID:hub-mab3-17
  postroad dlq retry --reason refused --destination /queue/orders`
    )
    .action(async (options: MoveOptions) => {
      const { moveCommand } = await import('./dlq/move-command.ts')
      process.exitCode = await moveCommand('retry', options)
    })
}

function addPurge(dlq: Command): void {
  addChoice(addPlace(dlq.command('purge')))
    .description('remove letters for good')
    .option('--all', 'every letter')
    .option('--dry-run', 'only say how many letters that would be')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      `
Examples:
  postroad dlq purge --reason expired
  postroad dlq purge --queue DLQ.metrics --all --yes`
    )
    .action(async (options: MoveOptions) => {
      const { moveCommand } = await import('./dlq/move-command.ts')
      process.exitCode = await moveCommand('purge', options)
    })
}

function addPlace(command: Command): Command {
  return addConnectionOptions(command).option(
    '--broker <name>',
    'ask this broker of the network instead of the one connected to'
  )
}

function addChoice(command: Command): Command {
  return command
    .option('--queue <name>', 'only this dead-letter queue, such as DLQ or DLQ.orders')
    .option('--id <ids...>', 'only these letters, by their message-id or the one they had')
    .addOption(
      new Option('--reason <reason>', 'only letters that are there for this').choices([
        ...deadLetterCodes
      ])
    )
    .option('--destination <name>', 'only letters that were there, such as /queue/orders')
}

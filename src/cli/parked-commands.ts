// The part of the command line that looks after what cannot go on: `parked` and `forget`. Only
// names, options and help; what they do is loaded when one of them is called.

import type { Command } from 'commander'
import { addConnectionOptions } from './client-commands.ts'
import { wholeNumber } from './option-readers.ts'
import type { ForgetOptions } from './parked/forget-command.ts'
import type { ParkedOptions } from './parked/parked-command.ts'

/** Adds `postroad parked`. */
export function addParkedCommand(program: Command): void {
  addConnectionOptions(program.command('parked'))
    .description('show what waits at a broker for a way to other brokers, and why')
    .argument('[broker]', 'ask this broker of the network instead of the one connected to')
    .option('--of <name>', 'the messages that wait for this broker, oldest first')
    .option('--limit <n>', 'how many of them', wholeNumber(1, 1_000), 20)
    .option('--json', 'print as JSON; messages one to a line')
    .addHelpText(
      'after',
      `
Examples:
  postroad parked
  postroad parked hub-1 --json
  postroad parked hub-1 --of site-7 --limit 5`
    )
    .action(async (broker: string | undefined, options: ParkedOptions) => {
      const { parkedCommand } = await import('./parked/parked-command.ts')
      const asked = broker === undefined ? options : { ...options, broker }
      process.exitCode = await parkedCommand(asked)
    })
}

/** Adds `postroad forget`. */
export function addForgetCommand(program: Command): void {
  addConnectionOptions(program.command('forget'))
    .description('give up all that brokers keep for one that never returns')
    .argument('<broker>', 'the name of the broker that never returns')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      `
Its durable subscriptions are struck out at every broker in reach, and messages parked for it are
given up and counted as "forgotten". A broker that is in reach is refused.

Example:
  postroad forget site-7 --yes`
    )
    .action(async (name: string, options: ForgetOptions) => {
      const { forgetCommand } = await import('./parked/forget-command.ts')
      process.exitCode = await forgetCommand(name, options)
    })
}

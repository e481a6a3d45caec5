// The part of the command line about ways through the network: `explain` and `plan`. Only names,
// options and help; what they do is loaded when one of them is called.

import type { Command } from 'commander'
import { addConnectionOptions } from './client-commands.ts'
import type { ExplainOptions } from './explain/explain-command.ts'
import { pair } from './option-readers.ts'
import type { PlanOptions } from './plan/plan-command.ts'

/** Adds `postroad explain`. */
export function addExplainCommand(program: Command): void {
  addConnectionOptions(program.command('explain'))
    .description('say where a message would go, and why not elsewhere')
    .argument('<destination>', 'such as /queue/orders or /topic/prices.eu')
    .option('--at <broker>', 'where it is published; the broker connected to unless said')
    .option('--header <name=value>', 'a header of the message; may be repeated', pair)
    .option('--json', 'print the answer as JSON')
    .addHelpText(
      'after',
      `
Nothing is sent. The broker answers from what it routes by: its map, demand, filters and bridges.
The exit code is 1 if the message would go to nobody just now.

Examples:
  postroad explain /queue/orders --at site-7
  postroad explain /topic/prices.eu --at hub-1 --header region=eu --header persistent=true
  postroad explain /queue/orders --json | jq '.brokers[] | {broker, reason}'`
    )
    .action(async (destination: string, { at, ...options }: ExplainOptions & { at?: string }) => {
      const { explainCommand } = await import('./explain/explain-command.ts')
      const asked = at === undefined ? options : { ...options, broker: at }
      process.exitCode = await explainCommand(destination, asked)
    })
}

/** Adds `postroad plan`. */
export function addPlanCommand(program: Command): void {
  program
    .command('plan')
    .description('say what a topology file makes of a network, and what breaks it')
    .argument('<file>', 'topology file')
    .option('--without <what...>', 'take these away: a broker, or a bridge written A-B')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `
Nothing is run. Shows who reaches whom and by which way, brokers and bridges whose loss cuts others
off, and what is suspicious. With --without, also what changes.

The exit code is 1 if --without leaves brokers that cannot reach each other any more, for some
destination; 0 if all that reached each other still do.

Examples:
  postroad plan topologies/two-hubs.yaml
  postroad plan topologies/two-hubs.yaml --without hub-1
  postroad plan topologies/ring-4.yaml --without a-b c --json`
    )
    .action(async (file: string, options: PlanOptions) => {
      const { planCommand } = await import('./plan/plan-command.ts')
      process.exitCode = await planCommand(file, options)
    })
}

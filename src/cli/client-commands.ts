// The part of the command line that speaks to running brokers: `send`, `receive` and `status`. Only
// names, options and help; what they do is loaded when one of them is called.

import { type Command, Option } from 'commander'
import { parseTransportUri } from '../base/index.ts'
import { duration, header, stompUri, wholeNumber } from './option-readers.ts'
import type { ReceiveOptions } from './receive-command.ts'
import type { SendCommandOptions } from './send-command.ts'
import type { ConvergedOptions } from './status/converged-command.ts'
import type { StatusOptions } from './status/status-command.ts'

const defaultUrl = 'stomp://127.0.0.1:61613'
const countMax = 1_000_000_000

/** Adds `postroad send`. */
export function addSendCommand(program: Command): void {
  addConnectionOptions(program.command('send'))
    .description('send messages to a destination')
    .argument('<destination>', 'such as /queue/orders or /topic/prices.eu')
    .argument('[body]', 'text of the message; - reads it from standard input')
    .option(
      '--count <n>',
      'how many; {n} in the body becomes 1, 2, 3 …',
      wholeNumber(1, countMax),
      1
    )
    .option('--rate <n>', 'messages a second; as fast as possible without it', wholeNumber(1, 1e6))
    .option('--size <bytes>', 'pad the body to this size', wholeNumber(0, 16 * 1024 * 1024))
    .option('--header <name:value>', 'a header of every message; may be repeated', header)
    .option('--persistent', 'ask for messages that survive a restart of the broker')
    .option('--receipt', 'have every message confirmed by the broker')
    .option('--file <path>', 'read the body from a file')
    .addHelpText(
      'after',
      `
Examples:
  postroad send /queue/orders 'a book'
  postroad send /queue/orders 'order {n}' --count 100 --rate 10
  postroad send /topic/prices.eu --file price.json --header content-type:application/json
  date | postroad send /queue/orders - --url stomp+ws://10.0.0.1:61614`
    )
    .action(async (destination: string, body: string | undefined, options: SendCommandOptions) => {
      const { sendCommand } = await import('./send-command.ts')
      process.exitCode = await sendCommand(destination, body, options)
    })
}

/** Adds `postroad receive`. */
export function addReceiveCommand(program: Command): void {
  addConnectionOptions(program.command('receive'))
    .description('receive messages from a destination and print them')
    .argument('<destination>', 'such as /queue/orders or /topic/prices.>')
    .option('--count <n>', 'end after so many', wholeNumber(1, countMax))
    .option(
      '--timeout <duration>',
      'end after this time; exit code 1 if messages are missing',
      duration
    )
    .addOption(
      new Option('--ack <mode>', 'when the broker may forget: after printing, or with auto at once')
        .choices(['auto', 'client', 'client-individual'])
        .default('client-individual')
    )
    .option('--prefetch <n>', 'deliveries under way at a time', wholeNumber(1, 1_000_000))
    .option('--selector <expression>', "only messages it holds for, such as region = 'eu'")
    .option('--durable <name>', 'a topic subscription that outlives the connection')
    .option('--client-id <id>', 'whose durable subscription it is')
    .addOption(
      new Option('--show <part>', 'what is printed of a message')
        .choices(['headers', 'body', 'both', 'none'])
        .default('body')
    )
    .option('--json', 'print each message as one line of JSON')
    .option('--rate-display', 'print the rate every second, to standard error')
    .addHelpText(
      'after',
      `
Examples:
  postroad receive /queue/orders
  postroad receive /queue/orders --count 100 --timeout 30s --ack client-individual
  postroad receive '/topic/prices.>' --selector "region = 'eu'" --json
  postroad receive /topic/prices.eu --durable audit --client-id auditor`
    )
    .action(async (destination: string, options: ReceiveOptions) => {
      const { receiveCommand } = await import('./receive-command.ts')
      process.exitCode = await receiveCommand(destination, options)
    })
}

/** Adds `postroad status`. */
export function addStatusCommand(program: Command): void {
  addConnectionOptions(program.command('status'))
    .description('show how a broker and its network are doing')
    .option('--broker <name>', 'ask this broker of the network instead of the one connected to')
    .option('--json', 'print the report as JSON')
    .option('--watch', 'show it again every two seconds')
    .option('--converged', 'say whether all brokers in reach agree; exit code 1 if not')
    .option('--wait <duration>', 'with --converged: how long they may take', duration)
    .addHelpText(
      'after',
      `
Brokers have converged when all in reach hold the same map, and the newest demand of each other.

Examples:
  postroad status
  postroad status --converged --wait 10s
  postroad status --url stomp://10.0.0.1:61613 --broker hub
  postroad status --json | jq .bridges`
    )
    .action(async (options: StatusOptions & ConvergedFlags, command: Command) => {
      if (options.converged === true) {
        if (options.watch === true)
          command.error('error: --converged looks once: leave --watch out')
        const { convergedCommand } = await import('./status/converged-command.ts')
        process.exitCode = await convergedCommand(options)
        return
      }
      if (options.wait !== undefined) command.error('error: --wait needs --converged')
      const { statusCommand } = await import('./status/status-command.ts')
      process.exitCode = await statusCommand(options)
    })
}

interface ConvergedFlags extends ConvergedOptions {
  readonly converged?: boolean
}

/** Adds the options that say where to connect. */
export function addConnectionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--url <uri>', 'STOMP listener of a broker')
        .argParser(stompUri)
        .default(parseTransportUri(defaultUrl), defaultUrl)
    )
    .option('--login <name>', 'who to connect as')
    .option('--passcode <secret>', 'and the passcode (or in POSTROAD_PASSCODE)')
}

// The composition root: reads the command line and hands over to one command, whose file is loaded
// only then. How soon a broker opens its port depends on what is loaded before.

import { Command, CommanderError, Option } from 'commander'
import { addBrokerRunOptions } from './broker-run-options.ts'
import { addReceiveCommand, addSendCommand, addStatusCommand } from './client-commands.ts'
import { addDlqCommand } from './dlq-commands.ts'
import { exitCodes } from './exit-codes.ts'
import { wholeNumber } from './option-readers.ts'
import { packageVersion } from './package-version.ts'
import { addForgetCommand, addParkedCommand } from './parked-commands.ts'
import { reportFailure } from './report-failure.ts'
import { addExplainCommand, addPlanCommand } from './route-commands.ts'
import type { RunOptions } from './run-command.ts'
import { addSimCommand } from './sim-command.ts'
import { addStoreCommand } from './store-commands.ts'
import type { UpOptions } from './up/up-command.ts'

const isDebugging = process.argv.includes('--debug')

// A reader that has seen enough, such as head, is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.good)
  process.stderr.write(`postroad: cannot write to standard output: ${error.message}\n`)
  process.exit(exitCodes.failed)
})
process.on('uncaughtException', (error) => process.exit(reportFailure(error, isDebugging)))

const program = new Command('postroad')
  .description('A network of message brokers: connect to the nearest one, and all act as one.')
  .version(packageVersion(), '--version', 'print the version')
  .option('--debug', 'show where an error came from')
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(--help shows what there is)')
  .exitOverride()

addBrokerRunOptions(program.command('run'))
  .description('run one broker of a topology file')
  .argument('<file>', 'topology file')
  .requiredOption('--broker <name>', 'which broker of the file')
  .addOption(new Option('--from-parent').hideHelp())
  .addHelpText(
    'after',
    `
Prints one line that starts with "ready" once every listener is open, and stops in an orderly way on
Ctrl-C or SIGTERM.

Examples:
  postroad run ring.yaml --broker a
  postroad run ring.yaml --broker a --data /var/lib/postroad --log-format json`
  )
  .action(async (file: string, options: RunOptions) => {
    const { runCommand } = await import('./run-command.ts')
    await runCommand(file, options)
  })

addBrokerRunOptions(program.command('up'))
  .description('run every broker of a topology file on this machine, one process each')
  .argument('<file>', 'topology file')
  .option('--traffic', 'send real messages through the network and show where they go')
  .option('--rate <n>', 'messages a second of each producer of --traffic', wholeNumber(1, 10_000))
  .option('--seconds <n>', 'end by itself after so long', wholeNumber(1, 86_400))
  .addHelpText(
    'after',
    `
A broker that dies is started again: after 1 s, then 2, 4 and so on up to 30.

Examples:
  postroad up topologies/ring-4.yaml
  postroad up topologies/ring-4.yaml --traffic
  postroad up topologies/pair.yaml --traffic --seconds 10    exit code 1 if a message was lost`
  )
  .action(async (file: string, options: UpOptions) => {
    const { upCommand } = await import('./up/up-command.ts')
    process.exitCode = await upCommand(file, options)
  })

program
  .command('check')
  .description('say what is wrong with a topology or scenario file, or what is in it')
  .argument('[file]', 'topology file or scenario file')
  .option('--strict', 'warnings fail the check, too')
  .option('--json', 'print problems and summary as JSON')
  .option('--schema', 'print the JSON Schema of topology files instead')
  .addHelpText(
    'after',
    `
Examples:
  postroad check ring.yaml
  postroad check ring.yaml --strict --json
  postroad check --schema > topology.schema.json`
  )
  .action(async (file: string | undefined, options: CheckFlags, command: Command) => {
    const { checkCommand, printSchema } = await import('./check-command.ts')
    if (options.schema === true) printSchema()
    else if (file === undefined) command.error("error: missing required argument 'file'")
    else process.exitCode = await checkCommand(file, options)
  })

addSendCommand(program)
addReceiveCommand(program)
addStatusCommand(program)
addExplainCommand(program)
addPlanCommand(program)
addParkedCommand(program)
addForgetCommand(program)
addDlqCommand(program)
addStoreCommand(program)
addSimCommand(program)

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) process.exit(reportFailure(error, isDebugging))
  process.exitCode = error.exitCode === 0 ? exitCodes.good : exitCodes.wrongUsage
}

interface CheckFlags {
  readonly strict?: boolean
  readonly json?: boolean
  readonly schema?: boolean
}

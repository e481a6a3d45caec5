// The part of the command line that looks after stores on disk: `store inspect`, `verify`, `export`
// and `import`. Only names, options and help; what they do is loaded when one of them is called.

import { type Command, Option } from 'commander'
import type { ExportOptions } from './store/export-command.ts'
import type { ImportOptions } from './store/import-command.ts'
import type { InspectOptions } from './store/inspect-command.ts'
import type { VerifyOptions } from './store/verify-command.ts'

const directoryText = "the --data directory, or one broker's directory in it"

/** Adds `postroad store`. */
export function addStoreCommand(program: Command): void {
  const store = program
    .command('store')
    .description('look into stores on disk, verify them, export and import messages')
    .addHelpText(
      'after',
      `
Examples:
  postroad store inspect /var/lib/postroad --broker a
  postroad store verify /var/lib/postroad/a
  postroad store export /var/lib/postroad/a messages.jsonl
  postroad store import /var/lib/postroad/b messages.jsonl --dry-run`
    )
  addInspect(store)
  addVerify(store)
  addExport(store)
  addImport(store)
}

function addInspect(store: Command): void {
  addPlace(store.command('inspect'))
    .description('show what is in a store; the broker may be running')
    .option('--json', 'print it as JSON')
    .action(async (directory: string, options: InspectOptions) => {
      const { inspectCommand } = await import('./store/inspect-command.ts')
      process.exitCode = await inspectCommand(directory, options)
    })
}

function addVerify(store: Command): void {
  addPlace(store.command('verify'))
    .description('read every message of a store; exit code 1 if something is wrong')
    .option('--json', 'print the outcome as JSON')
    .addOption(new Option('--in-place').hideHelp())
    .action(async (directory: string, options: VerifyOptions) => {
      const { verifyCommand } = await import('./store/verify-command.ts')
      process.exitCode = await verifyCommand(directory, options)
    })
}

function addExport(store: Command): void {
  addPlace(store.command('export'))
    .description('write the messages of a store to a file, one line of JSON each')
    .argument('<file>', 'file to make; - for standard output')
    .option('--queue <names...>', 'only these queues')
    .action(async (directory: string, file: string, options: ExportOptions) => {
      const { exportCommand } = await import('./store/export-command.ts')
      process.exitCode = await exportCommand(directory, file, options)
    })
}

function addImport(store: Command): void {
  addPlace(store.command('import'))
    .description('put exported messages into the store of a broker that does not run')
    .argument('<file>', 'file that store export wrote')
    .option('--dry-run', 'read the file and say what would be imported')
    .option('--size-max <size>', 'bound of the store, as store.sizeMax of the broker', '10GiB')
    .action(async (directory: string, file: string, options: ImportOptions) => {
      const { importCommand } = await import('./store/import-command.ts')
      process.exitCode = await importCommand(directory, file, options)
    })
}

function addPlace(command: Command): Command {
  return command
    .argument('<directory>', directoryText)
    .option('--broker <name>', 'which broker of the directory, if there are several')
}

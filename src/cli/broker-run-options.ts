// The options that `postroad run` and `postroad up` have in common.

import { type Command, Option } from 'commander'
import type { LogLevel } from '../platform/index.ts'
import { wholeNumber } from './option-readers.ts'

/** Options as commander reads them. */
export interface BrokerRunOptions {
  readonly data?: string
  readonly portOffset: number
  readonly logLevel: LogLevel
  readonly logFormat: 'pretty' | 'json'
}

/** Adds the options to a command. */
export function addBrokerRunOptions(command: Command): Command {
  return command
    .option(
      '--data <dir>',
      "where to keep each broker's identity and messages; wins over store.path of the file"
    )
    .option(
      '--port-offset <n>',
      'moves every port of the file by N, to run a network twice on one machine',
      wholeNumber(-65_535, 65_535),
      0
    )
    .addOption(
      new Option('--log-level <level>', 'how much is logged, to standard error')
        .choices(['error', 'warn', 'info', 'debug'])
        .default('info')
    )
    .addOption(
      new Option('--log-format <format>', 'lines for people or for machines')
        .choices(['pretty', 'json'])
        .default('pretty')
    )
}

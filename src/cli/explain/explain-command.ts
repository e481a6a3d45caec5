// `postroad explain`: asks a broker where a message published there would go, and why not
// elsewhere.

import type { ExplainReport } from '../../admin/index.ts'
import { BrokerClient, type PlaceOptions } from '../broker-client.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { explainText } from './explain-text.ts'

/** Options of `postroad explain`. */
export interface ExplainOptions extends PlaceOptions {
  readonly header?: readonly (readonly [string, string])[]
  readonly json?: boolean
}

/** Runs the command; answers its exit code: not good if the message would go nowhere just now. */
export async function explainCommand(
  destination: string,
  options: ExplainOptions
): Promise<ExitCode> {
  const headers = Object.fromEntries(options.header ?? [])
  const report = await BrokerClient.use(options, (client) =>
    client.ask<ExplainReport>({ command: 'explain', destination, headers })
  )
  const text = options.json === true ? JSON.stringify(report) : explainText(report).join('\n')
  process.stdout.write(`${text}\n`)
  return report.goesTo.length > 0 ? exitCodes.good : exitCodes.failed
}

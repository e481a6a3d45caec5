// `postroad run`: one broker of a topology file, in this process.

import type { BrokerRunOptions } from './broker-run-options.ts'
import { brokerOf, loadTopology } from './load-topology.ts'
import { runBroker } from './run-broker.ts'

/** Options of `postroad run`. */
export interface RunOptions extends BrokerRunOptions {
  readonly broker: string
}

/** Runs the command to its end. */
export async function runCommand(file: string, options: RunOptions): Promise<void> {
  const topology = loadTopology(file, options.portOffset)
  const config = brokerOf(topology, options.broker, file)
  await runBroker(topology.network, config, {
    dataDirectory: options.data,
    logLevel: options.logLevel,
    logFormat: options.logFormat
  })
}

// `postroad run`: one broker of a topology file, in this process. As a child of `postroad up` it is
// given its part of the file by its parent, which has read it already.

import type { BrokerConfig } from '../config/index.ts'
import type { BrokerRunOptions } from './broker-run-options.ts'
import { runBroker } from './run-broker.ts'

/** Options of `postroad run`. */
export interface RunOptions extends BrokerRunOptions {
  readonly broker: string
  /** Set by `postroad up` only: the configuration comes as the first message of the parent. */
  readonly fromParent?: boolean
}

/** What a parent sends: everything a child needs of the file, ports moved already. */
export interface ChildConfig {
  readonly network: string
  readonly config: BrokerConfig
}

/** Runs the command to its end. */
export async function runCommand(file: string, options: RunOptions): Promise<void> {
  const { network, config } =
    options.fromParent === true ? await receiveConfig() : await readConfig(file, options)
  await runBroker(network, config, {
    dataDirectory: options.data,
    logLevel: options.logLevel,
    logFormat: options.logFormat,
    endsWithParent: options.fromParent === true
  })
}

function receiveConfig(): Promise<ChildConfig> {
  return new Promise((resolve) => {
    // A parent that dies first leaves nothing to do.
    const leave = (): void => process.exit()
    if (!process.connected) leave()
    process.once('disconnect', leave)
    process.once('message', (message) => {
      process.off('disconnect', leave)
      resolve(message as ChildConfig)
    })
  })
}

async function readConfig(file: string, options: RunOptions): Promise<ChildConfig> {
  // Reading files takes libraries that a child of `postroad up` never needs.
  const { brokerOf, loadTopology } = await import('./load-topology.ts')
  const topology = loadTopology(file, options.portOffset)
  return { network: topology.network, config: brokerOf(topology, options.broker, file) }
}

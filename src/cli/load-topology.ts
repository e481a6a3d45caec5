// Topology files from disk. The config room reads the text; here is only the file, and the sentence
// an operator gets when it cannot be used.

import { readFileSync } from 'node:fs'
import { messageOf, PostroadError } from '../base/index.ts'
import {
  type BrokerConfig,
  formatProblem,
  readTopology,
  type Topology,
  type TopologyReading,
  withPortOffset
} from '../config/index.ts'

/** Longest topology file read. */
const fileBytesMax = 16 * 1024 * 1024

/**
 * Reads a topology file with everything that is wrong in it.
 * @throws PostroadError LOCAL_CONFIG_UNREADABLE if there is no such file or it cannot be opened
 */
export function readTopologyFile(file: string): TopologyReading {
  return readTopology(readTopologyText(file), file)
}

/**
 * The text of a topology file, whatever is in it.
 * @throws PostroadError LOCAL_CONFIG_UNREADABLE if there is no such file or it cannot be opened
 */
export function readTopologyText(file: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw new PostroadError(
      'LOCAL_CONFIG_UNREADABLE',
      `cannot read topology file "${file}": ${messageOf(error)}; check its name and its rights`,
      { file },
      error
    )
  }
  if (bytes.length > fileBytesMax) {
    const message = `topology file "${file}" has ${bytes.length} bytes; at most are ${fileBytesMax}`
    throw new PostroadError('LOCAL_CONFIG_UNREADABLE', message, { file })
  }
  return bytes.toString('utf8')
}

/**
 * Reads a topology file that is to be run, its ports moved by `portOffset`.
 * @throws PostroadError LOCAL_CONFIG_UNREADABLE, or LOCAL_CONFIG_INVALID with one line per problem
 */
export function loadTopology(file: string, portOffset: number): Topology {
  const { topology, problems } = readTopologyFile(file)
  if (topology === undefined) {
    const lines = problems.map((problem) => `\n${formatProblem(problem)}`).join('')
    throw new PostroadError('LOCAL_CONFIG_INVALID', `${file} cannot be used${lines}`, { file })
  }
  return portOffset === 0 ? topology : withPortOffset(topology, portOffset)
}

/**
 * The broker called `name`.
 * @throws PostroadError LOCAL_CONFIG_INVALID naming those there are
 */
export function brokerOf(topology: Topology, name: string, file: string): BrokerConfig {
  const broker = topology.brokers.get(name)
  if (broker !== undefined) return broker
  const names = [...topology.brokers.keys()].join(', ')
  const message = `${file} has no broker "${name}"; choose --broker from ${names}`
  throw new PostroadError('LOCAL_CONFIG_INVALID', message, { file, broker: name })
}

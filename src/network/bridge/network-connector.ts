// A network connector: the configured intent to join other brokers. It owns one dialler per URI and
// what they have in common: the terms they offer in HELLO, and when they try again.

import { PostroadError, type TransportUri } from '../../base/index.ts'
import { nameBytesMax, patternBytesMax } from '../bridge-protocol/index.ts'
import { filterPatternsMax } from '../map/index.ts'
import type { DialState } from './dial-state.ts'
import { type BackOff, Dialler, type DiallerDeps, type Greeter } from './dialler.ts'

/** What is configured for one network connector. */
export interface NetworkConnectorConfig extends BackOff {
  readonly name: string
  /** Brokers to join: one bridge per URI. */
  readonly uris: readonly TransportUri[]
  /** Cost of its bridges, 1 to 65,535; routes prefer a small sum. */
  readonly cost: number
  /** False: messages go only from this broker to the ones dialled. */
  readonly duplex: boolean
  /** Destinations that may cross its bridges, either way; empty for all. */
  readonly include: readonly string[]
  /** Destinations that must not cross, either way; stronger than include. */
  readonly exclude: readonly string[]
}

/** One dialler as seen from outside. */
export interface ConnectorState {
  readonly connector: string
  readonly uri: string
  readonly state: DialState
  /** What went wrong last; '' if nothing did. */
  readonly failure: string
}

/** See the top of this file. */
export class NetworkConnector {
  readonly config: NetworkConnectorConfig
  readonly diallers: readonly Dialler[]

  /**
   * @throws PostroadError LOCAL_CONFIG_INVALID when the terms do not fit a HELLO frame
   */
  constructor(config: NetworkConnectorConfig, deps: DiallerDeps, greet: Greeter) {
    checkConfig(config)
    this.config = config
    const logger = deps.logger.child({ connector: config.name })
    const own = { ...deps, logger }
    this.diallers = config.uris.map((uri) => new Dialler(uri, own, config, greet))
  }

  /** Dials every URI now; they do not wait for each other. */
  start(): void {
    for (const dialler of this.diallers) dialler.start()
  }

  /** Stops for good, and ends the bridges its diallers made. */
  stop(): void {
    for (const dialler of this.diallers) dialler.stop()
  }

  get isStopped(): boolean {
    return this.diallers.every((dialler) => dialler.state.name === 'stopped')
  }

  states(): ConnectorState[] {
    return this.diallers.map((dialler) => ({
      connector: this.config.name,
      uri: dialler.uri.text,
      state: dialler.state,
      failure: dialler.failure
    }))
  }
}

function checkConfig(config: NetworkConnectorConfig): void {
  const { name, cost } = config
  if (Buffer.byteLength(name) > nameBytesMax) {
    throw invalid(name, `name is longer than ${nameBytesMax} bytes`)
  }
  if (!Number.isInteger(cost) || cost < 1 || cost > 65_535) {
    throw invalid(name, `cost is ${cost}, expected an integer from 1 to 65535`)
  }
  for (const [field, list] of [
    ['include', config.include],
    ['exclude', config.exclude]
  ] as const) {
    if (list.length > filterPatternsMax) {
      throw invalid(name, `${field} has ${list.length} entries, at most ${filterPatternsMax}`)
    }
    const long = list.find((entry) => Buffer.byteLength(entry) > patternBytesMax)
    if (long !== undefined) {
      throw invalid(name, `${field} has an entry longer than ${patternBytesMax} bytes`)
    }
  }
}

function invalid(name: string, why: string): PostroadError {
  const connector = name.slice(0, 100)
  return new PostroadError(
    'LOCAL_CONFIG_INVALID',
    `network connector "${connector}": ${why}; shorten or split it`,
    { connector }
  )
}

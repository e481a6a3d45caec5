// Runs one broker in this process, on the real ports, until it is asked to stop.

import { PostroadError } from '../base/index.ts'
import type { BrokerConfig } from '../config/index.ts'
import {
  createLogger,
  createStreamTransport,
  createSystemClock,
  createSystemRandom,
  type LogLevel,
  tuneRuntime
} from '../platform/index.ts'
import { Station } from '../station/index.ts'
import { createMemoryStore } from '../store/index.ts'
import { type BrokerIdentity, freshIdentity, openIdentity } from './broker-identity.ts'
import { packageVersion } from './package-version.ts'
import { readyLine } from './ready-line.ts'
import { stationOptionsFromConfig } from './station-options-from-config.ts'
import { onStopSignal } from './stop-signals.ts'

/** How a broker is run. */
export interface RunBrokerOptions {
  /** Where its identity is kept; undefined to keep nothing. */
  readonly dataDirectory: string | undefined
  readonly logLevel: LogLevel
  readonly logFormat: 'pretty' | 'json'
  /** Started by `postroad up`: a parent that dies, however it dies, leaves no broker behind. */
  readonly endsWithParent: boolean
}

/** When the start is logged. */
const firstLogMs = 200
/** Clients that do not finish their connection when the broker has stopped are left behind. */
const lingerMs = 1_000

/**
 * Runs a broker; the promise is kept when it has stopped in an orderly way.
 * @throws PostroadError if it cannot start
 */
export async function runBroker(
  network: string,
  config: BrokerConfig,
  options: RunBrokerOptions
): Promise<void> {
  const { dataDirectory } = options
  tuneRuntime()
  if (dataDirectory === undefined) {
    await runAs(freshIdentity(), network, config, options)
    return
  }
  const { identity, lock } = openIdentity(dataDirectory, config.name)
  try {
    await runAs(identity, network, config, options)
  } finally {
    lock.release()
  }
}

async function runAs(
  identity: BrokerIdentity,
  network: string,
  config: BrokerConfig,
  options: RunBrokerOptions
): Promise<void> {
  const clock = createSystemClock()
  const logger = createLogger({ level: options.logLevel, format: options.logFormat })
  const ports = {
    clock,
    random: createSystemRandom(),
    logger,
    transport: createStreamTransport({
      logger,
      webSocketMessageBytesMax: config.limits.frameBytesMax
    }),
    store: createMemoryStore({
      soon: (task) => clock.endOfTurn(task),
      // Queues take what is under way when they are full; the store must not be fuller before them.
      bytesMax: config.limits.memoryBytesMax * 2
    })
  }
  const context = { network, identity, version: packageVersion() }
  const station = new Station(ports, stationOptionsFromConfig(config, context))
  const stopAsked = new Promise<string>((resolve) => {
    onStopSignal(() => resolve('signal'))
    if (!options.endsWithParent) return
    process.once('disconnect', () => resolve('parent-gone'))
    if (!process.connected) resolve('parent-gone')
  })
  const uris = await start(station)
  process.stdout.write(`${readyLine([{ name: config.name, uris }])}\n`)
  // The log library takes longer to load than all the rest: the first clients come first.
  const cancelLog = clock.schedule(firstLogMs, () => {
    logger.info('broker-started', { ...identity, broker: config.name, network, pid: process.pid })
  })
  const reason = await stopAsked
  cancelLog()
  logger.info('broker-stopping', { broker: config.name, reason })
  await new Promise<void>((resolve) => station.stop(resolve))
  if (process.connected) process.disconnect()
  setTimeout(() => process.exit(), lingerMs).unref()
}

function start(station: Station): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    station.start((result) => {
      if (result instanceof PostroadError) reject(result)
      else resolve(result)
    })
  })
}

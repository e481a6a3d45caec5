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
import type { Logger, MessageStore } from '../ports/index.ts'
import { Station } from '../station/index.ts'
import { type BrokerIdentity, freshIdentity, openIdentity } from './broker-identity.ts'
import { chooseStore, openBrokerStore, type StoreChoice } from './broker-store.ts'
import { packageVersion } from './package-version.ts'
import { readyLine } from './ready-line.ts'
import { stationOptionsFromConfig } from './station-options-from-config.ts'
import { onStopSignal } from './stop-signals.ts'

/** How a broker is run. */
export interface RunBrokerOptions {
  /** Where its identity and its store are kept; undefined for what the topology file says. */
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
  const choice = chooseStore(config, options.dataDirectory)
  const { dataDirectory } = choice
  tuneRuntime()
  if (dataDirectory === undefined) {
    await runAs(freshIdentity(), network, config, { ...options, choice })
    return
  }
  const { identity, lock } = openIdentity(dataDirectory, config.name)
  try {
    await runAs(identity, network, config, { ...options, choice })
  } finally {
    lock.release()
  }
}

async function runAs(
  identity: BrokerIdentity,
  network: string,
  config: BrokerConfig,
  options: RunBrokerOptions & { readonly choice: StoreChoice }
): Promise<void> {
  const { choice } = options
  const clock = createSystemClock()
  const logger = createLogger({ level: options.logLevel, format: options.logFormat })
  const random = createSystemRandom()
  const store = await openBrokerStore(choice, config, { clock, random })
  const ports = {
    clock,
    random,
    logger,
    transport: createStreamTransport({
      logger,
      webSocketMessageBytesMax: config.limits.frameBytesMax
    }),
    store
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
    logStore(logger, store, choice)
  })
  const reason = await stopAsked
  cancelLog()
  logger.info('broker-stopping', { broker: config.name, reason })
  await new Promise<void>((resolve) => station.stop(resolve))
  if (process.connected) process.disconnect()
  setTimeout(() => process.exit(), lingerMs).unref()
}

function logStore(logger: Logger, store: MessageStore, choice: StoreChoice): void {
  const { kind, storeId } = store
  const why = choice.isMemoryChosen ? { reason: 'store.kind is memory: messages are not kept' } : {}
  const queues = store.queues().length
  logger.info('store-opened', { kind, storeId, ...store.usage(), queues, ...why })
}

function start(station: Station): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    station.start((result) => {
      if (result instanceof PostroadError) reject(result)
      else resolve(result)
    })
  })
}

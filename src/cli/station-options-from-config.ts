// From what a topology file says of a broker to what a station is made of. Nothing is decided here:
// every value is the file's, or a default of the room it belongs to.

import { defaultBrokerLimits } from '../broker/index.ts'
import { type BrokerConfig, roomLimits } from '../config/index.ts'
import { defaultStompLimits } from '../protocols/stomp/index.ts'
import type { StationOptions } from '../station/index.ts'
import type { BrokerIdentity } from './broker-identity.ts'

/** Brokers compare what they know this often, besides at each new bridge. */
const repairMs = 30_000

/** What a topology file does not say. */
export interface StationContext {
  readonly network: string
  readonly identity: BrokerIdentity
  /** Version of the program. */
  readonly version: string
}

/** The options of the station that runs `config`. */
export function stationOptionsFromConfig(
  config: BrokerConfig,
  context: StationContext
): StationOptions {
  const limits = roomLimits(config)
  const { brokerId, incarnation, previousIncarnation } = context.identity
  return {
    identity: {
      network: context.network,
      broker: config.name,
      brokerId,
      incarnation,
      ...(previousIncarnation === undefined ? {} : { previousIncarnation }),
      isTransit: config.transit
    },
    listeners: config.transportConnectors.map(({ uri }) => ({ uri })),
    connectors: config.networkConnectors,
    users: config.users,
    brokerLimits: { ...defaultBrokerLimits, ...limits.broker },
    rules: limits.rules,
    stompLimits: { ...defaultStompLimits, ...limits.stomp },
    network: {
      bridges: limits.bridges,
      hopsMax: config.hopsMax,
      repairMs
    },
    serverName: `postroad/${context.version}`
  }
}

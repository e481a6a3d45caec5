// Settings of brokers that are rehearsed: those that real brokers have unless told otherwise.

import { defaultBrokerLimits } from '../../src/broker/index.ts'
import type { Topology } from '../../src/config/index.ts'
import { bridgesLimitsDefault, defaultParkingLimits } from '../../src/network/index.ts'
import type { SimBrokerSettings } from '../sim-broker.ts'

type Reconnect = SimBrokerSettings['reconnect']

const usualReconnect: Reconnect = {
  reconnectDelayMsInitial: 500,
  reconnectDelayMsMax: 30_000,
  reconnectBackOffMultiplier: 2
}

/** See the top of this file; `reconnect` if a topology file says so. */
export function usualSettings(reconnect: Reconnect = usualReconnect): SimBrokerSettings {
  return {
    limits: defaultBrokerLimits,
    network: {
      bridges: bridgesLimitsDefault,
      parking: defaultParkingLimits,
      hopsMax: 32,
      repairMs: 30_000
    },
    turnUsMax: 200,
    keepsId: true,
    reconnect
  }
}

/** How the connectors of a network dial again; undefined if they do not all do it the same way. */
export function reconnectOf({ bridges }: Topology): Reconnect | undefined {
  const [first] = bridges
  if (first === undefined) return undefined
  const { reconnectDelayMsInitial, reconnectDelayMsMax, reconnectBackOffMultiplier } =
    first.connector
  const isSame = bridges.every(
    ({ connector }) =>
      connector.reconnectDelayMsInitial === reconnectDelayMsInitial &&
      connector.reconnectDelayMsMax === reconnectDelayMsMax &&
      connector.reconnectBackOffMultiplier === reconnectBackOffMultiplier
  )
  if (!isSame) return undefined
  return { reconnectDelayMsInitial, reconnectDelayMsMax, reconnectBackOffMultiplier }
}

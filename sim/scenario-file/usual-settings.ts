// Settings of brokers that are rehearsed: those that real brokers have unless told otherwise.

import { defaultBrokerLimits } from '../../src/broker/index.ts'
import { bridgesLimitsDefault, defaultParkingLimits } from '../../src/network/index.ts'
import type { SimBrokerSettings } from '../sim-broker.ts'

/** See the top of this file. */
export function usualSettings(): SimBrokerSettings {
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
    reconnect: {
      reconnectDelayMsInitial: 500,
      reconnectDelayMsMax: 10_000,
      reconnectBackOffMultiplier: 2
    }
  }
}

// What one broker is set to: what all have in common, and on top what a plan says of this one.

import {
  type BrokerLimits,
  type DeliveryPolicy,
  defaultBrokerLimits,
  type WhenFull
} from '../src/broker/index.ts'
import { defaultStompLimits, type StompLimits } from '../src/protocols/stomp/index.ts'
import type { BrokerOverrides } from './plan/index.ts'
import type { SimBrokerSettings, SimNetworkSettings } from './sim-broker.ts'

/** Nothing is left out. */
export interface EffectiveSettings extends SimBrokerSettings {
  readonly limits: BrokerLimits
  readonly network: SimNetworkSettings
  readonly stompLimits: StompLimits
  readonly policies: readonly DeliveryPolicy[]
  readonly whenFull: WhenFull
  readonly whenStoreFull: WhenFull
  /** Most bytes its store holds; undefined for the store's own bound. */
  readonly storeBytesMax: number | undefined
  /** False if its messages are in memory only. */
  readonly hasDisk: boolean
}

/** Lays a broker's own settings over the common ones. */
export function effectiveSettings(
  settings: SimBrokerSettings,
  overrides: BrokerOverrides = {}
): EffectiveSettings {
  const { limits, network } = settings
  return {
    ...settings,
    limits: boundStored({ ...limits, ...overrides.limits }),
    hasDisk: overrides.isMemoryOnly !== true,
    stompLimits: { ...defaultStompLimits, ...overrides.stompLimits },
    policies: overrides.policies ?? [],
    whenFull: overrides.whenFull ?? 'wait',
    whenStoreFull: overrides.whenStoreFull ?? 'refuse',
    storeBytesMax: overrides.storeBytesMax,
    network: {
      ...network,
      bridges: { ...network.bridges, ...overrides.bridges },
      hopsMax: overrides.hopsMax ?? network.hopsMax
    }
  }
}

/** A bound on queues that says nothing of those on disk is meant for them as well. */
function boundStored(limits: BrokerLimits): BrokerLimits {
  const usual = defaultBrokerLimits
  const { queueMessagesMax, queueBytesMax, storedQueueMessagesMax, storedQueueBytesMax } = limits
  const isMessagesBound = queueMessagesMax !== usual.queueMessagesMax
  const isBytesBound = queueBytesMax !== usual.queueBytesMax
  return {
    ...limits,
    ...(isMessagesBound && storedQueueMessagesMax === usual.storedQueueMessagesMax
      ? { storedQueueMessagesMax: queueMessagesMax }
      : {}),
    ...(isBytesBound && storedQueueBytesMax === usual.storedQueueBytesMax
      ? { storedQueueBytesMax: queueBytesMax }
      : {})
  }
}

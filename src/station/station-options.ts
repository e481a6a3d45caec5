// Everything that makes one broker different from another, as plain values.

import type { TransportUri } from '../base/index.ts'
import type { BrokerLimits, BrokerRules } from '../broker/index.ts'
import type { NetworkConnectorConfig, NetworkIdentity, NetworkOptions } from '../network/index.ts'
import type { StompLimits } from '../protocols/stomp/index.ts'

/** One transport connector: what the broker listens on. */
export interface ListenerOptions {
  /** Protocol 'stomp' or 'postroad'. */
  readonly uri: TransportUri
}

/** One broker's options. */
export interface StationOptions {
  readonly identity: NetworkIdentity
  readonly listeners: readonly ListenerOptions[]
  readonly connectors: readonly NetworkConnectorConfig[]
  /** Logins and passcodes of those who may connect; undefined lets everyone in. */
  readonly users: ReadonlyMap<string, string> | undefined
  readonly brokerLimits: BrokerLimits
  /** Policies by destination, and what holds where there is none; the defaults if left out. */
  readonly rules?: BrokerRules
  readonly stompLimits: StompLimits
  readonly network: NetworkOptions
  /** What clients are told they talk to, such as 'postroad/0.1.0'. */
  readonly serverName: string
}

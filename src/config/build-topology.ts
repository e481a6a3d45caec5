// Makes the plain topology of a file that passed every check. Here, and only here, a broker's
// options are laid over the defaults; it reports nothing and every value it meets is good.

import { asMap, type BrokerDraft } from './broker-draft.ts'
import { brokerSchema } from './broker-schema.ts'
import { nameConnectors, nameListeners } from './name-connectors.ts'
import { policyOf } from './policy-schema.ts'
import { spoolBytes } from './store-schema.ts'
import type { BrokerConfig, BrokerLimitsConfig, Topology, TopologyBridge } from './topology.ts'
import type { TopologyCheck } from './topology-check.ts'

/** The topology of a file without errors, its templates expanded. */
export function buildTopology(check: TopologyCheck): Topology {
  const brokers = new Map<string, BrokerConfig>()
  const bridges: TopologyBridge[] = []
  for (const draft of check.brokers.values()) {
    const broker = buildBroker(check, draft)
    brokers.set(broker.name, broker)
    for (const [index, { targets }] of draft.connectors.entries()) {
      const connector = broker.networkConnectors[index]!
      for (const to of targets) bridges.push({ from: draft.name, to, connector })
    }
  }
  return { network: String(asMap(check.source.value)?.network), brokers, bridges }
}

function buildBroker(check: TopologyCheck, draft: BrokerDraft): BrokerConfig {
  const file = asMap(check.source.value)
  const own = asMap(asMap(file?.brokers)?.[draft.name])
  const options = brokerSchema.parse(mergeOptions(asMap(file?.defaults) ?? {}, own ?? {}))
  const listenerNames = nameListeners(draft)
  const connectorNames = nameConnectors(draft)
  const { connectTimeout, slowConsumerPatience, heartBeatMin, ...bounds } = options.limits
  const limits: BrokerLimitsConfig = {
    ...bounds,
    connectTimeoutMs: connectTimeout,
    slowConsumerPatienceMs: slowConsumerPatience,
    heartBeatMsMin: heartBeatMin
  }
  return {
    name: draft.name,
    transportConnectors: draft.listeners.map(({ uri }, index) => ({
      name: listenerNames[index]!,
      uri
    })),
    networkConnectors: draft.connectors.map(({ config }, index) => ({
      name: connectorNames[index]!,
      ...config
    })),
    transit: options.transit,
    users: options.users === undefined ? undefined : new Map(Object.entries(options.users)),
    limits,
    store: {
      kind: options.store.kind,
      path: options.store.path,
      sizeBytesMax: options.store.sizeMax,
      spoolBytesMax: spoolBytes(options.store),
      whenFull: options.store.whenFull
    },
    policies: options.policies.map(policyOf),
    pingIntervalMs: options.pingInterval,
    pingMisses: options.pingMisses,
    hopsMax: options.hopsMax
  }
}

/** A broker's own options over the defaults: maps merge one level deep, all else replaces. */
function mergeOptions(
  defaults: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...defaults }
  for (const [key, value] of Object.entries(own)) {
    const inherited = asMap(merged[key])
    const ownMap = asMap(value)
    merged[key] =
      inherited === undefined || ownMap === undefined ? value : { ...inherited, ...ownMap }
  }
  return merged
}

// What a topology file says of the brokers of a plan: the same settings, listeners on free ports,
// and connectors that dial the proxies of their links.

import {
  type BrokerLimits,
  type DeliveryPolicy,
  defaultBrokerLimits,
  type WhenFull
} from '../../src/broker/index.ts'
import type { BridgesLimits } from '../../src/network/index.ts'
import { defaultStompLimits, type StompLimits } from '../../src/protocols/stomp/index.ts'
import type { BrokerOverrides, ScenarioPlan } from '../plan/index.ts'
import type { SimLink } from '../topologies.ts'

/** Where one broker listens, on 127.0.0.1. */
export interface BrokerPorts {
  readonly stomp: number
  readonly bridge: number
  readonly webSocketBridge: number
}

/** Where a broker dials for a link; undefined if it does not. */
export type PortFor = (link: SimLink) => number | undefined

/** A frame between brokers has room for the largest client frame and this. */
export const bridgeFrameExtraBytes = 65_536

/** All settings of one broker of a plan. */
export interface RealSettings {
  readonly limits: BrokerLimits
  readonly stompLimits: StompLimits
  readonly bridges: BridgesLimits
  readonly hopsMax: number
  readonly policies: readonly DeliveryPolicy[]
  readonly whenFull: WhenFull
  readonly storeBytesMax: number | undefined
}

/** The settings of a broker: those of all, with what it has otherwise. */
export function settingsOf({ settings, overrides }: ScenarioPlan, name: string): RealSettings {
  const own: BrokerOverrides = overrides?.[name] ?? {}
  return {
    limits: { ...defaultBrokerLimits, ...settings.limits, ...own.limits },
    stompLimits: { ...defaultStompLimits, ...own.stompLimits },
    bridges: { ...settings.network.bridges, ...own.bridges },
    policies: own.policies ?? [],
    whenFull: own.whenFull ?? 'wait',
    hopsMax: own.hopsMax ?? settings.network.hopsMax,
    storeBytesMax: own.storeBytesMax
  }
}

/** The entry of a broker in the map `brokers` of a topology file. */
export function brokerDocument(
  plan: ScenarioPlan,
  name: string,
  ports: BrokerPorts,
  portFor: PortFor
): object {
  const { limits, stompLimits, bridges, hopsMax, policies, whenFull } = settingsOf(plan, name)
  return {
    transportConnectors: [
      { uri: `stomp://127.0.0.1:${ports.stomp}` },
      { uri: `postroad://127.0.0.1:${ports.bridge}` },
      { uri: `postroad+ws://127.0.0.1:${ports.webSocketBridge}/bridge` }
    ],
    networkConnectors: plan.topology.links.flatMap((link) => {
      const port = portFor(link)
      return port === undefined ? [] : [connectorDocument(plan, name, link, port)]
    }),
    transit: !plan.topology.nonTransit.includes(name),
    pingInterval: bridges.pingIntervalMs,
    pingMisses: bridges.pingMisses,
    hopsMax,
    policies: policies.map(policyDocument),
    limits: {
      queueMessagesMax: limits.queueMessagesMax,
      queueBytesMax: limits.queueBytesMax,
      ...storedQueueLimits(limits),
      memoryBytesMax: limits.memoryBytesMax,
      whenFull,
      destinationsMax: limits.destinationsMax,
      topicPendingMessagesMax: limits.topicPendingMessagesMax,
      topicPendingBytesMax: limits.topicPendingBytesMax,
      slowConsumerPatience: limits.slowConsumerPatienceMs,
      connectionsMax: stompLimits.connectionsMax,
      // One key of the file for clients and for bridges: scenarios are about bridges.
      connectTimeout: bridges.greetingMsMax,
      frameBytesMax: stompLimits.frameBytesMax,
      headerCountMax: stompLimits.headerCountMax,
      headerBytesMax: stompLimits.headerBytesMax,
      subscriptionsPerConnectionMax: stompLimits.subscriptionsPerConnectionMax,
      transactionBytesMax: stompLimits.transactionBytesMax,
      prefetchDefault: stompLimits.prefetchDefault,
      heartBeatMin: stompLimits.heartBeatMsMin
    }
  }
}

/** Bounds of queues on disk; what is left out follows from those of all queues. */
function storedQueueLimits(limits: BrokerLimits): object {
  const names = [
    'storedQueueMessagesMax',
    'storedQueueBytesMax',
    'queueWindowMessages',
    'queueWindowBytes'
  ] as const
  const own = names.filter((name) => limits[name] !== defaultBrokerLimits[name])
  return Object.fromEntries(own.map((name) => [name, limits[name]]))
}

function policyDocument(policy: DeliveryPolicy): object {
  const { kind, pattern, redelivery, deadLetter, limits } = policy
  return {
    destination: `${kind}://${pattern}`,
    redelivery: {
      redeliveriesMax: redelivery.redeliveriesMax,
      lostConnectionsMax: redelivery.lostConnectionsMax,
      delay: redelivery.delayMsInitial,
      delayMultiplier: redelivery.delayMultiplier,
      delayMax: redelivery.delayMsMax
    },
    deadLetter: {
      queue: deadLetter.queue,
      expired: deadLetter.isForExpired,
      ...(deadLetter.broker === undefined ? {} : { broker: deadLetter.broker })
    },
    limits: limits ?? {}
  }
}

function connectorDocument(
  { settings }: ScenarioPlan,
  name: string,
  { a, b, carrier, cost, duplex, include, exclude }: SimLink,
  port: number
): object {
  const { reconnectDelayMsInitial, reconnectDelayMsMax, reconnectBackOffMultiplier } =
    settings.reconnect
  const address = `127.0.0.1:${port}`
  const uri = carrier === 'ws' ? `postroad+ws://${address}/bridge` : `postroad://${address}`
  const options = new URLSearchParams({
    initialReconnectDelay: `${reconnectDelayMsInitial}ms`,
    maxReconnectDelay: `${reconnectDelayMsMax}ms`,
    useExponentialBackOff: String(reconnectBackOffMultiplier > 1),
    backOffMultiplier: String(reconnectBackOffMultiplier)
  })
  return {
    name: `to-${a === name ? b : a}`,
    uri: `static:(${uri})?${options}`,
    cost,
    duplex: duplex ?? true,
    include: include ?? [],
    exclude: exclude ?? []
  }
}

// Gathers what decides where a message goes from the parts of one broker, for the function that
// explains it. It only reads; the message asked about is never published.

import {
  type Broker,
  Destination,
  escapeHeader,
  Message,
  type MessageFilter
} from '../broker/index.ts'
import { laneOf } from './bridge-protocol/index.ts'
import { filtersOf, passesAny } from './demand/index.ts'
import {
  type BridgeState,
  type ConsumerHere,
  explainRoute,
  openCredit,
  type QueueCandidate,
  RemoteConsumer,
  type RouteExplanation
} from './forwarding/index.ts'
import type { Network } from './network.ts'

/** The message asked about. */
export interface RouteQuestion {
  readonly kind: 'queue' | 'topic'
  readonly name: string
  /** As a producer would write them; `persistent:true` counts. */
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** Where a message published at this broker now would go, and why not elsewhere. */
export function explainMessage(
  broker: Broker,
  network: Network,
  question: RouteQuestion
): RouteExplanation {
  const { map, routes, demand, identity, options, router } = network
  const message = aMessage(broker, question)
  const { destination, isPersistent } = message
  const bridgeTo = (peer: string): BridgeState | undefined => bridgeState(network, peer, message)
  const places = isPersistent && destination.kind !== 'queue' ? router.places : undefined
  return explainRoute(
    {
      self: identity.broker,
      hopsMax: options.hopsMax,
      table: routes.for(destination),
      unfiltered: routes.for({ kind: 'temp-queue', name: '' }),
      demand,
      here: consumersHere(broker, destination),
      candidates: destination.kind === 'queue' ? candidatesFor(broker, network, message) : [],
      records: () => map.records(),
      record: (name) => map.record(name),
      isReachable: (name) => map.isReachable(name),
      bridgeTo,
      isBehindParked: (name) => places?.isBusy(name) === true
    },
    message
  )
}

function aMessage(broker: Broker, { kind, name, headers }: RouteQuestion): Message {
  // Of its own, not of the broker's table: what is only asked about must not crowd out what is
  // used.
  const message = new Message(new Destination(kind, name), broker.origin, 0)
  const lines = headers.map(([key, value]) => `${escapeHeader(key)}:${escapeHeader(value)}\n`)
  message.headers = Buffer.from(lines.join(''))
  message.headersEnd = message.headers.length
  const headerOf = (wanted: string): string | undefined =>
    headers.find(([key]) => key === wanted)?.[1]
  message.isPersistent = headerOf('persistent')?.toLowerCase() === 'true'
  const priority = headerOf('priority') ?? ''
  if (/^\d$/.test(priority)) message.priority = Number(priority)
  return message
}

function consumersHere({ queues, topics }: Broker, { kind, name }: Destination): ConsumerHere[] {
  if (kind === 'queue') {
    return queues.consumersFor(name).map(({ filter, credit }) => {
      return { filter, credit, isDurable: false }
    })
  }
  return topics.subscriptionsFor(name).map(({ filter, consumer, durable }) => {
    return { filter, credit: consumer?.credit ?? 0, isDurable: durable !== undefined }
  })
}

function bridgeState(network: Network, peer: string, message: Message): BridgeState | undefined {
  const bridge = network.bridges.get(peer)
  if (bridge === undefined) return undefined
  const hasRoom = bridge.hasRoomFor(message.isPersistent)
  return {
    peer,
    isFull: !hasRoom || network.router.isFull(peer, laneOf(message)),
    messagesPending: bridge.messagesPending,
    bytesPending: bridge.bytesPending
  }
}

/**
 * The terms of the proxies, or those that proxies would have: a queue that nobody uses here has
 * none yet.
 */
function candidatesFor(broker: Broker, network: Network, message: Message): QueueCandidate[] {
  const { name } = message.destination
  const proxies = new Map<string, RemoteConsumer>()
  for (const { consumer } of broker.queues.find(name)?.consumers.remote ?? []) {
    if (consumer instanceof RemoteConsumer) proxies.set(consumer.broker, consumer)
  }
  const full = new Set<string>()
  for (const { broker: wanting, weight } of network.demand.demandForQueue(name)) {
    if (weight === 0) full.add(wanting)
  }
  return network.remoteConsumers.reachableDemand({ name }).map((wish) => {
    const proxy = proxies.get(wish.broker)
    const mustWait =
      full.has(wish.broker) || bridgeState(network, wish.nextHop, message)?.isFull === true
    return {
      broker: wish.broker,
      cost: Math.max(1, wish.cost),
      credit: mustWait ? 0 : (proxy?.credit ?? openCredit),
      filter: proxy?.filter ?? filterOf(wish.selectors)
    }
  })
}

/** As proxies filter, of a queue that has none yet. */
function filterOf(selectors: readonly string[] | undefined): MessageFilter | undefined {
  const filters = filtersOf(selectors)
  if (filters === undefined) return undefined
  return { text: '', matches: (message) => passesAny(filters, message) }
}

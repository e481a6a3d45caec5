// Looks where only judges may: at messages that a broker holds in places it shows to nobody. Reads,
// and never changes anything.

import type { Consumer, Message, Queue, QueueEntry } from '../../src/broker/index.ts'
import type { Station } from '../../src/station/index.ts'

interface Ring {
  readonly length: number
  messageAt(index: number): Message
}

/** A channel to one other broker. */
export interface ChannelPeek {
  readonly peer: string
  readonly outgoing: {
    readonly window: Ring
    readonly outbox: Ring
    readonly epoch: number
    readonly acknowledged: number
  }
  readonly incoming: { readonly epoch: number; readonly highWater: number }
}

/** A client's subscription. */
export interface SubscriptionPeek extends Consumer {
  readonly prefetch: number
  readonly unsettledCount: number
  readonly unsettled: ReadonlyMap<number, QueueEntry>
}

/** Every channel that a broker keeps, with a bridge or without. */
export function channelsOf({ network }: Station): readonly ChannelPeek[] {
  const { pairs } = network.bridges as unknown as { readonly pairs: Map<string, ChannelPeek> }
  return [...pairs.values()]
}

/** The client subscriptions among a queue's consumers: not proxies, nor a broker's own services. */
export function subscriptionsOf(queue: Queue): SubscriptionPeek[] {
  const found: SubscriptionPeek[] = []
  for (const { consumer } of queue.consumers.local) {
    const { unsettled, prefetch } = consumer as SubscriptionPeek
    if (unsettled !== undefined && prefetch !== undefined) found.push(consumer as SubscriptionPeek)
  }
  return found
}

/** A place where messages for one other broker are parked. */
export interface PlacePeek {
  readonly target: string
  readonly queue: Queue
  readonly reason: string | undefined
}

/** Every parking place that a broker has made. */
export function placesOf({ network }: Station): readonly PlacePeek[] {
  const places = network.router.places as unknown as
    | { readonly byTarget: ReadonlyMap<string, PlacePeek> }
    | undefined
  return [...(places?.byTarget.values() ?? [])]
}

/** All queues of a broker, those of topic subscriptions and what is parked included. */
export function allQueues(station: Station): Queue[] {
  const { queues, topics } = station.broker
  const parked = placesOf(station).map(({ queue }) => queue)
  return [...queues.all(), ...topics.all().map(({ queue }) => queue), ...parked]
}

/** Messages of a ring, oldest first. */
export function* messagesOf(ring: Ring): Generator<Message> {
  for (let at = 0; at < ring.length; at += 1) yield ring.messageAt(at)
}

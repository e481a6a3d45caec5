// Looks where only judges may: at messages that a broker holds in places it shows to nobody. Reads,
// and never changes anything.

import type { Consumer, Message, Queue, QueueEntry } from '../../src/broker/index.ts'
import type { Station } from '../../src/station/index.ts'

interface Ring {
  readonly length: number
  messageAt(index: number): Message
  /** Its number in the log of the channel; 0 for none. */
  numberAt(index: number): number
}

/** One lane of the channel to one other broker. */
export interface ChannelPeek {
  readonly peer: string
  readonly lane: string
  readonly outgoing: OutgoingPeek
  readonly incoming: IncomingPeek
}

interface OutgoingPeek {
  readonly window: Ring
  readonly outbox: Ring
  readonly epoch: number
  readonly acknowledged: number
}

interface IncomingPeek {
  readonly epoch: number
  readonly highWater: number
}

/** Both lanes of something. */
interface Lanes<T> {
  readonly volatile: T
  readonly persistent: T
}

interface PairPeek {
  readonly peer: string
  readonly outgoing: Lanes<OutgoingPeek>
  readonly incoming: Lanes<IncomingPeek>
}

interface BacklogPeek {
  readonly reading: readonly QueueEntry[]
  readonly taken: ReadonlyMap<number, QueueEntry | undefined>
  readonly tail: { readonly head: QueueEntry | undefined }
}

/** A client's subscription. */
export interface SubscriptionPeek extends Consumer {
  readonly prefetch: number
  readonly unsettledCount: number
  readonly unsettled: ReadonlyMap<number, QueueEntry>
}

/** Both lanes of every channel that a broker keeps, with a bridge or without. */
export function channelsOf({ network }: Station): readonly ChannelPeek[] {
  const { pairs } = network.bridges as unknown as { readonly pairs: Map<string, PairPeek> }
  return [...pairs.values()].flatMap(({ peer, outgoing, incoming }) =>
    (['volatile', 'persistent'] as const).map((lane) => ({
      peer,
      lane,
      outgoing: outgoing[lane],
      incoming: incoming[lane]
    }))
  )
}

/** The lane for persistent messages to a broker that there is or was a bridge to. */
export function persistentChannelOf({ network }: Station, peer: string): ChannelPeek {
  const { pairs } = network.bridges as unknown as { readonly pairs: Map<string, PairPeek> }
  const { outgoing, incoming } = pairs.get(peer)!
  const lane = 'persistent'
  return { peer, lane, outgoing: outgoing[lane], incoming: incoming[lane] }
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

/** What waits behind a queue's window and is in memory all the same. */
export function* entriesBehind(queue: Queue): Generator<QueueEntry> {
  const { backlog } = queue as unknown as { readonly backlog: BacklogPeek | undefined }
  if (backlog === undefined) return
  yield* backlog.reading
  for (const entry of backlog.taken.values()) if (entry !== undefined) yield entry
  for (let entry = backlog.tail.head; entry !== undefined; entry = entry.next) yield entry
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

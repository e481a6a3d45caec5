// Looks where only judges may: at messages that a broker holds in places it shows to nobody. Reads,
// and never changes anything.

import type { Consumer, Message, Queue, QueueEntry } from '../../src/broker/index.ts'
import type { Station } from '../../src/station/index.ts'

interface Ring {
  readonly length: number
  messageAt(index: number): Message
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

/** The client subscriptions among a queue's consumers: not proxies, nor a broker's own services. */
export function subscriptionsOf(queue: Queue): SubscriptionPeek[] {
  const found: SubscriptionPeek[] = []
  for (const { consumer } of queue.consumers.local) {
    const { unsettled, prefetch } = consumer as SubscriptionPeek
    if (unsettled !== undefined && prefetch !== undefined) found.push(consumer as SubscriptionPeek)
  }
  return found
}

/** All queues of a broker, those of topic subscriptions included. */
export function allQueues({ broker }: Station): Queue[] {
  return [...broker.queues.all(), ...broker.topics.all().map(({ queue }) => queue)]
}

/** Messages of a ring, oldest first. */
export function* messagesOf(ring: Ring): Generator<Message> {
  for (let at = 0; at < ring.length; at += 1) yield ring.messageAt(at)
}

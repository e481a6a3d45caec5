// Read model of the topic subscriptions of the broker that is asked, durable ones without a
// consumer included.

import type { ListCap } from './capped-list.ts'

/** One subscription to a topic or a pattern of topics. */
export interface TopicSubscriptionStatus {
  readonly pattern: string
  /** The client's name for a subscription that outlives its connection; null for any other. */
  readonly durable: { readonly clientId: string; readonly subscriptionName: string } | null
  /** False for a durable one whose client is away. */
  readonly isActive: boolean
  /** '' for none. */
  readonly selector: string
  /** Messages that wait for the consumer. */
  readonly ready: number
  /** Messages it has not acknowledged. */
  readonly delivered: number
  readonly bytes: number
  readonly enqueued: number
  readonly dispatched: number
  /** Lost by this subscription because its consumer was too slow. */
  readonly dropped: number
}

/** The part of a topic subscription that is read here. */
export interface TopicSubscriptionSource {
  readonly pattern: string
  readonly durable: { readonly clientId: string; readonly subscriptionName: string } | undefined
  readonly consumer: object | undefined
  readonly filter: { readonly text: string } | undefined
  readonly queue: {
    readonly waiting: number
    readonly delivered: number
    readonly heldBytes: number
    readonly enqueued: number
    readonly dispatched: number
  }
  readonly dropped: number
}

/** The subscriptions by pattern. */
export function topicStatus(
  subscriptions: readonly TopicSubscriptionSource[],
  cap: ListCap
): TopicSubscriptionStatus[] {
  const sorted = [...subscriptions].sort((a, b) => (a.pattern < b.pattern ? -1 : 1))
  return cap.take('topics', sorted, ({ pattern, durable, consumer, filter, queue, dropped }) => ({
    pattern,
    durable:
      durable === undefined
        ? null
        : { clientId: durable.clientId, subscriptionName: durable.subscriptionName },
    isActive: consumer !== undefined,
    selector: filter?.text ?? '',
    ready: queue.waiting,
    delivered: queue.delivered,
    bytes: queue.heldBytes,
    enqueued: queue.enqueued,
    dispatched: queue.dispatched,
    dropped
  }))
}

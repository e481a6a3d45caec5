// Read model of the queues of the broker that is asked, temporary ones included. The broker's own
// queues are left out.

import { reservedPrefix } from '../broker/index.ts'
import type { ListCap } from './capped-list.ts'

/** One queue. Counters are since the queue was made. */
export interface QueueStatus {
  readonly name: string
  readonly kind: 'queue' | 'temp-queue'
  /** Messages that wait. */
  readonly ready: number
  /** Messages with consumers, not acknowledged. */
  readonly delivered: number
  /** Of the delivered ones, refused messages that wait for their next delivery. */
  readonly delayed: number
  /** Bytes of both, in memory and on disk. */
  readonly bytes: number
  /** Consumers of this broker. */
  readonly consumers: number
  /** Brokers whose consumers this queue forwards to, nearest first. */
  readonly remoteBrokers: readonly string[]
  /** Messages that came in, from producers and from other brokers. */
  readonly enqueued: number
  /** Deliveries to consumers, here and at other brokers. */
  readonly dispatched: number
  /** Messages that are done with: acknowledged, forwarded, expired or dropped. */
  readonly settled: number
  readonly expired: number
  /** True while producers are held back because the queue is full. */
  readonly isFull: boolean
}

/** The part of a queue that is read here. */
export interface QueueSource {
  readonly name: string
  readonly kind: 'queue' | 'temp-queue' | 'subscription' | 'parked'
  /** Messages that wait, in memory or on disk; and those that are held in all. */
  readonly waiting: number
  readonly held: number
  readonly delivered: number
  readonly delayed: number
  readonly heldBytes: number
  readonly consumers: {
    readonly local: readonly unknown[]
    readonly remote: readonly { readonly consumer: object }[]
  }
  readonly enqueued: number
  readonly dispatched: number
  readonly settled: number
  readonly expired: number
  readonly isFull: boolean
}

/** The queues with most messages first, so that a cut report shows those that matter. */
export function queueStatus(queues: readonly QueueSource[], cap: ListCap): QueueStatus[] {
  const shown = queues.filter(({ name }) => !name.startsWith(reservedPrefix))
  return cap.take('queues', shown.sort(byMessages), (queue) => ({
    name: queue.name,
    kind: queue.kind === 'temp-queue' ? 'temp-queue' : 'queue',
    ready: queue.waiting,
    delivered: queue.delivered,
    delayed: queue.delayed,
    bytes: queue.heldBytes,
    consumers: queue.consumers.local.length,
    remoteBrokers: queue.consumers.remote.map(({ consumer }) => brokerOf(consumer)),
    enqueued: queue.enqueued,
    dispatched: queue.dispatched,
    settled: queue.settled,
    expired: queue.expired,
    isFull: queue.isFull
  }))
}

/** A consumer with a cost stands for another broker, and the network's ones say for which. */
function brokerOf(consumer: object): string {
  return 'broker' in consumer && typeof consumer.broker === 'string' ? consumer.broker : '?'
}

function byMessages(a: QueueSource, b: QueueSource): number {
  const difference = b.held - a.held
  return difference !== 0 ? difference : a.name < b.name ? -1 : 1
}

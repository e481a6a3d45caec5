// What one queue is for, and its bounds.

import type { QueueContext } from './queue-context.ts'

/**
 * What a queue is for: clients' queue, a connection's temporary queue, a topic subscription, or
 * what is parked here for another broker.
 */
export type QueueKind = 'queue' | 'temp-queue' | 'subscription' | 'parked'

/** Settings of one queue. */
export interface QueueOptions {
  readonly kind: QueueKind
  readonly name: string
  readonly messagesMax: number
  readonly bytesMax: number
  /** Whether its persistent messages are kept in the store. */
  readonly isStored: boolean
  /** Whether it waits for a consumer that may be away. */
  readonly isDurable: boolean
  /** Other brokers should send no more for consumers here, or may again. */
  onPressure(isPressed: boolean): void
}

/** How much a queue may hold: one that is kept on disk may be far deeper than memory. */
export function queueBounds(
  { limits, store }: QueueContext,
  isStored: boolean
): Pick<QueueOptions, 'messagesMax' | 'bytesMax'> {
  if (!isStored || !store.isWanted) {
    return { messagesMax: limits.queueMessagesMax, bytesMax: limits.queueBytesMax }
  }
  const { storedQueueMessagesMax: messagesMax, storedQueueBytesMax: bytesMax } = limits
  return { messagesMax, bytesMax }
}

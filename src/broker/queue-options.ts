// What one queue is for, and its bounds.

import type { LimitRules, WhenFull } from './limit-rules.ts'
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
  /** What happens to producers of this broker when it is full; others always wait. */
  readonly whenFull: WhenFull
  /** Whether its persistent messages are kept in the store. */
  readonly isStored: boolean
  /** Whether it waits for a consumer that may be away. */
  readonly isDurable: boolean
  /** Other brokers should send no more for consumers here, or may again. */
  onPressure(isPressed: boolean): void
}

/**
 * How much a queue may hold, and what happens then: one that is kept on disk may be far deeper than
 * memory.
 */
export function queueBounds(
  { limits, store, whenFull }: QueueContext,
  isStored: boolean,
  rules: LimitRules
): Pick<QueueOptions, 'messagesMax' | 'bytesMax' | 'whenFull'> {
  const isOnDisk = isStored && store.isWanted
  const { queueMessagesMax, queueBytesMax, storedQueueMessagesMax, storedQueueBytesMax } = limits
  return {
    messagesMax: rules.messagesMax ?? (isOnDisk ? storedQueueMessagesMax : queueMessagesMax),
    bytesMax: rules.bytesMax ?? (isOnDisk ? storedQueueBytesMax : queueBytesMax),
    whenFull: rules.whenFull === 'dropOldest' ? 'wait' : (rules.whenFull ?? whenFull)
  }
}

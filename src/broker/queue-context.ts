// What queues share: the clock, the store, the memory account and the counters of their broker.

import type { Clock, Logger } from '../ports/index.ts'
import type { BrokerLimits } from './broker-limits.ts'
import type { DestinationTable } from './destination.ts'
import type { MemoryAccount } from './memory-account.ts'
import type { Message } from './message.ts'
import type { NonDeliveryReason } from './non-delivery.ts'
import type { StoreWriter } from './store-writer.ts'

/** Services of the broker that its queues use. */
export interface QueueContext {
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: BrokerLimits
  readonly memory: MemoryAccount
  readonly store: StoreWriter
  readonly destinations: DestinationTable
  /** Counts a message that will not be delivered. */
  discard(message: Message, reason: NonDeliveryReason): void
}

// What queues share: the clock, the store, the accounts, the policies and the counters of their
// broker.

import type { Clock, Logger } from '../ports/index.ts'
import type { BrokerLimits } from './broker-limits.ts'
import type { DestinationTable } from './destination.ts'
import type { WhenFull } from './limit-rules.ts'
import type { MemoryAccount } from './memory-account.ts'
import type { Message } from './message.ts'
import type { NonDeliveryReason } from './non-delivery.ts'
import type { DeliveryPolicies } from './redelivery-policy.ts'
import type { Spool } from './spool.ts'
import type { StoreWriter } from './store-writer.ts'

/** Services of the broker that its queues use. */
export interface QueueContext {
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: BrokerLimits
  readonly memory: MemoryAccount
  readonly spool: Spool
  readonly store: StoreWriter
  readonly policies: DeliveryPolicies
  /** What happens to producers where no policy says otherwise. */
  readonly whenFull: WhenFull
  readonly destinations: DestinationTable
  /** Counts a message that will not be delivered. */
  discard(message: Message, reason: NonDeliveryReason): void
}

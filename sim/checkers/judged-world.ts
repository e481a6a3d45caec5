// What judges of deliveries need of a world: so they judge simulated and real ones alike.

import type { Ledger, MessageRecord } from '../workload/ledger.ts'

/** A world as judges of deliveries see it. */
export interface JudgedWorld {
  readonly ledger: Ledger
  /** True if nothing has failed since that message was taken. */
  hadNoFault(record: MessageRecord): boolean
  /** True if a queue's message rightly waits in the end, since nobody in reach takes it. */
  waits?(record: MessageRecord): boolean
}

// What judges of deliveries need of a world: so they judge simulated and real ones alike.

import type { Ledger, MessageRecord } from '../workload/ledger.ts'

/** A world as judges of deliveries see it. */
export interface JudgedWorld {
  readonly ledger: Ledger
  /** True if nothing has failed since that message was taken. */
  hadNoFault(record: MessageRecord): boolean
  /** What brokers hold just now; a world that cannot be looked into has none. */
  waitingMessages?(): JudgedWaiting
}

/** Messages that wait at a broker and so are not lost. */
export interface JudgedWaiting {
  /** True for a queue's message that waits. */
  has(record: MessageRecord): boolean
  /** True if the copy of a topic's message for that broker waits. */
  hasCopy(record: MessageRecord, broker: string): boolean
}

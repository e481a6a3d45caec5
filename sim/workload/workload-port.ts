// What simulated clients need of the world: time, a way to brokers, and someone to tell.

import type { StreamTransport } from '../../src/ports/index.ts'
import type { SimScheduler } from '../scheduler.ts'
import type { LedgerSession } from './ledger.ts'

/** Who got a message. */
export interface Receipt {
  readonly consumer: string
  readonly session: string
  readonly isRedelivered: boolean
}

/** The world as clients see it. */
export interface WorkloadPort {
  readonly scheduler: SimScheduler
  /** The transport of a client's own host. */
  transport(client: string): StreamTransport
  openSession(session: LedgerSession): void
  closeSession(id: string): void
  delivered(key: string, receipt: Receipt): void
  acknowledged(key: string): void
}

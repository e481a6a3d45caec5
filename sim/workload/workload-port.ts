// What the clients of a scenario need of the world they are in: time, chance, a way to brokers, and
// someone to tell. The simulated world and the one of real processes both give it, so the same
// clients work in either.

import type { PostroadError } from '../../src/base/index.ts'
import type { Cancel, StreamConnection, StreamHandlers } from '../../src/ports/index.ts'
import type { Prng } from '../prng.ts'
import type { LedgerSession } from './ledger.ts'

/** Who got a message. */
export interface Receipt {
  readonly consumer: string
  readonly session: string
  readonly isRedelivered: boolean
  /** True for the dead letter that a broker made of the message. */
  readonly isDeadLetter?: boolean
}

/** The world as clients see it. */
export interface WorkloadPort {
  /** Time of the world, in milliseconds since it began. */
  readonly nowMs: number
  /** Runs `task` once, later. */
  after(delayMs: number, task: () => void): Cancel
  /** A stream of chance of its own for each label. */
  random(label: string): Prng
  /** Notes that something happened. */
  trace(label: string, a: string | number, b: string | number): void
  /** Dials a broker's STOMP listener from a client's own host; as `StreamTransport.dial`. */
  dial(
    way: { readonly client: string; readonly broker: string },
    timeoutMs: number,
    done: (result: StreamConnection | PostroadError) => StreamHandlers | undefined
  ): Cancel
  openSession(session: LedgerSession): void
  /** @param isForGood false if it is durable and stays while its consumer is away */
  closeSession(id: string, isForGood?: boolean): void
  delivered(key: string, receipt: Receipt): void
  acknowledged(key: string): void
  /** A consumer refused a message (NACK). */
  refused?(key: string): void
}

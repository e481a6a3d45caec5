// Transactions of one connection: SENDs, ACKs and NACKs held back until COMMIT, forgotten on ABORT
// and when the connection ends [STOMP 1.2 BEGIN]. Bounded in bytes, all open ones together.

import { mark, PostroadError, quoted } from '../../base/index.ts'

/** One held-back step. */
export interface TransactionStep {
  readonly bytes: number
  /** Whatever may fail, before any step of the transaction is applied; may be called in vain. */
  prepare?(): void
  apply(): void
}

/** Open transactions of one connection at the most. */
const openMax = 100

/** The open transactions of one connection. */
export class Transactions {
  private readonly bytesMax: number
  private readonly open = new Map<string, TransactionStep[]>()
  private bytes = 0

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  get isAnyOpen(): boolean {
    return this.open.size > 0
  }

  /** @throws PostroadError REMOTE_PROTOCOL_VIOLATION if it is open already or too many are */
  begin(name: string): void {
    if (this.open.has(name)) throw violation(`transaction ${quoted(name)} is already open`)
    if (this.open.size >= openMax) {
      mark('client-transactions-limit-reached')
      throw violation(`more than ${openMax} transactions are open`)
    }
    this.open.set(name, [])
  }

  /** @throws PostroadError REMOTE_PROTOCOL_VIOLATION if it is not open or grows too large */
  add(name: string, step: TransactionStep): void {
    const steps = this.stepsOf(name)
    this.bytes += step.bytes
    if (this.bytes > this.bytesMax) {
      mark('client-transactions-too-large')
      throw violation(
        `open transactions hold more than ${this.bytesMax} bytes (limits.transactionBytesMax)`
      )
    }
    steps.push(step)
  }

  /**
   * Applies the steps in order, all or none of them.
   * @throws PostroadError what a step's `prepare` throws, or if the transaction is not open
   */
  commit(name: string): void {
    const steps = this.stepsOf(name)
    for (const step of steps) step.prepare?.()
    this.end(name, steps)
    for (const step of steps) step.apply()
  }

  /** Forgets the steps. */
  abort(name: string): void {
    mark('client-transaction-aborted')
    this.end(name, this.stepsOf(name))
  }

  private end(name: string, steps: readonly TransactionStep[]): void {
    this.open.delete(name)
    for (const step of steps) this.bytes -= step.bytes
  }

  private stepsOf(name: string): TransactionStep[] {
    const steps = this.open.get(name)
    if (steps === undefined) throw violation(`transaction ${quoted(name)} is not open`)
    return steps
  }
}

function violation(detail: string): PostroadError {
  return new PostroadError('REMOTE_PROTOCOL_VIOLATION', detail)
}

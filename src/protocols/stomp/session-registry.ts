// What the STOMP sessions of one broker share: their number, output slabs and the flush at the end
// of the turn; and the list of them, for limits, shutdown and read models.

import { SlabPool } from '../../base/index.ts'
import type { Clock } from '../../ports/index.ts'
import type { StompSession } from './session.ts'
import { TurnOutput } from './turn-output.ts'

/** The sessions of one broker. */
export class SessionRegistry {
  readonly slabs = new SlabPool()
  readonly output: TurnOutput
  /** Sessions whose reading is stopped because what they send into is full. */
  pausedProducers = 0
  private readonly sessions = new Set<StompSession>()
  private lastNumber = 0

  constructor(clock: Clock) {
    this.output = new TurnOutput(clock)
  }

  get size(): number {
    return this.sessions.size
  }

  nextNumber(): number {
    this.lastNumber += 1
    return this.lastNumber
  }

  add(session: StompSession): void {
    this.sessions.add(session)
  }

  remove(session: StompSession): void {
    this.sessions.delete(session)
  }

  all(): IterableIterator<StompSession> {
    return this.sessions.values()
  }
}

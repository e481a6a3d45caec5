// Outputs of connections that have something to send this turn; all are flushed when the turn ends,
// so that a turn costs each connection one write however many frames it brings.

import type { Clock } from '../../ports/index.ts'

/** Something that gathers output during a turn. */
export interface TurnFlushable {
  flush(): void
}

/** Flushes output buffers at the end of the turn they were first written in. */
export class TurnOutput {
  private readonly clock: Clock
  private pending: TurnFlushable[] = []

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** To be called once per turn by an output that goes from empty to not empty. */
  enlist(output: TurnFlushable): void {
    if (this.pending.length === 0) this.clock.endOfTurn(this.flush)
    this.pending.push(output)
  }

  private readonly flush = (): void => {
    const outputs = this.pending
    this.pending = []
    for (const output of outputs) output.flush()
  }
}

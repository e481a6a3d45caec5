// Heart-beats of a client connection [STOMP 1.2 Heart-beating]: a line feed when nothing else was
// sent for the agreed time, and the end of the connection when the server was silent for twice its
// own.

import type { Cancel, Clock } from '../ports/index.ts'

/** The server may be late by this factor. */
const grace = 2

/** What the watch needs of its connection. Intervals in milliseconds, 0 for none. */
export interface HeartBeatWatchOptions {
  readonly sendMs: number
  readonly receiveMs: number
  beat(): void
  onSilence(silentMs: number): void
}

/** Watches one connection from its construction until `stop`. */
export class HeartBeatWatch {
  /** To be set when bytes arrive. */
  wasHeard = true
  /** To be set when bytes are sent. */
  hasSent = true
  private readonly clock: Clock
  private readonly options: HeartBeatWatchOptions
  private cancelSend: Cancel = () => {}
  private cancelReceive: Cancel = () => {}

  constructor(clock: Clock, options: HeartBeatWatchOptions) {
    this.clock = clock
    this.options = options
    if (options.sendMs > 0) this.sendLater()
    if (options.receiveMs > 0) this.listenLater()
  }

  stop(): void {
    this.cancelSend()
    this.cancelReceive()
  }

  private sendLater(): void {
    // Twice per interval: a beat that waits for the end of one would come late.
    this.cancelSend = this.clock.schedule(this.options.sendMs / 2, () => {
      this.sendLater()
      if (!this.hasSent) this.options.beat()
      this.hasSent = false
    })
  }

  private listenLater(): void {
    const silentMs = this.options.receiveMs * grace
    this.cancelReceive = this.clock.schedule(silentMs, () => {
      if (!this.wasHeard) {
        this.options.onSilence(silentMs)
        return
      }
      this.wasHeard = false
      this.listenLater()
    })
  }
}

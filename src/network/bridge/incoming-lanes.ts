// The receiving half of the custody channel from one broker: its two lanes as one.

import type { Clock } from '../../ports/index.ts'
import { type Lane, lanes, type Receptions } from '../bridge-protocol/index.ts'
import { IncomingChannel, type IncomingPort, type IncomingStore } from './incoming-channel.ts'

/** See the top of this file. One per remote broker. */
export class IncomingLanes {
  readonly volatile: IncomingChannel
  readonly persistent: IncomingChannel

  /** @param store of the persistent lane; undefined where nothing survives the process */
  constructor(clock: Clock, store?: IncomingStore) {
    this.volatile = new IncomingChannel(lanes.volatile, clock)
    this.persistent = new IncomingChannel(lanes.persistent, clock, store)
  }

  of(lane: Lane): IncomingChannel {
    return lane === lanes.persistent ? this.persistent : this.volatile
  }

  /** Messages received again and dropped. */
  get duplicates(): number {
    return this.volatile.duplicates + this.persistent.duplicates
  }

  /** How far a later life of this broker would know that both got. */
  get received(): Receptions {
    return [this.volatile.reception, this.persistent.reception]
  }

  attach(port: IncomingPort): void {
    this.volatile.attach(port)
    this.persistent.attach(port)
  }

  detach(): void {
    this.volatile.detach()
    this.persistent.detach()
  }

  acknowledgeFinally(): void {
    this.volatile.acknowledgeFinally()
    this.persistent.acknowledgeFinally()
  }

  /** True while everything taken is safe. */
  get isSafe(): boolean {
    return this.persistent.isSafe
  }

  /** Calls back, at once or later, when everything taken so far is safe, or cannot be made so. */
  whenSafe(callback: () => void): void {
    this.persistent.whenSafe(callback)
  }
}

// Messages a second over every bridge, from the counters that brokers report. A counter that fell
// is of a new bridge and starts from zero.

import type { BridgeStatus } from '../../admin/index.ts'

/** One direction of a bridge. */
export interface BridgeRate {
  readonly from: string
  readonly to: string
  readonly perSecond: number
}

interface Known {
  readonly sent: number
  readonly atMs: number
  perSecond: number
}

/** Rates by broker and peer. */
export class BridgeRates {
  private readonly known = new Map<string, Map<string, Known>>()

  /** Takes in what `broker` reports of its bridges. */
  update(broker: string, bridges: readonly BridgeStatus[], nowMs: number): void {
    const before = this.known.get(broker)
    const after = new Map<string, Known>()
    for (const { peer, messagesSent: sent } of bridges) {
      const old = before?.get(peer)
      const base = old === undefined || old.sent > sent ? 0 : old.sent
      const elapsedMs = old === undefined ? 0 : nowMs - old.atMs
      const perSecond = elapsedMs > 0 ? ((sent - base) * 1_000) / elapsedMs : 0
      after.set(peer, { sent, atMs: nowMs, perSecond })
    }
    this.known.set(broker, after)
  }

  /** The broker is gone. */
  forget(broker: string): void {
    this.known.delete(broker)
  }

  all(): BridgeRate[] {
    const rates: BridgeRate[] = []
    for (const [from, peers] of this.known) {
      for (const [to, { perSecond }] of peers) rates.push({ from, to, perSecond })
    }
    return rates
  }
}

// Keeps demand alike on all brokers: gathers what this broker's consumers want into versioned
// deltas, floods its own and others' deltas, and asks for the whole when one was missed. Demand
// does not depend on the topology: a change of the map never sends it again.

import { mark } from '../base/index.ts'
import type { ConsumerWish, DemandKind, DemandListener } from '../broker/index.ts'
import type { Clock, Logger } from '../ports/index.ts'
import type { Bridge, Bridges } from './bridge/index.ts'
import type { Digest } from './bridge-protocol/index.ts'
import type { DemandDelta, DemandSnapshot, DemandTable, LocalDemand } from './demand/index.ts'

/** Changes after a flush are gathered for this long; the first one after a pause goes at once. */
const batchMs = 10

/** What demand sync stands on. */
export interface DemandSyncDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly local: LocalDemand
  readonly table: DemandTable
  readonly self: string
  bridges(): Bridges
  isReachable(broker: string): boolean
}

/** Floods and repairs demand. */
export class DemandSync implements DemandListener {
  private readonly deps: DemandSyncDependencies
  private isScheduled = false
  private lastFlushMs = Number.NEGATIVE_INFINITY

  constructor(deps: DemandSyncDependencies) {
    this.deps = deps
  }

  onConsumerAdded(kind: DemandKind, pattern: string, wish: ConsumerWish): void {
    this.deps.local.add(kind, pattern, wish)
    this.schedule()
  }

  onConsumerRemoved(kind: DemandKind, pattern: string, wish: ConsumerWish): void {
    this.deps.local.remove(kind, pattern, wish)
    this.schedule()
  }

  onPressure(kind: DemandKind, pattern: string, isFull: boolean): void {
    mark(isFull ? 'demand-full' : 'demand-room-again')
    this.deps.local.setFull(kind, pattern, isFull)
    this.schedule()
  }

  onDelta(from: Bridge, delta: DemandDelta): void {
    if (delta.broker === this.deps.self) return
    const outcome = this.deps.table.applyDelta(delta)
    if (outcome === 'applied') this.floodDelta(delta, from)
    else if (outcome === 'gap') {
      mark('demand-gap-asked')
      from.sendDemandRequest(delta.broker)
    }
  }

  onSnapshot(from: Bridge, snapshot: DemandSnapshot): void {
    const { logger, self, table } = this.deps
    if (snapshot.broker === self) return
    const outcome = table.applySnapshot(snapshot)
    if (outcome === 'applied') {
      for (const bridge of this.deps.bridges().all()) {
        if (bridge !== from) bridge.sendDemand(snapshot)
      }
    } else if (outcome === 'refused') {
      mark('demand-snapshot-refused')
      logger.warn('demand-refused', {
        broker: snapshot.broker,
        from: from.peer,
        entries: snapshot.entries.length,
        reason: 'an entry is invalid, or a limit would be passed'
      })
    }
  }

  onRequest(from: Bridge, broker: string): void {
    const { local, self, table } = this.deps
    const snapshot = broker === self ? local.snapshot() : table.snapshotOf(broker)
    mark(snapshot === undefined ? 'demand-asked-in-vain' : 'demand-gap-answered')
    if (snapshot !== undefined) from.sendDemand(snapshot)
  }

  /** Sends what the sender of `digest` lacks. */
  answer(from: Bridge, digest: Digest): void {
    const { local, self, table } = this.deps
    const own = digest.demands.find((mark) => mark.broker === self)
    if (own !== undefined && local.outrank(own)) {
      mark('demand-own-outranked')
      // Others hold a later demand of ours than we know: ours must replace it everywhere.
      for (const bridge of this.deps.bridges().all()) bridge.sendDemand(local.snapshot())
    } else if (own?.incarnation !== local.incarnation || own.version < local.version) {
      mark('demand-own-repaired')
      from.sendDemand(local.snapshot())
    }
    const newer = table.newerThan(digest.demands, (broker) => this.deps.isReachable(broker))
    if (newer.length > 0) mark('demand-digest-repaired')
    for (const other of newer) from.sendDemand(other)
  }

  /** Which demand is known here, our own included. */
  marks(): Digest['demands'] {
    const { incarnation, version } = this.deps.local
    return [{ broker: this.deps.self, incarnation, version }, ...this.deps.table.digest()]
  }

  private schedule(): void {
    if (this.isScheduled) return
    this.isScheduled = true
    const { clock } = this.deps
    const waitMs = this.lastFlushMs + batchMs - clock.monotonicMs()
    if (waitMs <= 0) clock.endOfTurn(this.flush)
    else clock.schedule(waitMs, this.flush)
  }

  private readonly flush = (): void => {
    this.isScheduled = false
    this.lastFlushMs = this.deps.clock.monotonicMs()
    const delta = this.deps.local.takeDelta()
    if (delta !== undefined) this.floodDelta(delta, undefined)
  }

  private floodDelta(delta: DemandDelta, except: Bridge | undefined): void {
    for (const bridge of this.deps.bridges().all()) if (bridge !== except) bridge.sendDelta(delta)
  }
}

// What a run came to, seen in the same way in a simulated and in a real world, so that both can be
// compared: from the ledger, and from what watchers are told.

import type { SimEvent } from '../../sim/plan/index.ts'
import type { Watcher } from '../../sim/watcher.ts'
import type { Ledger } from '../../sim/workload/ledger.ts'

/** What is compared of a world. */
interface SeenWorld {
  readonly nowMs: number
  readonly ledger: Ledger
}

/** What one kind of fault came to. */
export interface FaultOutcome {
  readonly kind: SimEvent['kind']
  /** From the fault to the first broker that noticed; undefined if none did. */
  readonly detectMs: number | undefined
}

/** How a run ended. */
export interface Outcome {
  accepted: number
  /** First deliveries: of a queue's message one, of a topic's one for each subscription. */
  delivered: number
  lost: number
  excused: number
  unmarkedDuplicates: number
  markedDuplicates: number
  /** Share of what was delivered that came late. */
  readonly lateShare: number
  readonly waitingIn: readonly string[]
  readonly faults: readonly FaultOutcome[]
  /** From the last step that did something to the network until nothing came late any more. */
  readonly recoverMs: number
}

const lateMs = 1_000
const faultKinds = new Set<SimEvent['kind']>([
  ...(['kill', 'stop', 'power-off', 'pause', 'cut', 'cut-one-way'] as const),
  ...(['partition', 'reset', 'half-open', 'poison'] as const)
])

/** Watches a run; ask it for the outcome when the run is over. */
export class OutcomeWatcher implements Watcher {
  private readonly world: SeenWorld
  private readonly faults: { kind: SimEvent['kind']; atMs: number; noticedMs?: number }[] = []
  /** When the network was at work: what came before is not compared. */
  private atWorkMs = Number.POSITIVE_INFINITY
  private lastEventMs = 0
  private lastLateMs = 0
  private late = 0
  private readonly seen = new Map<string, number>()
  private unmarkedDuplicates = 0
  private markedDuplicates = 0

  constructor(world: SeenWorld) {
    this.world = world
  }

  onStable(): void {
    this.atWorkMs = Math.min(this.atWorkMs, this.world.nowMs)
  }

  onEvent({ kind }: SimEvent): void {
    this.lastEventMs = this.world.nowMs
    if (faultKinds.has(kind)) this.faults.push({ kind, atMs: this.world.nowMs })
  }

  onBridge(_broker: string, _peer: string, isUp: boolean): void {
    const fault = this.faults.at(-1)
    if (!isUp && fault !== undefined) fault.noticedMs ??= this.world.nowMs
  }

  onDelivered({
    record,
    session,
    isRedelivered
  }: Parameters<NonNullable<Watcher['onDelivered']>>[0]): void {
    const { nowMs } = this.world
    if (record.acceptedAtMs < this.atWorkMs) return
    const key = record.kind === 'queue' ? record.key : `${record.key} ${session}`
    const copies = (this.seen.get(key) ?? 0) + 1
    this.seen.set(key, copies)
    if (copies === 1) {
      if (nowMs - record.acceptedAtMs <= lateMs) return
      this.lastLateMs = nowMs
      this.late += 1
      return
    }
    if (isRedelivered) this.markedDuplicates += 1
    else this.unmarkedDuplicates += 1
  }

  outcome(): Outcome {
    const { unmarkedDuplicates, markedDuplicates, faults, lastEventMs, lastLateMs } = this
    const counts = { accepted: 0, delivered: 0, lost: 0, excused: 0 }
    const waitingIn = new Set<string>()
    const count = (isDelivered: boolean, isExcused: boolean): void => {
      if (isDelivered) counts.delivered += 1
      else if (isExcused) counts.excused += 1
      else counts.lost += 1
    }
    for (const record of this.world.ledger.all()) {
      if (record.acceptedAtMs < this.atWorkMs) continue
      const { kind, destination, deliveries, excuse, expected } = record
      counts.accepted += 1
      if (kind === 'topic') {
        for (const { copies, excuse: why } of expected.values())
          count(copies > 0, why !== undefined)
        continue
      }
      if (deliveries === 0 && excuse === undefined) waitingIn.add(destination)
      count(deliveries > 0, excuse !== undefined)
    }
    return {
      ...counts,
      ...{ unmarkedDuplicates, markedDuplicates, waitingIn: [...waitingIn] },
      faults: faults.map(({ kind, atMs, noticedMs }) => ({
        kind,
        detectMs: noticedMs === undefined ? undefined : Math.round(noticedMs - atMs)
      })),
      lateShare: Math.round((this.late / Math.max(1, counts.delivered)) * 100) / 100,
      recoverMs: Math.round(Math.max(0, lastLateMs - lastEventMs))
    }
  }
}

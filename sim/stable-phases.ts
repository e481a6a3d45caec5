// When all is well in a world: stable phases, from when everything has been got over until the next
// fault. What begins and ends them the world decides; here it is counted and told.

import type { SimScheduler } from './scheduler.ts'
import type { Watcher } from './watcher.ts'
import type { Ledger } from './workload/ledger.ts'

/** What phases are told to. */
export interface PhasesGround {
  readonly scheduler: SimScheduler
  readonly ledger: Ledger
  readonly watchers: readonly Watcher[]
}

/** What a stable message may take to arrive. */
const graceMs = 3_000
/** What has just happened is noticed by nobody yet. */
const noticeMs = 50
/** How often an unstable world is looked at, if stable phases begin by themselves. */
const lookMs = 250

/** See the top of this file. */
export class StablePhases {
  private readonly ground: PhasesGround
  private isStableNow = false
  private count = 0
  private wasDisturbed = false
  private nextLookMs = 0

  constructor(ground: PhasesGround) {
    this.ground = ground
  }

  get isStable(): boolean {
    return this.isStableNow
  }

  /** Number of the phase, from 1; 0 between phases. */
  get current(): number {
    return this.isStableNow ? this.count : 0
  }

  /** True as long as nothing has failed since the first phase began. */
  get isCalm(): boolean {
    return !this.wasDisturbed
  }

  /** True now and then while there is no phase: it is time to see whether one may begin. */
  isLookDue(): boolean {
    const { nowMs } = this.ground.scheduler
    if (this.isStableNow || nowMs < this.nextLookMs) return false
    this.nextLookMs = nowMs + lookMs
    return true
  }

  /** A phase begins, unless there is one. */
  begin(): void {
    if (this.isStableNow) return
    const { scheduler, watchers } = this.ground
    this.isStableNow = true
    this.count += 1
    scheduler.trace('stable', 0, 0)
    for (const watcher of watchers) watcher.onStable?.()
  }

  /** The phase ends, if there is one. */
  end(): void {
    const { scheduler, ledger, watchers } = this.ground
    this.nextLookMs = scheduler.nowMs + noticeMs
    if (!this.isStableNow) return
    this.wasDisturbed = true
    scheduler.trace('unstable', 0, 0)
    ledger.endStablePhase(scheduler.nowMs, graceMs)
    this.isStableNow = false
    for (const watcher of watchers) watcher.onUnstable?.()
  }
}

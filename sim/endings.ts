// How a run ends, once the timeline is over and producers have stopped: with everything healed, as
// a proof that all recovers, or as it is, as an operator would find it. Either way it is bounded,
// and what is still pending at the bound is named.

import { findStuck } from './checkers/no-stuck.ts'
import { findStopping, findUnsettled } from './convergence.ts'
import type { Slices } from './slices.ts'
import type { Pending } from './watcher.ts'
import type { SimWorld } from './world.ts'

/** Longest time for brokers to stop. */
const stopMsMax = 60_000
/** How long everything is watched doing nothing. */
const restMs = 12_000

/** Ends all faults, starts every broker that is expected, and runs until all is delivered. */
export function* endHealed(world: SimWorld, drainMsMax: number): Slices {
  world.clients.wakeAll()
  world.faults.healEverything()
  yield* world.untilNothing(() => findStopping(world), stopMsMax)
  world.faults.startAll()
  yield* world.settleInSlices()
  yield* world.untilNothing(() => findLeft(world), drainMsMax)
  yield* rest(world)
}

/** Heals nothing: runs until all that can be delivered is, or the time is over. */
export function* endAsIs(world: SimWorld, drainMsMax: number): Slices {
  const untilMs = world.nowMs + drainMsMax
  let pending = findLeft(world)
  while (pending !== undefined && world.nowMs < untilMs) {
    yield* world.runInSlices(world.lookMs)
    pending = findLeft(world)
  }
  if (pending !== undefined) {
    complainIfStuck(world, pending)
    endShort(world)
    return
  }
  // Bad lines rest, too: what is judged now is what brokers do by themselves.
  world.qualities.stopResets()
  yield* world.untilNothing(() => findUnsettled(world), world.settleMsMax)
  yield* rest(world)
}

function findLeft(world: SimWorld): Pending | undefined {
  return findUnsettled(world) ?? findStuck(world)
}

function* rest(world: SimWorld): Slices {
  for (const watcher of world.watchers) watcher.onQuiet?.()
  yield* world.runInSlices(restMs)
  for (const watcher of world.watchers) watcher.atRest?.()
}

/** Time is up. That is nobody's fault as long as things move, or may be waiting on purpose. */
function complainIfStuck(world: SimWorld, { checker, text }: Pending): void {
  const { parking } = world.settings.network
  const stuckMs = Math.max(world.settleMsMax, 2 * parking.patienceMs)
  const idleMs = Math.round(world.nowMs - world.lastProgressMs)
  if (idleMs < stuckMs) return
  world.complain(checker, `nothing new was delivered for ${idleMs} ms, and ${text}`)
}

/** Those who measure have their last word; judges cannot tell late from lost. */
function endShort(world: SimWorld): void {
  world.isCutShort = true
  const judges = new Set<unknown>(world.checkers)
  for (const watcher of world.watchers) if (!judges.has(watcher)) watcher.atRest?.()
}

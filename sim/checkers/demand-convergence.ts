// Judge: after a quiet time every broker's demand table says of every other in reach exactly what
// that broker wants, and demand of brokers long out of reach is forgotten.

import type { DemandEntry } from '../../src/network/index.ts'
import { components } from '../convergence.ts'
import type { Checker, Complain, Pending } from '../watcher.ts'
import type { SimWorld } from '../world.ts'

const name = 'demand-convergence'
/** Beyond the time for which brokers keep it on purpose. */
const forgetGraceMs = 15_000

/** Complains at the end, and as soon as an orphan is too old. */
export function demandConvergence(world: SimWorld, complain: Complain): Checker {
  /** Since when brokers have been out of each other's reach, by 'holder>about'. */
  const apartSinceMs = new Map<string, number>()
  return {
    name,
    inspect() {
      const text = findOrphan(world, apartSinceMs)
      if (text !== undefined) complain(name, text)
    },
    atRest() {
      const pending = findDemandPending(world)
      if (pending !== undefined) complain(name, pending.text)
    }
  }
}

/** What demand tables do not agree on; undefined if they all do. */
export function findDemandPending(world: SimWorld): Pending | undefined {
  for (const group of components(world)) {
    for (const about of group) {
      const { localDemand } = world.broker(about).running.network
      const wanted = print(localDemand.entries())
      for (const holder of group) {
        if (holder === about) continue
        const { demand } = world.broker(holder).running.network
        const held = print(demand.entriesOf(about))
        // What is wanted again may be the same, and the news that it was not still under way.
        const version = demand.version(about)?.version ?? 0
        if (held === wanted && version === localDemand.version) continue
        if (held === wanted) {
          const text = `${holder} knows version ${version} of what ${about} wants`
          return { checker: name, text: `${text}, it is at ${localDemand.version}` }
        }
        const text = `${holder} takes ${about} to want [${held}], it wants [${wanted}]`
        return { checker: name, text }
      }
    }
  }
  return undefined
}

function findOrphan(world: SimWorld, apartSinceMs: Map<string, number>): string | undefined {
  const { parking, repairMs } = world.settings.network
  const orphanMs = parking.patienceMs + 2 * repairMs + forgetGraceMs
  for (const group of components(world)) {
    for (const holder of group) {
      for (const { broker: about } of world.broker(holder).running.network.demand.digest()) {
        const pair = `${holder}>${about}`
        if (group.includes(about)) {
          apartSinceMs.delete(pair)
          continue
        }
        const sinceMs = apartSinceMs.get(pair) ?? world.nowMs
        apartSinceMs.set(pair, sinceMs)
        if (world.nowMs - sinceMs < orphanMs) continue
        return `${holder} still holds demand of ${about}, out of reach for ${orphanMs} ms`
      }
    }
  }
  return undefined
}

function print(entries: readonly DemandEntry[]): string {
  const lines = entries.map(({ kind, pattern, weight }) => `${kind}://${pattern} x${weight}`)
  return lines.sort().join(', ')
}

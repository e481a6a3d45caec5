// Judge: after a quiet time every broker's demand table says of every other in reach exactly what
// that broker wants, and demand of brokers long out of reach is forgotten.

import type { DemandEntry } from '../../src/network/index.ts'
import type { Checker, Complain, Pending } from '../watcher.ts'
import type { SimWorld } from '../world.ts'

const name = 'demand-convergence'
/** Beyond the time for which brokers keep it on purpose. */
const forgetGraceMs = 15_000
/** The news of a subscription has come everywhere by then, if nothing is in its way. */
const newsMsMax = 8_000
/** When a subscription came or went last, by world. */
const changedAtMs = new WeakMap<SimWorld, number>()
/** Lists up to this long are compared without making text of them. */
const fewEntries = 16

/** Complains at the end, and as soon as an orphan is too old. */
export function demandConvergence(world: SimWorld, complain: Complain): Checker {
  const apartSince: ApartSince = new Map()
  const onChange = (): void => void changedAtMs.set(world, world.nowMs)
  world.ledger.listen({ onSessionOpened: onChange, onSessionClosed: onChange })
  return {
    name,
    inspect() {
      const text = findOrphan(world, apartSince)
      if (text !== undefined) complain(name, text)
    },
    atRest() {
      const pending = findDemandPending(world)
      if (pending !== undefined) complain(name, pending.text)
    }
  }
}

/** By holder and by broker held: since when they have been out of each other's reach. */
type ApartSince = Map<string, Map<string, number>>

/** What demand tables do not agree on; undefined if they all do. */
export function findDemandPending(world: SimWorld): Pending | undefined {
  const isNews = world.nowMs - (changedAtMs.get(world) ?? 0) < newsMsMax
  for (const group of world.components()) {
    for (const about of group) {
      const { localDemand } = world.broker(about).running.network
      const entries = localDemand.entries()
      for (const holder of group) {
        if (holder === about) continue
        const { demand } = world.broker(holder).running.network
        const heldEntries = demand.entriesOf(about)
        // What is wanted again may be the same, and the news that it was not still under way. Later
        // versions tell of backlogs that come and go, as they may all the time.
        const version = demand.version(about)?.version ?? 0
        const isCurrent = !isNews || version === localDemand.version
        if (isCurrent && areSameFew(heldEntries, entries)) continue
        const [held, wanted] = [print(heldEntries), print(entries)]
        if (held === wanted && isCurrent) continue
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

/** Looks only at pairs that are out of each other's reach: as a rule there is none. */
function findOrphan(world: SimWorld, apartSince: ApartSince): string | undefined {
  const { parking, repairMs } = world.settings.network
  const { brokers } = world.topology
  const orphanMs = parking.patienceMs + 2 * repairMs + forgetGraceMs
  for (const group of world.components()) {
    if (group.length === brokers.length) {
      apartSince.clear()
      return undefined
    }
    for (const holder of group) {
      const { demand, map } = world.broker(holder).running.network
      const sinceMs = apartSince.get(holder) ?? new Map<string, number>()
      apartSince.set(holder, sinceMs)
      for (const about of brokers) {
        if (group.includes(about)) {
          sinceMs.delete(about)
          continue
        }
        // Who has forgotten it and is told by one who has not gets the same time again.
        if (demand.version(about) === undefined) {
          sinceMs.delete(about)
          continue
        }
        // Somebody between them has not noticed yet, and told it anew.
        if (map.isReachable(about)) {
          sinceMs.delete(about)
          continue
        }
        const apartMs = sinceMs.get(about) ?? world.nowMs
        sinceMs.set(about, apartMs)
        if (world.nowMs - apartMs < orphanMs) continue
        return `${holder} still holds demand of ${about}, out of reach for ${orphanMs} ms`
      }
    }
  }
  return undefined
}

/** True for two short lists of the same entries in any order; no pattern is twice in one. */
function areSameFew(a: readonly DemandEntry[], b: readonly DemandEntry[]): boolean {
  if (a.length !== b.length || a.length > fewEntries) return false
  return a.every(({ kind, pattern, weight }) =>
    b.some((one) => one.pattern === pattern && one.kind === kind && one.weight === weight)
  )
}

function print(entries: readonly DemandEntry[]): string {
  const lines = entries.map(({ kind, pattern, weight }) => `${kind}://${pattern} x${weight}`)
  return lines.sort().join(', ')
}

// Judge: after a quiet time all brokers that can reach each other hold the same map, hold nobody in
// reach who is not, and following next hops leads to every target without a circle.

import type { Checker, Complain, Pending } from '../watcher.ts'
import type { SimWorld } from '../world.ts'

const name = 'map-convergence'
/** Any destination without filters: routes are then the same for all. */
const anyDestination = { kind: 'topic', name: 'sim.any' } as const

/** Complains at the end; `settle` and `finish` wait for {@link findMapPending}. */
export function mapConvergence(world: SimWorld, complain: Complain): Checker {
  return {
    name,
    atRest() {
      const pending = findMapPending(world)
      if (pending !== undefined) complain(name, pending.text)
    }
  }
}

/** What maps do not agree on; undefined if they all do. */
export function findMapPending(world: SimWorld): Pending | undefined {
  for (const group of world.components()) {
    for (const from of group) {
      const text = findReachFault(world, from, group) ?? findRecordFault(world, from, group)
      if (text !== undefined) return { checker: name, text }
    }
    const text = findRouteFault(world, group)
    if (text !== undefined) return { checker: name, text }
  }
  return undefined
}

function findReachFault(
  world: SimWorld,
  from: string,
  group: readonly string[]
): string | undefined {
  const reachable = world.broker(from).running.network.map.reachable()
  const missing = group.find((peer) => !reachable.has(peer))
  if (missing !== undefined) return `${from} does not find ${missing} in its map`
  if (reachable.size === group.length) return undefined
  const extra = [...reachable].find((peer) => !group.includes(peer))
  return `${from} takes ${extra} for reachable, which is not`
}

function findRecordFault(
  world: SimWorld,
  from: string,
  group: readonly string[]
): string | undefined {
  const { map } = world.broker(from).running.network
  for (const about of group) {
    const truth = world.broker(about).running.network.map.ownRecord
    const held = map.record(about)
    if (held?.incarnation === truth.incarnation && held.sequence === truth.sequence) continue
    const theirs = `${truth.incarnation}.${truth.sequence}`
    return `${from} holds ${held?.incarnation}.${held?.sequence} of ${about}, which is at ${theirs}`
  }
  return undefined
}

function findRouteFault(world: SimWorld, group: readonly string[]): string | undefined {
  const tables = new Map<string, { nextHop(target: string): string | undefined }>()
  const nextHop = (at: string, target: string): string | undefined => {
    let table = tables.get(at)
    if (table === undefined) {
      table = world.broker(at).running.network.routes.for(anyDestination)
      tables.set(at, table)
    }
    return table.nextHop(target)
  }
  for (const target of group) {
    /** Brokers from which the way to the target is known to end. */
    const settled = new Set([target])
    for (const start of group) {
      const walked: string[] = []
      let at = start
      while (!settled.has(at)) {
        walked.push(at)
        const next = nextHop(at, target)
        // A spoke that carries nothing for others may be the only way.
        if (next === undefined) break
        if (walked.length > group.length + 1) {
          return `next hops from ${start} to ${target} go in a circle at ${at}`
        }
        at = next
      }
      for (const broker of walked) settled.add(broker)
    }
  }
  return undefined
}

// Whether brokers and clients have got over what happened to them: every bridge that can stand
// stands, all maps and all demand tables agree, every client is connected. Answers with the first
// thing that is still pending.

import { findDemandPending } from './checkers/demand-convergence.ts'
import { findMapPending } from './checkers/map-convergence.ts'
import type { Pending } from './watcher.ts'
import type { SimWorld } from './world.ts'

/** What keeps the world from being settled; undefined if nothing does. */
export function findUnsettled(world: SimWorld): Pending | undefined {
  return (
    findBrokerPending(world) ??
    findStopping(world) ??
    findBridgePending(world) ??
    findMapPending(world) ??
    findClientPending(world) ??
    findDemandPending(world)
  )
}

/** Groups of brokers that are up and joined by links that are whole. */
export function components(world: SimWorld): string[][] {
  const groups = new Map<string, string[]>()
  for (const { name } of world.upBrokers()) groups.set(name, [name])
  for (const link of world.topology.links) {
    const one = groups.get(link.a)
    const other = groups.get(link.b)
    if (one === undefined || other === undefined || one === other || world.isCut(link)) continue
    one.push(...other)
    for (const name of other) groups.set(name, one)
  }
  return [...new Set(groups.values())]
}

/** A broker that is still about to stop; undefined if there is none. */
export function findStopping(world: SimWorld): Pending | undefined {
  const stopping = world.upBrokers().find((broker) => broker.isStopping)
  if (stopping === undefined) return undefined
  return { checker: 'liveness', text: `${stopping.name} has not finished stopping` }
}

function findBrokerPending(world: SimWorld): Pending | undefined {
  const starting = world.upBrokers().find((broker) => !broker.isReady)
  if (starting === undefined) return undefined
  return { checker: 'liveness', text: `${starting.name} has not opened its listeners` }
}

function findBridgePending(world: SimWorld): Pending | undefined {
  for (const link of world.topology.links) {
    const { a, b } = link
    const shouldStand = world.broker(a).isUp && world.broker(b).isUp && !world.isCut(link)
    for (const [from, to] of [
      [a, b],
      [b, a]
    ] as const) {
      const stands = world.broker(from).station?.network.bridges.get(to) !== undefined
      if (stands === shouldStand || !world.broker(from).isUp) continue
      const text = shouldStand
        ? `${from} has no bridge to ${to}`
        : `${from} still believes in ${to}`
      return { checker: 'liveness', text }
    }
  }
  return undefined
}

function findClientPending(world: SimWorld): Pending | undefined {
  for (const { plan, at, isConnected } of world.producers.values()) {
    if (isConnected || !world.broker(at).isUp) continue
    return { checker: 'liveness', text: `producer ${plan.name} is not connected to ${at}` }
  }
  for (const consumer of world.consumers.values()) {
    if (consumer.isSubscribed || !world.broker(consumer.at).isUp) continue
    const text = `consumer ${consumer.plan.name} is not subscribed at ${consumer.at}`
    return { checker: 'liveness', text }
  }
  return undefined
}

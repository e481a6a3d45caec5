// Whether brokers and clients have got over what happened to them: every bridge that can stand
// stands, all maps and all demand tables agree, every client is connected. Answers with the first
// thing that is still pending.

import { findDemandPending } from './checkers/demand-convergence.ts'
import { findMapPending } from './checkers/map-convergence.ts'
import type { SimBroker } from './sim-broker.ts'
import type { Pending } from './watcher.ts'
import type { SimWorld } from './world.ts'

/** What keeps the world from being settled; undefined if nothing does. */
export function findUnsettled(world: SimWorld): Pending | undefined {
  return (
    findBrokerPending(world) ??
    findStopping(world) ??
    findBridgePending(world) ??
    world.poisoned.findStanding() ??
    findMapPending(world) ??
    findClientPending(world) ??
    findDemandPending(world)
  )
}

/** Groups of brokers that are at work and joined by links that are whole. */
export function components(world: SimWorld): readonly (readonly string[])[] {
  return world.components()
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
    const a = world.broker(link.a)
    const b = world.broker(link.b)
    const shouldStand = a.isAtWork && b.isAtWork && !world.isCut(link)
    const text = findEndPending(a, b, shouldStand) ?? findEndPending(b, a, shouldStand)
    if (text !== undefined) return { checker: 'liveness', text }
  }
  return undefined
}

/** What is wrong at the end of a link that is `from`; what a frozen broker believes is nothing. */
function findEndPending(from: SimBroker, to: SimBroker, shouldStand: boolean): string | undefined {
  if (!from.isAtWork) return undefined
  const stands = from.running.network.bridges.get(to.name) !== undefined
  if (stands === shouldStand) return undefined
  return shouldStand
    ? `${from.name} has no bridge to ${to.name}`
    : `${from.name} still believes in ${to.name}`
}

function findClientPending(world: SimWorld): Pending | undefined {
  for (const { plan, at, isConnected, isGone } of world.producers.values()) {
    if (isConnected || isGone || !world.isAtWork(at)) continue
    return { checker: 'liveness', text: `producer ${plan.name} is not connected to ${at}` }
  }
  for (const consumer of world.consumers.values()) {
    if (consumer.isSubscribed || !world.isAtWork(consumer.at)) continue
    const text = `consumer ${consumer.plan.name} is not subscribed at ${consumer.at}`
    return { checker: 'liveness', text }
  }
  return undefined
}

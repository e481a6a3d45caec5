// What real brokers and clients have not got over, or still hold, as their reports and the clients
// themselves say. Each answer is the first thing found; undefined if there is none.

import type { DemandStatus, StatusReport } from '../../src/admin/index.ts'
import type { Pending } from '../watcher.ts'
import type { MessageRecord } from '../workload/ledger.ts'
import type { RealWorld } from './real-world.ts'

/** Why the network is not settled; reports must be younger than the last fault. */
export function findUnsettled(world: RealWorld): Pending | undefined {
  return (
    findBrokerPending(world) ??
    findBridgePending(world) ??
    findMapPending(world) ??
    findClientPending(world) ??
    findDemandPending(world)
  )
}

/** What brokers hold that could go on: messages somebody in reach would take, or on their way. */
export function findHeld(world: RealWorld): Pending | undefined {
  for (const [at, report] of world.freshReports()) {
    const text = heldBy(world, at, report)
    if (text !== undefined) return { checker: 'no-stuck', text: `${at}: ${text}` }
  }
  return undefined
}

/** A message of the ledger that should still come. */
export function findMissing(world: RealWorld): Pending | undefined {
  const waiting = world.waitingMessages()
  for (const record of world.ledger.all()) {
    if (isMissing(record) && !waiting.has(record))
      return { checker: 'no-stuck', text: `${record.key} has not come` }
  }
  return undefined
}

function isMissing(record: MessageRecord): boolean {
  if (record.kind === 'queue') return record.consumed === 0 && record.excuse === undefined
  for (const { copies, excuse } of record.expected.values()) {
    if (copies === 0 && excuse === undefined) return true
  }
  return false
}

function findBrokerPending({ brokers }: RealWorld): Pending | undefined {
  for (const { name, isUp, isReady, isStopping } of brokers.values()) {
    if (!isUp) continue
    if (!isReady) return { checker: 'liveness', text: `${name} has not opened its listeners` }
    if (isStopping) return { checker: 'liveness', text: `${name} has not finished stopping` }
  }
  return undefined
}

function findBridgePending(world: RealWorld): Pending | undefined {
  for (const { link, isCut } of world.links) {
    const { a, b } = link
    const shouldStand = world.isUp(a) && world.isUp(b) && !isCut
    for (const [from, to] of [
      [a, b],
      [b, a]
    ] as const) {
      if (!world.isUp(from)) continue
      const report = world.freshReport(from)
      if (report === undefined) return { checker: 'liveness', text: `${from} does not answer` }
      const stands = report.bridges?.some(({ peer }) => peer === to) ?? false
      if (stands === shouldStand) continue
      const text = shouldStand ? `${from} has no bridge to ${to}` : `${from} believes in ${to}`
      return { checker: 'liveness', text }
    }
  }
  return undefined
}

function findMapPending(world: RealWorld): Pending | undefined {
  for (const group of world.groups()) {
    for (const from of group) {
      const brokers = world.freshReport(from)?.brokers ?? []
      const reachable = brokers.filter(({ isReachable }) => isReachable).map(({ name }) => name)
      const missing = group.find((name) => !reachable.includes(name))
      const extra = reachable.find((name) => !group.includes(name))
      if (missing !== undefined) return mapPending(`${from} does not find ${missing} in its map`)
      if (extra !== undefined) return mapPending(`${from} takes ${extra} for reachable`)
      for (const { name, incarnation } of brokers) {
        const truth = world.freshReport(name)?.incarnation
        if (!group.includes(name) || truth === incarnation) continue
        return mapPending(`${from} knows another life of ${name}`)
      }
    }
  }
  return undefined
}

function mapPending(text: string): Pending {
  return { checker: 'map-convergence', text }
}

function findDemandPending(world: RealWorld): Pending | undefined {
  for (const group of world.groups()) {
    for (const about of group) {
      const wanted = print(world.freshReport(about)?.demand, about)
      for (const holder of group) {
        const held = print(world.freshReport(holder)?.demand, about)
        if (held === wanted) continue
        const text = `${holder} takes ${about} to want [${held}], it wants [${wanted}]`
        return { checker: 'demand-convergence', text }
      }
    }
  }
  return undefined
}

function print(demand: readonly DemandStatus[] | undefined, about: string): string {
  const entries = demand?.find(({ broker }) => broker === about)?.entries ?? []
  return entries.map(({ kind, pattern, weight }) => `${kind}://${pattern} x${weight}`).join(', ')
}

function findClientPending(world: RealWorld): Pending | undefined {
  for (const { plan, at, isConnected, isGone } of world.producers.values()) {
    if (isConnected || isGone || !world.isUp(at)) continue
    return { checker: 'liveness', text: `producer ${plan.name} is not connected to ${plan.at}` }
  }
  for (const { plan, at, isSubscribed } of world.consumers.values()) {
    if (isSubscribed || !world.isUp(at)) continue
    return { checker: 'liveness', text: `consumer ${plan.name} is not subscribed at ${at}` }
  }
  return undefined
}

function heldBy(world: RealWorld, at: string, report: StatusReport): string | undefined {
  const { parking, bridges = [], queues = [], topics = [], pausedProducers } = report
  if (parking.messages > 0) return `${parking.messages} messages are parked`
  for (const { peer, messagesPending } of bridges) {
    if (messagesPending > 0) return `the channel to ${peer} holds ${messagesPending} messages`
  }
  for (const { name, kind, ready, delivered } of queues) {
    if (kind !== 'queue' || ready + delivered === 0) continue
    if (delivered > 0) return `queue ${name} has ${delivered} deliveries that are not settled`
    const group = world.reachableFrom(at, { kind, name })
    const taker = group.find((broker) => world.ledger.isWantedAt(broker, 'queue', name))
    if (taker !== undefined) return `${ready} messages wait in queue ${name}, wanted at ${taker}`
  }
  for (const { pattern, isActive, ready, delivered } of topics) {
    if (isActive && ready + delivered > 0) return `messages wait for a subscriber of ${pattern}`
  }
  return pausedProducers > 0 ? `${pausedProducers} producers are held back` : undefined
}

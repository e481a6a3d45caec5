// Judge: queues, the parking and the channels of bridges stay within their limits at all times.

import {
  type DeliveryPolicy,
  isDeadLetterQueueName,
  patternMatches
} from '../../src/broker/index.ts'
import type { Station } from '../../src/station/index.ts'
import type { ProducerPlan } from '../plan/index.ts'
import type { Checker, Complain } from '../watcher.ts'
import type { SimWorld } from '../world.ts'

const name = 'bounded'
/** How long brokers may take to notice a cut link, and others to hear of it. */
const detectionSecondsMax = 6
/** A channel has a window and an outbox for what is persistent, and others for what is not. */
const lanes = 2

/** Looks at every broker after each slice of time. */
export function bounded(world: SimWorld, complain: Complain): Checker {
  return {
    name,
    inspect() {
      for (const broker of world.upBrokers()) {
        const text = findExcess(world, broker.running)
        if (text !== undefined) complain(name, `${broker.name}: ${text}`)
      }
    }
  }
}

function findExcess(world: SimWorld, station: Station): string | undefined {
  const { broker, network } = station
  const at = station.options.identity.broker
  const { limits, policies, network: settings } = world.settingsOf(at)
  const { bridges: bounds, parking } = settings
  const channelMax = lanes * (bounds.window.messagesMax + bounds.outbox.messagesMax)
  const bridges = network.bridges.all()
  for (const { peer, messagesPending } of bridges) {
    if (messagesPending > channelMax) return `${messagesPending} messages for ${peer} are pending`
  }
  // One bound for those without a route, and the same again for those without room.
  const parkedMax = parking.messagesMax * 2
  if (network.parking.length > parkedMax) {
    return `${network.parking.length} messages are parked, ${parkedMax} are allowed`
  }
  const leastMax = Math.min(limits.queueMessagesMax, ...boundsOf(policies))
  for (const queue of broker.queues.all()) {
    // Most queues are far below any bound, and asked every slice of time.
    if (queue.held <= leastMax) continue
    // Dead letters are refused by nobody; the memory of the broker is their bound.
    if (isDeadLetterQueueName(queue.name)) continue
    const heldMax = heldMaxOf(world, at, queue.name)
    if (queue.held > heldMax) return `queue ${queue.name} holds ${queue.held}, over ${heldMax}`
  }
  const { bytesUsed } = broker.memory
  if (bytesUsed < 0) return `memory in use is ${bytesUsed} bytes`
  const { bytesUsed: spooled } = broker.spool
  return spooled < 0 ? `${spooled} bytes are spooled` : undefined
}

/** Most messages of a queue that policies name. */
function boundsOf(policies: readonly DeliveryPolicy[]): number[] {
  return policies.flatMap(({ limits }) => limits?.messagesMax ?? [])
}

/**
 * A full queue stops its producers, one message or transaction each too late. Where it has
 * consumers, or is on the way to them, other brokers send more, until they hear that enough waits:
 * by then every channel on the way may be full. While brokers do not know of a fault they go on
 * sending to where it goes no further.
 */
function heldMaxOf(world: SimWorld, broker: string, queue: string): number {
  const { limits, policies } = world.settingsOf(broker)
  const policy = policies.find(({ kind, pattern }) => {
    return kind === 'queue' && patternMatches(pattern, queue)
  })
  const messagesMax = policy?.limits?.messagesMax ?? limits.queueMessagesMax
  const producers = [...world.producers.values()].filter(({ plan }) =>
    plan.destination.endsWith(`/${queue}`)
  )
  const late = producers.reduce((sum, { plan }) => sum + (plan.transactionSize ?? 1), 0)
  const own = messagesMax + late
  const links = world.links.of(broker)
  const isProducing = links.length === 1 && !world.ledger.isWantedAt(broker, 'queue', queue)
  if (world.isCalm && isProducing) return own
  const channels = channelRoom(world)
  const perSecond = producers.reduce((sum, { plan }) => sum + ratePerSecond(plan), 0)
  const backlog = Math.max(own, limits.demandBacklogMessagesMax)
  return backlog + channels + perSecond * detectionSecondsMax
}

function ratePerSecond({ everyMs, burst = 1 }: ProducerPlan): number {
  return (burst * 1_000) / everyMs
}

/** Messages that all channels of the world hold together: each link has two. */
function channelRoom(world: SimWorld): number {
  let room = 0
  for (const { a, b } of world.topology.links) {
    for (const end of [a, b]) {
      const { window, outbox } = world.settingsOf(end).network.bridges
      room += lanes * (window.messagesMax + outbox.messagesMax)
    }
  }
  return room
}

// Read models of what cannot go on: what is parked for other brokers and why, the messages
// themselves, and queues that nobody takes from. Nothing here takes a message out of its place.

import { isoTime } from '../base/index.ts'
import { type Message, type Queue, reservedPrefix } from '../broker/index.ts'
import type { ParkedEntry, ParkedFor, ParkedReason } from '../network/index.ts'
import { type ShownContent, shownBytes, shownBytesMax, shownContent } from './shown-message.ts'

/** What is parked for one broker. */
export interface ParkedStatus {
  /** The broker it is for. */
  readonly broker: string
  readonly messages: number
  readonly bytes: number
  /** When the oldest of them came, good to some seconds (ISO 8601); null if none is on disk. */
  readonly since: string | null
  /** Why it does not go on; null while it does. */
  readonly reason: ParkedReason | null
  /** Of the messages those that are in memory only, and given up after a while. */
  readonly inMemory: number
}

/** Why what waits in a queue stays there. */
export type StuckReason = 'no-consumers' | 'away' | 'no-route' | 'consumers-full' | 'bridge-full'

/** A queue with messages that nobody here takes, and that cannot go on. */
export interface StuckQueueStatus {
  readonly queue: string
  readonly messages: number
  readonly bytes: number
  readonly reason: StuckReason
  /** Brokers with consumers for it. */
  readonly brokers: readonly string[]
}

/** All that cannot go on at one broker, most messages first. */
export interface ParkedList {
  readonly broker: string
  readonly parked: readonly ParkedStatus[]
  readonly queues: readonly StuckQueueStatus[]
  /** Brokers and queues that are left out because there are too many. */
  readonly left: number
}

/** A parked message, for somebody to look at. */
export interface ShownParked extends ShownContent {
  readonly id: string
  /** As STOMP writes it: /topic/prices. */
  readonly destination: string
  /** The broker that took it from its producer. */
  readonly origin: string
  /** Brokers it has crossed, oldest first. */
  readonly path: readonly string[]
  /** When it came, good to some seconds (ISO 8601); null if that is not known. */
  readonly since: string | null
  readonly waitedMs: number | null
  readonly isPersistent: boolean
}

/** Some messages parked for one broker, oldest first. */
export interface ShownParkedMessages {
  readonly broker: string
  readonly messages: readonly ShownParked[]
  /** True if there are more. */
  readonly isCut: boolean
}

/** What is read here. Broker and Network fit as they are. */
export interface ParkedSources {
  readonly broker: {
    readonly identity: { readonly name: string }
    readonly queues: { named(): Iterable<Queue> }
  }
  readonly network: {
    readonly parking: { all(): Iterable<VolatileParked> }
    readonly router: {
      readonly places:
        | { all(): readonly ParkedFor[]; entriesOf(target: string): Iterable<ParkedEntry> }
        | undefined
      isFull(nextHop: string): boolean
    }
    readonly map: { isReachable(broker: string): boolean }
    readonly demand: {
      demandForQueue(name: string): readonly { readonly broker: string; readonly weight: number }[]
    }
    readonly routes: {
      for(destination: { readonly kind: 'queue'; readonly name: string }): {
        nextHop(broker: string): string | undefined
      }
    }
  }
  readonly clock: { wallMs(): number }
}

interface VolatileParked {
  readonly message: Message
  readonly targets: readonly string[]
  readonly reason: string
}

/** Queues of letters for a broker that is away are shown; other queues of the broker itself not. */
const lettersPrefix = `${reservedPrefix}letters.`

/** Everything that cannot go on. */
export function parkedList(sources: ParkedSources, limit: number): ParkedList {
  const parked = parkedByBroker(sources)
  const queues = stuckQueues(sources)
  const left = Math.max(0, parked.length - limit) + Math.max(0, queues.length - limit)
  return {
    broker: sources.broker.identity.name,
    parked: parked.slice(0, limit),
    queues: queues.slice(0, limit),
    left
  }
}

/** Messages parked for a broker, those on disk first. */
export function shownParked(
  { broker, network, clock }: ParkedSources,
  target: string,
  limit: number
): ShownParkedMessages {
  const messages: ShownParked[] = []
  const nowMs = clock.wallMs()
  let bytes = 0
  let isCut = false
  for (const { message, sinceMs } of entriesFor(network, target)) {
    if (messages.length >= limit || bytes >= shownBytesMax) {
      isCut = true
      break
    }
    bytes += shownBytes(message)
    messages.push({
      id: message.id,
      destination: `/${message.destination.kind}/${message.destination.name}`,
      origin: message.origin.broker,
      path: message.brokerPath,
      since: sinceMs === undefined ? null : isoTime(sinceMs),
      waitedMs: sinceMs === undefined ? null : Math.max(0, nowMs - sinceMs),
      isPersistent: message.isPersistent,
      ...shownContent(message)
    })
  }
  return { broker: broker.identity.name, messages, isCut }
}

function* entriesFor(
  { parking, router }: ParkedSources['network'],
  target: string
): Generator<{ readonly message: Message; readonly sinceMs: number | undefined }> {
  yield* router.places?.entriesOf(target) ?? []
  for (const { message, targets } of parking.all()) {
    if (targets.includes(target)) yield { message, sinceMs: undefined }
  }
}

/** By broker, most messages first. */
function parkedByBroker({ network }: ParkedSources): ParkedStatus[] {
  const found = new Map<string, ParkedStatus>()
  for (const { target, messages, bytes, sinceMs, reason } of network.router.places?.all() ?? []) {
    const since = isoTime(sinceMs)
    const status = { broker: target, messages, bytes, since, reason: reason ?? null, inMemory: 0 }
    found.set(target, status)
  }
  for (const { message, targets, reason } of network.parking.all()) {
    for (const broker of targets) {
      const known = found.get(broker)
      const why = network.map.isReachable(broker) ? (reason as ParkedReason) : 'away'
      found.set(broker, {
        broker,
        messages: (known?.messages ?? 0) + 1,
        bytes: (known?.bytes ?? 0) + message.sizeBytes,
        since: known?.since ?? null,
        reason: known === undefined ? why : known.reason,
        inMemory: (known?.inMemory ?? 0) + 1
      })
    }
  }
  return [...found.values()].sort(
    (a, b) => b.messages - a.messages || (a.broker < b.broker ? -1 : 1)
  )
}

function stuckQueues({ broker, network }: ParkedSources): StuckQueueStatus[] {
  const found: StuckQueueStatus[] = []
  for (const queue of broker.queues.named()) {
    const { name, waiting: messages, heldBytes: bytes } = queue
    if (messages === 0 || queue.consumers.local.length > 0) continue
    if (name.startsWith(reservedPrefix) && !name.startsWith(lettersPrefix)) continue
    const wanting = network.demand.demandForQueue(name)
    const reason = stuckReason(network, name, wanting)
    if (reason === undefined) continue
    found.push({ queue: name, messages, bytes, reason, brokers: wanting.map((one) => one.broker) })
  }
  return found.sort((a, b) => b.messages - a.messages || (a.queue < b.queue ? -1 : 1))
}

function stuckReason(
  { map, routes, router }: ParkedSources['network'],
  name: string,
  wanting: readonly { readonly broker: string; readonly weight: number }[]
): StuckReason | undefined {
  if (wanting.length === 0) return 'no-consumers'
  const inReach = wanting.filter(({ broker }) => map.isReachable(broker))
  if (inReach.length === 0) return 'away'
  const table = routes.for({ kind: 'queue', name })
  const withWay = inReach.filter(({ broker }) => table.nextHop(broker) !== undefined)
  if (withWay.length === 0) return 'no-route'
  const willing = withWay.filter(({ weight }) => weight > 0)
  if (willing.length === 0) return 'consumers-full'
  const isBlocked = willing.every(({ broker }) => router.isFull(table.nextHop(broker)!))
  return isBlocked ? 'bridge-full' : undefined
}

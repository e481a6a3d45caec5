// Judge: in the end nothing is left behind. No message waits in a queue while a consumer that can
// be reached would take it, none is parked or held by a channel, no delivery is unsettled, no
// producer is held back and no receipt is owed.

import type { Message, Queue } from '../../src/broker/index.ts'
import type { Station } from '../../src/station/index.ts'
import type { Checker, Complain, Pending } from '../watcher.ts'
import type { SimWorld } from '../world.ts'

const name = 'no-stuck'
/** Waiting messages of a queue that are looked at, from the first on. */
const lookedAtMax = 200
/** Below this share of its bound what was full lets producers go on. */
const reopenShare = 0.8

/** Complains at the end; `finish` waits for {@link findStuck}. */
export function noStuck(world: SimWorld, complain: Complain): Checker {
  return {
    name,
    atRest() {
      const pending = findStuck(world)
      if (pending !== undefined) complain(name, pending.text)
    }
  }
}

/** What is left somewhere in the world; undefined if nothing is. */
export function findStuck(world: SimWorld): Pending | undefined {
  for (const broker of world.upBrokers()) {
    const text = findHeld(world, broker.name, broker.running)
    if (text !== undefined) return { checker: name, text: `${broker.name}: ${text}` }
  }
  for (const { plan, at, receiptsPending } of world.producers.values()) {
    if (receiptsPending === 0 || !world.isAtWork(at) || isFullForGood(world, at)) continue
    return { checker: name, text: `producer ${plan.name} waits for ${receiptsPending} receipts` }
  }
  return undefined
}

function findHeld(
  world: SimWorld,
  at: string,
  { broker, network, stomp }: Station
): string | undefined {
  const { bridges } = network
  // What filters keep from a subscriber for good waits for a change of them.
  const parked = network.parkedMessages - countHopeless(world, at, parkedOf(network))
  if (parked > 0) return `${parked} messages are parked`
  for (const bridge of bridges.all()) {
    const { messagesPending, peer } = bridge
    if (messagesPending > 0) return `the channel to ${peer} holds ${messagesPending} messages`
  }
  const inDoubt = bridges.inDoubt().messages
  if (inDoubt > 0) return `${inDoubt} messages are in doubt, their bridge is gone`
  for (const queue of broker.queues.all()) {
    const { name: queueName, delivered } = queue
    if (delivered > 0) return `queue ${queueName} has ${delivered} deliveries that are not settled`
    if (queue.waiting === 0) continue
    const text = findMissed(world, at, queue)
    if (text !== undefined) return text
  }
  for (const { pattern, queue, durable, consumer } of broker.topics.all()) {
    // A durable one keeps what came while its consumer is away.
    if (queue.held === 0 || (durable !== undefined && consumer === undefined)) continue
    return `${queue.held} messages wait for a subscriber of topic ${pattern}`
  }
  const { pausedProducers } = stomp.registry
  if (pausedProducers === 0 || isFullForGood(world, at)) return undefined
  return `${pausedProducers} producers are held back at ${at}`
}

/**
 * True if what waits rightly fills a queue, or the memory, and producers rightly wait too: until
 * there is much room again, not only some.
 */
function isFullForGood(world: SimWorld, at: string): boolean {
  const { broker, network } = world.broker(at).running
  const { memory, queues, spool } = broker
  const isTight = !memory.hasRoomAgain || !spool.hasRoomAgain
  const isQueueFull = queues.all().some((queue) => {
    if (queue.waiting === 0 || (!isTight && queue.room.hasRoomAgain)) return false
    return findMissed(world, at, queue) === undefined
  })
  if (isQueueFull) return true
  // What is parked for brokers that never return.
  const { storedQueueMessagesMax, storedQueueBytesMax } = world.settingsOf(at).limits
  const { places } = network.router
  const full = (places?.all() ?? []).filter(
    ({ messages, bytes }) =>
      messages > storedQueueMessagesMax * reopenShare || bytes > storedQueueBytesMax * reopenShare
  )
  return full.some(({ target }) => {
    if (!world.reachableFrom(at).includes(target)) return true
    const [first] = places!.entriesOf(target)
    return first !== undefined && !world.mayReach(at, target, first.message.destination)
  })
}

/** A waiting message that a consumer in reach would take; undefined if nobody wants any. */
function findMissed(world: SimWorld, at: string, queue: Queue): string | undefined {
  const { name: queueName, waiting } = queue
  const reachable = world.reachableFrom(at, { kind: 'queue', name: queueName })
  let looked = 0
  for (const message of queue.browse()) {
    looked += 1
    if (looked > lookedAtMax) break
    const record = world.ledger.find(message.body, message.bodyStart, message.bodyEnd)
    for (const taker of world.ledger.takersOf(queueName, record)) {
      if (!reachable.includes(taker.broker)) continue
      return (
        `${waiting} messages wait in queue ${queueName}, and ${taker.consumer} at ` +
        `${taker.broker} would take ${record?.key ?? message.id}, ` +
        `redirected ${message.redirects} times`
      )
    }
  }
  return undefined
}

/** All that is parked, in memory or on disk. */
function* parkedOf({ parking, router }: Station['network']): Generator<{
  readonly message: Message
  readonly targets: readonly string[]
}> {
  yield* parking.all()
  for (const { target } of router.places?.all() ?? []) {
    for (const { message } of router.places!.entriesOf(target)) yield { message, targets: [target] }
  }
}

/** Messages whose targets cannot be reached from here, whatever heals. */
function countHopeless(
  world: SimWorld,
  at: string,
  parked: Iterable<{ readonly message: Message; readonly targets: readonly string[] }>
): number {
  let count = 0
  for (const { message, targets } of parked) {
    if (targets.every((target) => !world.mayReach(at, target, message.destination))) count += 1
  }
  return count
}

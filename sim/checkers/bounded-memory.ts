// Judge: what a broker accounts for in memory stays under its limit, but for what was on its way
// when the limit was met; and the accounts, also that of the spool, are the sums of what its queues
// hold, to the byte.

import type { Station } from '../../src/station/index.ts'
import type { Checker, Complain } from '../watcher.ts'
import type { SimWorld } from '../world.ts'
import { allQueues, entriesBehind, subscriptionsOf } from './peek.ts'

const name = 'bounded-memory'
/** What a message of the workload costs beyond its body, at most. */
const overheadBytesMax = 1_024
/** How long brokers may take to notice a cut link, and others to hear of it. */
const detectionSecondsMax = 6

/** Looks at every broker after each slice of time, and counts at the end. */
export function boundedMemory(world: SimWorld, complain: Complain): Checker {
  const stuck = new WeakSet<object>()
  return {
    name,
    inspect() {
      for (const broker of world.upBrokers()) {
        const text = findExcess(world, broker.running, stuck)
        if (text !== undefined) complain(name, `${broker.name}: ${text}`)
      }
    },
    atRest() {
      for (const broker of world.upBrokers()) {
        const text = findMiscount(broker.running)
        if (text !== undefined) complain(name, `${broker.name}: ${text}`)
      }
    }
  }
}

function findExcess(
  world: SimWorld,
  { broker, network, options }: Station,
  stuck: WeakSet<object>
): string | undefined {
  const { memory } = broker
  if (memory.bytesUsed < 0) return `memory in use is ${memory.bytesUsed} bytes`
  if (memory.bytesUsed > memory.bytesMax) {
    const slack = onTheWayBytes(world) + stuckBytes(broker, stuck)
    if (memory.bytesUsed > memory.bytesMax + slack) {
      return `${memory.bytesUsed} bytes in memory, over ${memory.bytesMax} and ${slack} on the way`
    }
  }
  const { parking } = world.settingsOf(options.identity.broker).network
  const parkedMax = 2 * parking.bytesMax
  const { bytesHeld } = network.parking
  return bytesHeld > parkedMax ? `${bytesHeld} bytes are parked, over ${parkedMax}` : undefined
}

/**
 * What is kept for subscribers that were given up waiting for: they hold nobody back, and have a
 * bound of their own.
 * @param known those that were found stuck before, and may be at work again
 */
function stuckBytes({ topics }: Station['broker'], known: WeakSet<object>): number {
  let bytes = 0
  for (const subscription of topics.all()) {
    const { isStuck } = subscription as unknown as { readonly isStuck: boolean }
    if (isStuck) known.add(subscription)
    if (known.has(subscription)) bytes += subscription.queue.bytes
  }
  return bytes
}

/**
 * What may still come when a broker is full: one message or transaction of each producer, what all
 * channels hold, and what is sent until everybody knows of a fault.
 */
function onTheWayBytes(world: SimWorld): number {
  const plans = [...world.producers.values()].map(({ plan }) => plan)
  const largest = Math.max(0, ...plans.map(({ bodyBytes }) => bodyBytes)) + overheadBytesMax
  let channels = 0
  for (const { a, b } of world.topology.links) {
    for (const end of [a, b]) {
      const { window, outbox } = world.settingsOf(end).network.bridges
      // Once for what is persistent, and again for what is not.
      channels += 2 * Math.min(window.messagesMax * largest, window.bytesMax + largest)
      channels += 2 * Math.min(outbox.messagesMax * largest, outbox.bytesMax + largest)
    }
  }
  const sent = plans.reduce((sum, plan) => {
    const { burst = 1, transactionSize = 1, everyMs, bodyBytes } = plan
    const messages = burst + transactionSize + ((1_000 * burst) / everyMs) * detectionSecondsMax
    return sum + messages * (bodyBytes + overheadBytesMax)
  }, 0)
  return Math.ceil(channels + sent)
}

function findMiscount(station: Station): string | undefined {
  let total = 0
  let spooled = 0
  for (const queue of allQueues(station)) {
    total += queue.bytes
    spooled += queue.room.spooledBytes
    if (queue.held === 0 && queue.room.spooledBytes !== 0) {
      return `queue ${queue.name} is empty and counts ${queue.room.spooledBytes} spooled bytes`
    }
    let bytes = 0
    for (let entry = queue.ready.head; entry !== undefined; entry = entry.next) {
      bytes += entry.message.sizeBytes
    }
    for (const { message } of entriesBehind(queue)) bytes += message.sizeBytes
    for (const { unsettled } of subscriptionsOf(queue)) {
      for (const entry of unsettled.values()) {
        if (entry.queue === queue) bytes += entry.message.sizeBytes
      }
    }
    if (bytes !== queue.bytes)
      return `queue ${queue.name} counts ${queue.bytes} bytes, has ${bytes}`
  }
  const { memory, spool } = station.broker
  if (spool.bytesUsed !== spooled) {
    return `the spool counts ${spool.bytesUsed} bytes, queues have ${spooled} there`
  }
  const { bytesUsed } = memory
  return bytesUsed === total ? undefined : `memory counts ${bytesUsed} bytes, queues hold ${total}`
}

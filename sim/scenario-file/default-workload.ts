// The workload of a network that says nothing of its clients: every link carries something, so a
// fault anywhere shows. Queues run between the ends of the network and over each link that the
// others do not use; one topic fans out. Everything follows from the topology, nothing is drawn.

import type { ConsumerPlan, ProducerPlan } from '../plan/index.ts'
import type { SimTopology } from '../topologies.ts'

/** Bytes of each message. */
const bodyBytes = 1_024
/** Queues of one network: more links than this carry only what finds its way over them. */
const queuesMax = 200
/** Subscribers of the topic. */
const subscribersMax = 10
const topicShare = 0.2

/** Clients of a network, and a sentence about them. */
export interface DefaultWorkload {
  readonly producers: readonly ProducerPlan[]
  readonly consumers: readonly ConsumerPlan[]
  readonly about: string
}

/** See the top of this file; `ratePerSecond` is that of all producers together. */
export function defaultWorkload(topology: SimTopology, ratePerSecond: number): DefaultWorkload {
  const ends = endsOf(topology)
  const pairs = queuePairs(topology, ends)
  const producers: ProducerPlan[] = []
  const consumers: ConsumerPlan[] = []
  const subscribers = ends.slice(1, 1 + subscribersMax)
  const queueShare = subscribers.length === 0 ? 1 : 1 - topicShare
  const everyMs = (pairs.length * 1_000) / (ratePerSecond * queueShare)
  for (const [from, to] of pairs) {
    const destination = `/queue/${from}.to.${to}`
    producers.push(producer(`p${producers.length + 1}`, from, destination, everyMs))
    consumers.push(consumer(`c${consumers.length + 1}`, to, destination))
  }
  if (subscribers.length > 0) {
    const destination = `/topic/from.${ends[0]}`
    producers.push(producer('news', ends[0]!, destination, 1_000 / (ratePerSecond * topicShare)))
    for (const at of subscribers)
      consumers.push(consumer(`c${consumers.length + 1}`, at, destination))
  }
  const queues = `${pairs.length} ${pairs.length === 1 ? 'queue' : 'queues'}`
  const others = subscribers.length === 1 ? 'another' : `${subscribers.length} others`
  const topic = `, a topic from ${ends[0]} to ${others}`
  return {
    producers,
    consumers,
    about:
      `${queues} between ${ends.length} ends and over single links` +
      `${subscribers.length === 0 ? '' : topic}; ${ratePerSecond} messages/s of 1 KiB in all, ` +
      'each with a receipt and an acknowledgement'
  }
}

/** Brokers with the fewest links: where clients of most networks are. */
function endsOf({ brokers, links }: SimTopology): readonly string[] {
  const degrees = new Map(brokers.map((name) => [name, 0]))
  for (const { a, b } of links) {
    degrees.set(a, degrees.get(a)! + 1)
    degrees.set(b, degrees.get(b)! + 1)
  }
  const least = Math.min(...[...degrees.values()].filter((degree) => degree > 0))
  const ends = brokers.filter((name) => degrees.get(name) === least)
  return ends.length > 1 ? ends : brokers
}

/** From each end to the one half way round, and over each link with no cheaper way beside it. */
function queuePairs(
  { links, brokers }: SimTopology,
  ends: readonly string[]
): (readonly [from: string, to: string])[] {
  const pairs: (readonly [string, string])[] = []
  const taken = new Set<string>()
  const add = (from: string, to: string): void => {
    const key = `${from} ${to}`
    if (from === to || taken.has(key) || pairs.length >= queuesMax) return
    taken.add(key)
    pairs.push([from, to])
  }
  const half = Math.floor(ends.length / 2)
  for (const [at, from] of ends.entries()) add(from, ends[(at + half) % ends.length]!)
  const order = new Map(brokers.map((name, at) => [name, at]))
  for (const { a, b, duplex, dialledBy } of links) {
    // A link with one way only carries from who dials; else the direction alternates.
    const isForth = duplex === false ? dialledBy !== 'b' : (order.get(a)! + order.get(b)!) % 2 === 1
    if (isForth) add(a, b)
    else add(b, a)
  }
  return pairs
}

function producer(name: string, at: string, destination: string, everyMs: number): ProducerPlan {
  return {
    ...{ name, at, destination, everyMs, bodyBytes },
    isPersistent: destination.startsWith('/queue/'),
    receiptEvery: 1,
    version: '1.2'
  }
}

function consumer(name: string, at: string, destination: string): ConsumerPlan {
  return {
    ...{ name, at, destination },
    ack: 'client-individual',
    prefetch: 100,
    workMs: 1,
    version: '1.2'
  }
}

// What a load process is to do: plain values that cross a process boundary as JSON. It holds no
// behaviour beyond dealing out the work. Invariant: producers and consumers given the same plan
// agree on stream numbers: stream = producer × destinations + destination.

/** Where a broker listens for STOMP, and who to be there. */
export interface StompEndpoint {
  readonly host: string
  readonly port: number
  readonly login?: string | undefined
  readonly passcode?: string | undefined
  /** Value of CONNECT's `host` header. */
  readonly virtualHost: string
}

/** How consumers acknowledge: STOMP's three words. */
export type AckMode = 'auto' | 'client' | 'client-individual'

/** One load, as both sides see it. */
export interface LoadPlan {
  /** Full names, such as '/queue/bench.0'. */
  readonly destinations: readonly string[]
  /** True for topics: every consumer gets every message. False: each message has one receiver. */
  readonly everyConsumerGetsAll: boolean
  readonly producers: number
  readonly consumers: number
  /** Bytes of a body, at least `markBytes`. */
  readonly bodyBytes: number
  /** Messages per second of all producers together; 0 sends as fast as the broker accepts. */
  readonly ratePerSecond: number
  /** The most messages of one producer without a receipt; 0 asks for no receipts. */
  readonly receiptWindow: number
  readonly ackMode: AckMode
  /** Adds `persistent:true` to every message. */
  readonly persistent: boolean
  /** The most latencies to keep; 0 measures none. */
  readonly latencySamplesMax: number
}

/**
 * Deals destinations out to connections: each connection has its own where there are enough, else
 * connections share them evenly. Answers the destination indexes of each connection.
 */
export function dealDestinations(connections: number, destinations: number): number[][] {
  const dealt: number[][] = Array.from({ length: connections }, () => [])
  for (let i = 0; i < Math.max(connections, destinations); i++) {
    dealt[i % connections]!.push(i % destinations)
  }
  return dealt
}

/** The destination indexes of each consumer of a plan. */
export function consumerDestinations(plan: LoadPlan): number[][] {
  const { consumers, destinations } = plan
  if (!plan.everyConsumerGetsAll) return dealDestinations(consumers, destinations.length)
  return Array.from({ length: consumers }, () => destinations.map((_, index) => index))
}

/** How many streams a plan has; see the head of this file. */
export function streamCount(plan: LoadPlan): number {
  return plan.producers * plan.destinations.length
}

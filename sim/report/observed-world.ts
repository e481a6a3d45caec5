// A world as those who measure see it: the simulated one, or real processes. What happens in it
// they are told as watchers are (`sim/watcher.ts`); what it holds just now they ask for.

import type { ConsumerPlan, ProducerPlan } from '../plan/index.ts'
import type { SimTopology } from '../topologies.ts'
import type { Ledger } from '../workload/ledger.ts'

/** See the top of this file. */
export interface ObservedWorld {
  /** Time of the world, in milliseconds. */
  readonly nowMs: number
  /** When the network was at work: reports count from then. */
  readonly atWorkMs: number
  readonly topology: SimTopology
  readonly ledger: Ledger
  /** What each broker holds just now; of real processes, as last asked. */
  samples(): readonly BrokerSample[]
  /** Where a client of the plan is now: moves change it. */
  placeOf(client: ProducerPlan | ConsumerPlan): string
}

/** What one broker holds at a time. */
export interface BrokerSample {
  readonly broker: string
  /** False: all the rest is empty or zero. */
  readonly isUp: boolean
  /**
   * Messages in queues, subscriptions, channels of bridges and parking, with those that a consumer
   * has and has not acknowledged.
   */
  readonly waiting: number
  readonly waitingBytes: number
  readonly storeBytes: number
  /** Queues with something in this sense waiting, deepest first; at most ten. */
  readonly queues: readonly { readonly queue: string; readonly messages: number }[]
  /** Counters since the bridge was made. */
  readonly bridges: readonly BridgeSample[]
}

/** One end of a bridge at a time. */
export interface BridgeSample {
  readonly peer: string
  readonly messagesSent: number
  readonly bytesSent: number
}

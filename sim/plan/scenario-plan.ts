// A scenario as plain data: everything there is and everything that happens. A run is made of a
// plan and a seed and of nothing else. A plan survives JSON, so a failure can be kept as a file.

import type { BrokerLimits, DeliveryPolicy, WhenFull } from '../../src/broker/index.ts'
import type { BridgesLimits } from '../../src/network/index.ts'
import type { StompLimits } from '../../src/protocols/stomp/index.ts'
import type { SimBrokerSettings } from '../sim-broker.ts'
import type { SimTopology } from '../topologies.ts'
import type { Expectation } from './expectation.ts'
import type { LinkQuality } from './link-quality.ts'
import type { FaultSpan, TimelineStep } from './timeline.ts'
import type { ConsumerPlan, ProducerPlan } from './workload-plan.ts'

/** What one broker has otherwise than the others. */
export interface BrokerOverrides {
  readonly limits?: Partial<BrokerLimits>
  readonly stompLimits?: Partial<StompLimits>
  readonly bridges?: Partial<BridgesLimits>
  readonly hopsMax?: number
  readonly policies?: readonly DeliveryPolicy[]
  readonly whenFull?: WhenFull
  readonly whenStoreFull?: WhenFull
  /** Most bytes its store holds. */
  readonly storeBytesMax?: number
  /** True to keep messages in memory only, as `store: { kind: memory }` of a topology file does. */
  readonly isMemoryOnly?: boolean
  /** Not there from the start: a 'start' of the timeline brings it. */
  readonly isLate?: boolean
}

/** The network and its clients, before anything happens. */
export interface WorldPlan {
  readonly topology: SimTopology
  readonly settings: SimBrokerSettings
  /** By broker. */
  readonly overrides?: Readonly<Record<string, BrokerOverrides>>
  /** In the order of the topology's links. */
  readonly qualities: readonly Partial<LinkQuality>[]
  /** True to cut and join chunks at random, as networks do. */
  readonly isResplitting: boolean
  /** True to run events of one instant in the order they were scheduled; else drawn. */
  readonly isFifo?: boolean
  /**
   * Brokers start at times drawn from so many milliseconds, as processes do; all at once if left
   * out. Those that start together ping together, too, and notice whatever fails at the same time.
   */
  readonly startSpreadMs?: number
  readonly producers: readonly ProducerPlan[]
  readonly consumers: readonly ConsumerPlan[]
}

/** A whole scenario. */
export interface ScenarioPlan extends WorldPlan {
  readonly name: string
  /** One sentence for people. */
  readonly about: string
  readonly timeline: readonly TimelineStep[]
  /** How long it goes on after the last step. */
  readonly thenMs: number
  /**
   * How it ends: with everything healed and started, as a proof that all recovers, or as it is, as
   * an operator would find it.
   */
  readonly ending: 'heal' | 'as-is'
  /** True to begin a stable phase whenever all has been got over; else only 'settle' does. */
  readonly isAutoSettling?: boolean
  /** Longest time for everything to be delivered after the end; 120,000 if left out. */
  readonly drainMsMax?: number
  /** For reports; empty if nobody reads one. */
  readonly faults?: readonly FaultSpan[]
  readonly expectations?: readonly Expectation[]
}

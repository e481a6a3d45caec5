// What a scenario file says, read and checked, before it is made a plan: faults are still as people
// write them, so that the command line can add some and the whole can be written to a file again.

import type {
  BrokerOverrides,
  ConsumerPlan,
  Expectation,
  LinkQuality,
  ProducerPlan,
  ScenarioPlan
} from '../plan/index.ts'
import type { SimBrokerSettings } from '../sim-broker.ts'
import type { SimTopology } from '../topologies.ts'
import type { Fault } from './fault-text.ts'

/** Where the network of a rehearsal comes from, to be written to a scenario file again. */
export type TopologyOrigin =
  /** A topology file, by the path a scenario file beside the read one would name it with. */
  | { readonly kind: 'file'; readonly path: string }
  /** What stands under `topology`: a shape or a whole document. */
  | { readonly kind: 'inline'; readonly value: unknown }

/** See the top of this file. */
export interface Rehearsal {
  readonly name: string
  readonly about: string
  readonly seed: string
  readonly origin: TopologyOrigin
  readonly topology: SimTopology
  readonly settings: SimBrokerSettings
  /** What the topology file says of single brokers. */
  readonly fileOverrides: Readonly<Record<string, BrokerOverrides>>
  /** What the scenario says of them. */
  readonly overrides: Readonly<Record<string, BrokerOverrides>>
  /** Of every link without one of its own. */
  readonly defaultQuality: Partial<LinkQuality>
  /** By link, written 'a:b' in either order. */
  readonly qualities: ReadonlyMap<string, Partial<LinkQuality>>
  readonly groups: ReadonlyMap<string, readonly string[]>
  /** Both empty: the workload that every network gets is used. */
  readonly producers: readonly ProducerPlan[]
  readonly consumers: readonly ConsumerPlan[]
  /** Messages a second of the workload that every network gets. */
  readonly ratePerSecond: number
  readonly faults: readonly Fault[]
  /** Undefined: half a minute, or longer if the faults take longer. */
  readonly durationMs: number | undefined
  readonly ending: ScenarioPlan['ending']
  readonly drainMsMax: number
  /** Undefined: nothing is lost, nothing comes twice unmarked. */
  readonly expectations: readonly Expectation[] | undefined
}

/** How long a rehearsal is without a word about it, and after its last fault. */
const durationMsDefault = 30_000
const afterFaultsMs = 20_000

/** How long producers send. */
export function durationOf({ durationMs, faults }: Rehearsal): number {
  if (durationMs !== undefined) return durationMs
  const ends = faults.map(({ fromMs, toMs }) => toMs ?? fromMs)
  return Math.max(durationMsDefault, Math.max(0, ...ends) + afterFaultsMs)
}

// What the benchmark measures: each scenario with its targets. Plain data; the runners beside this
// file give it life. Invariant: a scenario means the same load on every target it is run on.

import type { AckMode } from '../load-client/load-plan.ts'
import type { TargetName } from '../targets/target.ts'
import type { Figures } from './figure.ts'

interface ScenarioBase {
  readonly name: string
  /** One line for --list and the report. */
  readonly summary: string
  readonly targets: readonly TargetName[]
}

/** Messages from producers to consumers. */
export interface LoadScenario extends ScenarioBase {
  readonly kind: 'load'
  /** Length of the chain; producers at its first broker, consumers at its last. */
  readonly brokers: number
  readonly destinationKind: 'queue' | 'topic'
  readonly destinations: number
  readonly producers: number
  readonly consumers: number
  /** 0 for as fast as accepted; then throughput is measured, else latency. */
  readonly ratePerSecond: number
  /** Load before the measurement, at least: so slow a rate takes long to be compiled for. */
  readonly warmUpSecondsMin?: number
  readonly receiptWindow: number
  readonly ackMode: AckMode
  /** Persistent messages, and brokers that keep them on disk. */
  readonly isOnDisk?: boolean
}

/** Connections that do nothing. */
export interface IdleScenario extends ScenarioBase {
  readonly kind: 'idle'
  readonly connections: number
}

/** From spawn to the first CONNECTED. */
export interface StartScenario extends ScenarioBase {
  readonly kind: 'start'
}

/** One thing to measure. */
export type Scenario = LoadScenario | IdleScenario | StartScenario

/** What the user may set for all scenarios. */
export interface RunSettings {
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly bodyBytes: number
  readonly persistent: boolean
}

/** What one run of one scenario yielded. */
export interface RunOutcome {
  readonly figures: Figures
  /** Why the run does not count, such as lost messages; undefined when it does. */
  readonly fault: string | undefined
  /** What the reader should know though the run counts. */
  readonly notes: readonly string[]
  /** The broker's name and version as it told clients, or ''. */
  readonly server: string
}

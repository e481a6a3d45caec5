// Small worlds for tests: one or two producers and consumers on a given topology, default bounds,
// and a course of events of the test's own.

import type { ExecutionContext } from 'ava'
import type { ConsumerPlan, ProducerPlan, ScenarioPlan } from '../../sim/plan/index.ts'
import { type RunOptions, type RunResult, runPlan } from '../../sim/run-scenario.ts'
import type { SimBrokerSettings } from '../../sim/sim-broker.ts'
import type { SimTopology } from '../../sim/topologies.ts'
import type { SimWorld } from '../../sim/world.ts'
import { defaultBrokerLimits } from '../../src/broker/index.ts'
import { bridgesLimitsDefault, defaultParkingLimits } from '../../src/network/index.ts'

/** Default bounds, quick to reconnect. */
export const plainSettings: SimBrokerSettings = {
  limits: defaultBrokerLimits,
  network: {
    bridges: bridgesLimitsDefault,
    parking: defaultParkingLimits,
    hopsMax: 32,
    repairMs: 30_000
  },
  turnUsMax: 200,
  keepsId: true,
  reconnect: {
    reconnectDelayMsInitial: 100,
    reconnectDelayMsMax: 1_000,
    reconnectBackOffMultiplier: 2
  }
}

/** Room for four messages in each part of a channel between brokers. */
export const narrowSettings: SimBrokerSettings = {
  ...plainSettings,
  network: {
    ...plainSettings.network,
    bridges: {
      ...bridgesLimitsDefault,
      window: { ...bridgesLimitsDefault.window, messagesMax: 4 },
      outbox: { ...bridgesLimitsDefault.outbox, messagesMax: 4 }
    }
  }
}

/** A producer of 50 small messages a second. */
export function aProducer(plan: Partial<ProducerPlan> & Pick<ProducerPlan, 'at'>): ProducerPlan {
  return {
    name: 'p',
    destination: '/topic/t',
    everyMs: 20,
    bodyBytes: 50,
    isPersistent: false,
    receiptEvery: 1,
    version: '1.2',
    ...plan
  }
}

/** A consumer that acknowledges each message after a millisecond or so. */
export function aConsumer(plan: Partial<ConsumerPlan> & Pick<ConsumerPlan, 'at'>): ConsumerPlan {
  return {
    name: 'c',
    destination: '/topic/t',
    ack: 'client-individual',
    prefetch: 100,
    workMs: 1,
    version: '1.2',
    ...plan
  }
}

/** What a small world is made of. */
export interface SmallWorld {
  readonly topology: SimTopology
  readonly producers?: readonly ProducerPlan[]
  readonly consumers?: readonly ConsumerPlan[]
  readonly settings?: SimBrokerSettings
  /** One way, the same for all links; local if left out. */
  readonly latencyMs?: number
  /** Instead, in the order of the links. */
  readonly qualities?: ScenarioPlan['qualities']
  /** What happens; by default two seconds of work, then the end. */
  readonly play?: (world: SimWorld, plan: ScenarioPlan) => void
  readonly sabotage?: RunOptions['sabotage']
  readonly seed?: number
  /** More of the plan: overrides, ending and so on. */
  readonly plan?: Partial<ScenarioPlan>
  readonly watch?: RunOptions['watch']
}

/** Runs a small world. */
export function runSmall(small: SmallWorld): RunResult {
  const { topology, producers = [], consumers = [], play = workForAWhile } = small
  const { settings = plainSettings, latencyMs, seed = 1, sabotage } = small
  const quality = latencyMs === undefined ? {} : { latencyMs }
  const plan: ScenarioPlan = {
    name: 'small',
    about: 'a test',
    ...{ topology, producers, consumers, settings },
    qualities: small.qualities ?? topology.links.map(() => quality),
    isResplitting: true,
    timeline: [],
    thenMs: 0,
    ending: 'heal',
    ...small.plan
  }
  const { watch } = small
  return runPlan({
    ...{ plan, seed, play },
    ...(sabotage === undefined ? {} : { sabotage }),
    ...(watch === undefined ? {} : { watch })
  })
}

/** Starts everything and waits until it is at work. */
export function startSmall(world: SimWorld, plan: ScenarioPlan): void {
  world.faults.startAll()
  for (const consumer of plan.consumers) world.addConsumer(consumer)
  world.settle()
  for (const producer of plan.producers) world.addProducer(producer)
}

/** Asserts that no judge complained. */
export function assertGood(t: ExecutionContext, result: RunResult): void {
  t.deepEqual([...result.complaints], [], `${result.plan.name} seed ${result.seed}`)
}

/** Asserts that a judge complained, first of all, of what a pattern describes. */
export function assertComplaint(t: ExecutionContext, result: RunResult, pattern: RegExp): void {
  t.regex(result.complaints[0] ?? 'nobody complained', pattern)
}

function workForAWhile(world: SimWorld, plan: ScenarioPlan): void {
  startSmall(world, plan)
  world.runFor(2_000)
  world.finish()
}

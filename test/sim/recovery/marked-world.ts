// Small worlds that are to lead into certain recovery branches: no judge may complain, and the
// branches must have been taken.

import type { ExecutionContext } from 'ava'
import type { RunResult } from '../../../sim/run-scenario.ts'
import type { SimBrokerSettings, SimNetworkSettings } from '../../../sim/sim-broker.ts'
import { marksHit, type RecoveryMark, resetMarks } from '../../../src/base/index.ts'
import type { BrokerLimits } from '../../../src/broker/index.ts'
import { assertGood, plainSettings, runSmall, type SmallWorld } from '../small-world.ts'

/** Runs a world for each seed; all of them together must take the branches, and none may fail. */
export function runMarked(
  t: ExecutionContext,
  small: SmallWorld,
  marks: readonly RecoveryMark[],
  seeds: readonly number[] = [1]
): readonly RunResult[] {
  resetMarks()
  const results = seeds.map((seed) => runSmall({ ...small, seed }))
  for (const result of results) assertGood(t, result)
  const hit = new Set(marksHit().map(([name]) => name))
  t.deepEqual(
    marks.filter((name) => !hit.has(name)),
    [],
    'branches not taken'
  )
  return results
}

/** Plain settings with other limits of the broker's core. */
export function withLimits(limits: Partial<BrokerLimits>): SimBrokerSettings {
  return { ...plainSettings, limits: { ...plainSettings.limits, ...limits } }
}

/** Plain settings with another network part. */
export function withNetwork(network: Partial<SimNetworkSettings>): SimBrokerSettings {
  return { ...plainSettings, network: { ...plainSettings.network, ...network } }
}

/** How many messages brokers of that world have given up for a reason. */
export function givenUp({ world }: RunResult, reason: string): number {
  let sum = 0
  for (const broker of world.upBrokers()) {
    for (const [why, count] of broker.running.broker.notDelivered.entries()) {
      if (why === reason) sum += count
    }
  }
  return sum
}

// What of a plan real brokers cannot do. It is found before anything starts: a run that leaves out
// what it cannot do would prove nothing.

import { type BrokerLimits, defaultBrokerLimits } from '../../src/broker/index.ts'
import {
  type BridgesLimits,
  bridgesLimitsDefault,
  defaultParkingLimits
} from '../../src/network/index.ts'
import { defaultStompLimits, type StompLimits } from '../../src/protocols/stomp/index.ts'
import type { ScenarioPlan } from '../plan/index.ts'
import { bridgeFrameExtraBytes, settingsOf } from './broker-document.ts'

const faultyDisk = 'a disk that fails or is slow takes a device of its own'
const ownData = 'a real run leaves the data directories of its brokers alone'

/** What an ordinary user cannot do to a machine, and why. */
const impossible: ReadonlyMap<string, string> = new Map([
  ['clock-step', 'the clock of this machine belongs to all its programs'],
  ['disk-full', 'a full disk takes a file system of its own'],
  ['disk-ok', 'a full disk takes a file system of its own'],
  ['disk-error', faultyDisk],
  ['disk-slow', faultyDisk],
  ['disk-loss', ownData],
  ['disk-copy', ownData],
  ['disk-restore', ownData],
  ['roll-back', ownData],
  ['clone', 'a real run has one process for each broker'],
  ['clone-end', 'a real run has one process for each broker'],
  ['kill-at', 'from outside nobody can tell when a process comes to a step'],
  ['stall-client', 'clients of a real run are always awake'],
  ['wake-client', 'clients of a real run are always awake'],
  ['misspeak', 'clients of a real run keep to the rules']
])

/** Why an event cannot happen to real brokers; undefined if it can. */
export function whyNotReal(kind: string): string | undefined {
  return impossible.get(kind)
}

/** Bounds that a topology file does not set: brokers have these and no others. */
const fixedLimits: readonly (keyof BrokerLimits)[] = ['demandBacklogMessagesMax', 'refusalsMax']
const fixedStompLimits: readonly (keyof StompLimits)[] = ['outputQueuedBytesMax']
const fixedBridges: readonly (keyof BridgesLimits)[] = [
  'greetingsMax',
  'pairsMax',
  'window',
  'outbox',
  'inDoubtHoldMs'
]

/** What stands in the way of a real run, one sentence each; empty if nothing does. */
export function findRefusals(plan: ScenarioPlan): string[] {
  return [...stepRefusals(plan), ...settingRefusals(plan)]
}

function stepRefusals({ timeline }: ScenarioPlan): string[] {
  let atMs = 0
  return timeline.flatMap(({ afterMs, event }, index) => {
    atMs += afterMs
    const why = impossible.get(event.kind)
    if (why === undefined) return []
    const step = `step ${index + 1} of the timeline, ${event.kind} at ${atMs} ms,`
    return [`${step} cannot be made on a real machine: ${why}; run it simulated`]
  })
}

function settingRefusals(plan: ScenarioPlan): string[] {
  const texts = new Set<string>()
  const { parking } = plan.settings.network
  if (isOther(parking, defaultParkingLimits)) texts.add(unsayable('parking', parking))
  for (const name of plan.topology.brokers) {
    const { limits, stompLimits, bridges, storeBytesMax } = settingsOf(plan, name)
    if (storeBytesMax !== undefined) texts.add(unsayable('storeBytesMax', storeBytesMax))
    for (const key of fixedLimits) {
      if (limits[key] !== defaultBrokerLimits[key]) texts.add(unsayable(key, limits[key]))
    }
    for (const key of fixedStompLimits) {
      if (stompLimits[key] !== defaultStompLimits[key]) texts.add(unsayable(key, stompLimits[key]))
    }
    for (const key of fixedBridges) {
      const value = bridges[key]
      if (isOther(value, bridgesLimitsDefault[key])) texts.add(unsayable(`bridge.${key}`, value))
    }
    // A topology file gives the one with the other.
    if (bridges.frameBytesMax !== stompLimits.frameBytesMax + bridgeFrameExtraBytes) {
      texts.add(unsayable('bridge.frameBytesMax', bridges.frameBytesMax))
    }
  }
  return [...texts]
}

function unsayable(name: string, value: unknown): string {
  const shown = JSON.stringify(value)
  return `${name} is ${shown}, which no topology file can say; leave it out, or run it simulated`
}

function isOther(value: unknown, usual: unknown): boolean {
  return JSON.stringify(value) !== JSON.stringify(usual)
}

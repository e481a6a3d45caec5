// Where a real run meets those who make its report. A recorder watches the run and is asked for the
// report when it is over; the one made here knows what the ledger knows, and no more.

import type { ScenarioPlan } from '../plan/index.ts'
import type { ObservedWorld } from '../report/observed-world.ts'
import type { DestinationReport, Fates, Report } from '../report/report.ts'
import type { Watcher } from '../watcher.ts'
import type { Excuse, MessageRecord } from '../workload/ledger.ts'

/** What is known of a run when it is over. */
export interface RunFacts {
  readonly seed: string
  readonly traceHash: string
  readonly realMs: number
  readonly events: number
  readonly mode: 'simulated' | 'real'
  readonly complaints: readonly string[]
}

/** Watches a run and reports on it. */
export interface Recorder extends Watcher {
  finish(facts: RunFacts): Report
}

/** Makes a recorder for a run that is about to begin. */
export type MakeRecorder = (world: ObservedWorld, plan: ScenarioPlan) => Recorder

type FateName = keyof Fates

const fateOfExcuse: ReadonlyMap<string, FateName> = new Map([
  ['died-with-broker', 'diedWithBroker'],
  ['given-up', 'givenUp'],
  ['subscriber-left', 'subscriberLeft'],
  ['not-known-yet', 'subscriberLeft'],
  ['expired', 'expired']
])

/** A recorder that counts fates by destination and measures nothing. */
export const countingRecorder: MakeRecorder = (world, plan) => ({
  finish: (facts) => ({
    ...facts,
    scenario: plan.name,
    about: plan.about,
    topology: plan.topology.name,
    runMs: world.nowMs - world.atWorkMs,
    endedMs: world.nowMs - world.atWorkMs,
    brokers: [],
    bridges: [],
    destinations: destinationsOf(world),
    faults: [],
    series: {
      ...{ atMs: [], accepted: [], delivered: [], latencyP50Ms: [], latencyMaxMs: [] },
      ...{ backlog: {}, bridgeBytes: [] }
    },
    expectations: []
  })
})

function destinationsOf({ ledger }: ObservedWorld): DestinationReport[] {
  const records = new Map<string, MessageRecord[]>()
  for (const record of ledger.all()) {
    const name = `/${record.kind}/${record.destination}`
    const known = records.get(name)
    if (known === undefined) records.set(name, [record])
    else known.push(record)
  }
  return [...records].map(([destination, list]) => ({
    destination,
    accepted: list.length,
    deliveries: list.reduce((sum, { deliveries }) => sum + deliveries, 0),
    fates: fatesOf(list),
    reasons: [],
    duplicates: 0,
    unmarkedDuplicates: 0,
    outOfOrder: 0,
    latencyMs: { count: 0, p50: 0, p99: 0, max: 0 },
    longestGapMs: 0
  }))
}

function fatesOf(records: readonly MessageRecord[]): Fates {
  const fates: Record<FateName, number> = {
    ...{ delivered: 0, late: 0, waiting: 0, expired: 0, deadLettered: 0 },
    ...{ givenUp: 0, diedWithBroker: 0, subscriberLeft: 0, lost: 0 }
  }
  const count = (isDelivered: boolean, excuse: Excuse | undefined): void => {
    const fate = fateOfExcuse.get(excuse?.kind ?? '') ?? 'lost'
    fates[isDelivered ? 'delivered' : fate] += 1
  }
  for (const { kind, deliveries, excuse, expected } of records) {
    if (kind === 'queue') count(deliveries > 0, excuse)
    else for (const { copies, excuse: why } of expected.values()) count(copies > 0, why)
  }
  return fates
}

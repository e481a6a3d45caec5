// Small reports made by hand, for what shows or judges them.

import type {
  BridgeReport,
  BrokerReport,
  DestinationReport,
  Fates,
  FaultReport,
  Report
} from '../../../sim/report/report.ts'

/** Nothing happened to no message. */
export const noFates: Fates = {
  ...{ delivered: 0, late: 0, waiting: 0, expired: 0, deadLettered: 0 },
  ...{ givenUp: 0, diedWithBroker: 0, subscriberLeft: 0, lost: 0 }
}

/** A report of nothing but what is given. */
export function aReport(report: Partial<Report> = {}): Report {
  return {
    scenario: 'hub-dies',
    about: 'A hub is killed.',
    topology: 'two-hubs',
    mode: 'simulated',
    seed: '7',
    traceHash: 'abc',
    runMs: 60_000,
    realMs: 500,
    events: 12_345,
    endedMs: 50_000,
    brokers: [],
    bridges: [],
    destinations: [],
    faults: [],
    series: {
      ...{ atMs: [], accepted: [], delivered: [], latencyP50Ms: [], latencyMaxMs: [] },
      ...{ backlog: {}, bridgeBytes: [] }
    },
    expectations: [],
    complaints: [],
    ...report
  }
}

/** A destination that got what it was sent. */
export function aDestination(
  destination: string,
  accepted: number,
  facts: Partial<DestinationReport> = {}
): DestinationReport {
  return {
    ...{ destination, accepted, deliveries: accepted, reasons: [] },
    fates: { ...noFates, delivered: accepted },
    ...{ duplicates: 0, unmarkedDuplicates: 0, outOfOrder: 0 },
    latencyMs: { count: accepted, p50: 12.34, p99: 250, max: 1_250 },
    longestGapMs: 340,
    ...facts
  }
}

/** A broker that did nothing. */
export function aBroker(broker: string, facts: Partial<BrokerReport> = {}): BrokerReport {
  return {
    ...{ broker, accepted: 0, delivered: 0, peakBacklog: 0, peakBacklogAtMs: 0 },
    ...{ peakBacklogBytes: 0, peakStoreBytes: 0, waiting: 0, waitingIn: [], downMs: 0 },
    ...facts
  }
}

/** A bridge over which nothing went. */
export function aBridge(a: string, b: string, facts: Partial<BridgeReport> = {}): BridgeReport {
  return {
    ...{ a, b, cost: 1, messagesToA: 0, messagesToB: 0, bytesToA: 0, bytesToB: 0 },
    ...{ downMs: 0, bridgesMade: 1 },
    ...facts
  }
}

/** A fault of ten seconds that nobody noticed. */
export function aFault(text: string, facts: Partial<FaultReport> = {}): FaultReport {
  return {
    ...{ text, fromMs: 10_000, toMs: 20_000, brokers: [] },
    ...{ detectMs: undefined, rerouteMs: undefined, recoverMs: 0 },
    ...facts
  }
}

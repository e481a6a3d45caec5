// Reports for tests of the page: an everyday one, as two-hubs comes to when its hub dies, and one
// with everything large, long, missing or odd.

import type {
  BridgeReport,
  BrokerReport,
  DestinationReport,
  Fates,
  FaultReport,
  Report,
  ReportSeries
} from '../../../sim/report/report.ts'

const noFates: Fates = {
  delivered: 0,
  late: 0,
  waiting: 0,
  expired: 0,
  deadLettered: 0,
  givenUp: 0,
  diedWithBroker: 0,
  subscriberLeft: 0,
  lost: 0
}

/** A broker at rest, but for what is given. */
export function aBroker(broker: string, given: Partial<BrokerReport> = {}): BrokerReport {
  return {
    broker,
    accepted: 0,
    delivered: 0,
    peakBacklog: 0,
    peakBacklogAtMs: 0,
    peakBacklogBytes: 0,
    peakStoreBytes: 0,
    waiting: 0,
    waitingIn: [],
    downMs: 0,
    ...given
  }
}

/** A bridge that carried nothing, but for what is given. */
export function aBridge(a: string, b: string, given: Partial<BridgeReport> = {}): BridgeReport {
  return {
    a,
    b,
    cost: 1,
    messagesToA: 0,
    messagesToB: 0,
    bytesToA: 0,
    bytesToB: 0,
    downMs: 0,
    bridgesMade: 1,
    ...given
  }
}

/** A destination nobody used, but for what is given. */
export function aDestination(
  destination: string,
  { fates, ...given }: Partial<Omit<DestinationReport, 'fates'>> & { fates?: Partial<Fates> } = {}
): DestinationReport {
  return {
    destination,
    accepted: 0,
    deliveries: 0,
    fates: { ...noFates, ...fates },
    reasons: [],
    duplicates: 0,
    unmarkedDuplicates: 0,
    outOfOrder: 0,
    latencyMs: { count: 0, p50: 0, p99: 0, max: 0 },
    longestGapMs: 0,
    ...given
  }
}

/** A fault of one broker. */
export function aFault(text: string, given: Partial<FaultReport> = {}): FaultReport {
  return {
    text,
    fromMs: 10_000,
    toMs: 20_000,
    brokers: [],
    detectMs: undefined,
    rerouteMs: undefined,
    recoverMs: undefined,
    ...given
  }
}

/** A report of nothing at all, but for what is given. */
export function aReport(given: Partial<Report> = {}): Report {
  return {
    scenario: 'nothing',
    about: '',
    topology: 'none',
    mode: 'simulated',
    seed: '1',
    traceHash: '',
    runMs: 0,
    realMs: 0,
    events: 0,
    endedMs: 0,
    brokers: [],
    bridges: [],
    destinations: [],
    faults: [],
    series: noSeries,
    expectations: [],
    complaints: [],
    ...given
  }
}

const noSeries: ReportSeries = {
  atMs: [],
  accepted: [],
  delivered: [],
  latencyP50Ms: [],
  latencyMaxMs: [],
  backlog: {},
  bridgeBytes: []
}

const spokes = ['spoke-1', 'spoke-2', 'spoke-3', 'spoke-4']
const seconds = (from: number, to: number) => (at: number) => at >= from && at < to

/** Six brokers, a hub that dies, a bridge that is cut, and 300 samples. */
export function aHubDies(given: Partial<Report> = {}): Report {
  return aReport({
    scenario: 'hub-dies',
    about: 'hub-1 is killed for thirty seconds while orders and prices flow between all sites.',
    topology: 'two-hubs',
    seed: '7',
    traceHash: '9f86d081884c7d65',
    runMs: 120_000,
    realMs: 96,
    events: 412_889,
    endedMs: 110_000,
    brokers: twoHubsBrokers(),
    bridges: twoHubsBridges(),
    destinations: twoHubsDestinations(),
    faults: [
      aFault('kill hub-1', {
        fromMs: 20_000,
        toMs: 50_000,
        brokers: ['hub-1'],
        detectMs: 12,
        rerouteMs: 380,
        recoverMs: 2_400
      }),
      aFault('cut spoke-3 hub-2', {
        fromMs: 70_000,
        toMs: 85_000,
        brokers: ['spoke-3', 'hub-2'],
        detectMs: 3_100,
        rerouteMs: 3_350,
        recoverMs: 0
      })
    ],
    series: twoHubsSeries(300, 120_000),
    expectations: [
      { text: 'lost is at most 0', isMet: true, actual: 0, where: 'hub-dies.yaml:31:5' },
      {
        text: 'recover is at most 2.0 s',
        unit: 'ms',
        isMet: false,
        actual: 2_400,
        where: 'hub-dies.yaml:32:5'
      },
      { text: 'unmarked-duplicates is at most 0', isMet: true, actual: 0, where: undefined }
    ],
    ...given
  })
}

function twoHubsBrokers(): BrokerReport[] {
  return [
    aBroker('hub-1', {
      peakBacklog: 38,
      peakBacklogAtMs: 19_800,
      peakBacklogBytes: 41_000,
      downMs: 30_000
    }),
    aBroker('hub-2', {
      peakBacklog: 1_204,
      peakBacklogAtMs: 51_200,
      peakBacklogBytes: 1_318_912,
      peakStoreBytes: 2_400_000
    }),
    ...spokes.map((spoke, at) =>
      aBroker(spoke, {
        accepted: 12_000 + 311 * at,
        delivered: 14_020 - 205 * at,
        peakBacklog: at === 2 ? 96 : 7 * at,
        peakBacklogAtMs: 73_000 + at,
        peakBacklogBytes: 9_000 * at,
        waiting: at === 3 ? 14 : 0,
        waitingIn: at === 3 ? [{ queue: 'orders', messages: 14 }] : []
      })
    )
  ]
}

function twoHubsBridges(): BridgeReport[] {
  const used = (scale: number, given: Partial<BridgeReport> = {}): Partial<BridgeReport> => ({
    messagesToA: 4_300 * scale,
    messagesToB: 3_900 * scale,
    bytesToA: 4_710_000 * scale,
    bytesToB: 4_180_000 * scale,
    ...given
  })
  const broken = { downMs: 31_200, bridgesMade: 2 }
  return [
    aBridge('hub-1', 'hub-2', used(0.3, broken)),
    ...spokes.map((spoke, at) => aBridge('hub-1', spoke, used(1 + at / 4, broken))),
    ...spokes.map((spoke, at) =>
      aBridge('hub-2', spoke, used(2 - at / 3, at === 2 ? { downMs: 15_000, bridgesMade: 2 } : {}))
    )
  ]
}

function twoHubsDestinations(): DestinationReport[] {
  return [
    aDestination('/queue/orders', {
      accepted: 23_980,
      deliveries: 23_902,
      fates: { delivered: 23_900, late: 412, waiting: 14, diedWithBroker: 66 },
      duplicates: 2,
      outOfOrder: 12,
      latencyMs: { count: 23_900, p50: 4.2, p99: 840, max: 31_900 },
      longestGapMs: 410
    }),
    aDestination('/topic/prices.gold', {
      accepted: 19_886,
      deliveries: 39_530,
      fates: { delivered: 39_530, late: 120, givenUp: 31, subscriberLeft: 210, expired: 1 },
      reasons: [
        { reason: 'no-route', count: 29 },
        { reason: 'hop-limit', count: 2 }
      ],
      latencyMs: { count: 39_530, p50: 3.1, p99: 95, max: 4_020 },
      longestGapMs: 390
    }),
    aDestination('/queue/audit', {
      accepted: 6_000,
      deliveries: 6_000,
      fates: { delivered: 6_000, late: 9 },
      latencyMs: { count: 6_000, p50: 2.4, p99: 11, max: 1_380 },
      longestGapMs: 380
    })
  ]
}

/** A wave that is the same at every run and not the same at every sample. */
function ripple(at: number): number {
  return Math.sin(at * 12.9898) * 0.5 + Math.sin(at * 0.7) * 0.5
}

function twoHubsSeries(samples: number, runMs: number): ReportSeries {
  const atMs = Array.from({ length: samples }, (_, at) => ((at + 1) * runMs) / samples)
  const series = (value: (second: number) => number): number[] =>
    atMs.map((ms) => Math.max(0, Math.round(value(ms / 1_000))))
  const isDead = seconds(20, 20.8)
  const isBack = seconds(50, 52.4)
  const isCut = seconds(70, 73.4)
  const isOver = seconds(110, 121)
  return {
    atMs,
    accepted: series((at) => (isOver(at) ? 0 : 415 + 12 * ripple(at))),
    delivered: series((at) => {
      if (isOver(at)) return 0
      const usual = 580 + 20 * ripple(at)
      return isDead(at) ? usual * 0.2 : isBack(at) ? usual * 1.7 : isCut(at) ? usual * 0.8 : usual
    }),
    latencyP50Ms: atMs.map((ms) => (isOver(ms / 1_000) ? null : 3.4 + ripple(ms / 1_000))),
    latencyMaxMs: atMs.map((ms) => {
      const at = ms / 1_000
      if (isOver(at)) return null
      return isBack(at) ? 31_900 - 100 * at : isDead(at) || isCut(at) ? 2_100 : 18 + 9 * ripple(at)
    }),
    backlog: {
      'hub-1': series((at) => (at < 20 ? 20 + 12 * ripple(at) : 0)),
      'hub-2': series((at) => (at > 20 && at < 52.4 ? Math.min(1_204, 41 * (at - 20)) : 4)),
      'spoke-1': series((at) => 3 + 3 * ripple(at)),
      'spoke-2': series((at) => 4 + 3 * ripple(at + 1)),
      'spoke-3': series((at) => (isCut(at) ? 96 : 3)),
      'spoke-4': series((at) => (at > 100 ? 14 : 5))
    },
    bridgeBytes: series((at) => (isOver(at) ? 1_200 : 620_000 + 30_000 * ripple(at)))
  }
}

/** 200 brokers, 600 bridges, 40 destinations, 30 faults, long names, and missing figures. */
export function anExtremeReport(): Report {
  const names = Array.from({ length: 200 }, (_, at) =>
    at % 50 === 0
      ? `a-broker-with-a-name-that-goes-on-and-on-in-a-data-centre-far-away-${at}`
      : `b${at}`
  )
  const missing = Number.NaN
  return aReport({
    scenario: 'everything-everywhere-<script>alert(1)</script>',
    about: `"Quotes", 'apostrophes', </script><!-- and & signs. ${'Long. '.repeat(40)}`,
    topology: 'a'.repeat(120),
    seed: '18446744073709551615',
    runMs: 7_200_000,
    realMs: missing,
    brokers: names.map((name, at) =>
      aBroker(name, { accepted: at, peakBacklog: (at * at) % 9_973 })
    ),
    bridges: Array.from({ length: 600 }, (_, at) => {
      const a = at % 200
      const b = at < 200 ? (a * 7 + 1) % 4 : (a + 1 + Math.floor(at / 200) * 17) % 200
      return aBridge(names[a]!, names[b === a ? (a + 1) % 200 : b]!, {
        messagesToA: at * 991,
        bytesToB: at * 1_000_003,
        downMs: at % 90 === 0 ? 4_000 : 0
      })
    }),
    destinations: Array.from({ length: 40 }, (_, at) =>
      aDestination(`/queue/${'very-long-destination.'.repeat(at % 8)}${at}`, {
        accepted: at === 0 ? 0 : 10 ** (at % 10),
        latencyMs: { count: 0, p50: missing, p99: missing, max: missing }
      })
    ),
    faults: Array.from({ length: 30 }, (_, at) =>
      aFault(`kill ${names[at * 3]}`, {
        fromMs: at * 200_000,
        toMs: at % 3 === 0 ? undefined : at * 200_000 + 90_000,
        brokers: [names[at * 3]!],
        ...(at % 2 === 0 ? { detectMs: 3_000, recoverMs: 100_000 } : {})
      })
    ),
    series: extremeSeries(names),
    expectations: [{ text: 'delivered is at least 1', isMet: false, actual: undefined, where: '' }],
    complaints: Array.from(
      { length: 25 },
      (_, at) => `no-stuck: message ${at} of /queue/${'x'.repeat(200)} waits at ${names[at]}`
    )
  })
}

function extremeSeries(names: readonly string[]): ReportSeries {
  const atMs = Array.from({ length: 720 }, (_, at) => (at + 1) * 10_000)
  const zeros = atMs.map(() => 0)
  const nothing = atMs.map(() => null)
  return {
    atMs,
    accepted: zeros.map((_, at) => (at % 7) * 1_234_567),
    delivered: zeros,
    latencyP50Ms: nothing,
    latencyMaxMs: nothing.map((_, at) => (at % 9 === 0 ? 3_600_000 : null)),
    backlog: Object.fromEntries(
      names.map((name, at) => [name, zeros.map((_, s) => (s * at) % 997)])
    ),
    bridgeBytes: zeros
  }
}

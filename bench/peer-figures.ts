// What other brokers reached with the same scenarios, for orientation. They come from another run,
// on a 2-core machine of its own (24 GiB, Debian 12, kernel 6.18, AMD EPYC), loopback, 1 KiB
// bodies, with one client written in C for all of them; one to three runs of 3-5 s each, good to
// about 20 %. They must be compared as ratios only, which is why that run's own bare relay stands
// among them.

import type { FigureName } from './scenarios/figure.ts'

/** The brokers measured, with versions: Debian's packages in minimal fair configuration. */
export type PeerName =
  | 'ActiveMQ Classic 5.17.2 STOMP'
  | 'ActiveMQ Classic 5.17.2 MQTT'
  | 'RabbitMQ 3.10.8 STOMP'
  | 'RabbitMQ 3.10.8 MQTT'
  | 'Mosquitto 2.0.11 MQTT'
  | 'NATS 2.9.10 MQTT'
  | 'bare relay'
  | 'ActiveMQ Classic 5.17.2 static network'
  | 'RabbitMQ 3.10.8 federation'
  | 'RabbitMQ 3.10.8 shovel'
  | 'Mosquitto 2.0.11 bridge'
  | 'NATS 2.9.10 leaf node'
  | 'NATS 2.9.10 route'

/** One row of the other run. */
export interface PeerRow {
  readonly scenario: string
  readonly persistent: boolean
  readonly figure: FigureName
  /** The load of that run, where it was not quite ours. */
  readonly load: string
  readonly values: ReadonlyMap<PeerName, number>
}

const oneBroker: readonly PeerName[] = [
  'ActiveMQ Classic 5.17.2 STOMP',
  'ActiveMQ Classic 5.17.2 MQTT',
  'RabbitMQ 3.10.8 STOMP',
  'RabbitMQ 3.10.8 MQTT',
  'Mosquitto 2.0.11 MQTT',
  'NATS 2.9.10 MQTT',
  'bare relay'
]

const network: readonly PeerName[] = [
  'ActiveMQ Classic 5.17.2 static network',
  'RabbitMQ 3.10.8 federation',
  'RabbitMQ 3.10.8 shovel',
  'Mosquitto 2.0.11 bridge',
  'NATS 2.9.10 leaf node',
  'NATS 2.9.10 route'
]

type Values = ReadonlyArray<number | undefined>

function row(
  scenario: string,
  figure: FigureName,
  values: Values,
  options: { persistent?: boolean; load?: string; peers?: readonly PeerName[] } = {}
): PeerRow {
  const peers = options.peers ?? (values.length === oneBroker.length ? oneBroker : network)
  const known = new Map<PeerName, number>()
  values.forEach((value, index) => {
    if (value !== undefined) known.set(peers[index]!, value)
  })
  return {
    scenario,
    persistent: options.persistent ?? false,
    figure,
    load: options.load ?? '',
    values: known
  }
}

const none = undefined
const persistent = { persistent: true }
const notHeldBack = { load: 'producer not held back' }
const heldBack = { load: 'producer held back' }
const window100 = { persistent: true, load: 'the consumer acknowledges' }

/** All rows. Columns follow `oneBroker` (seven) or `network` (six). */
export const peerRows: readonly PeerRow[] = [
  row('queue', 'receivedPerSecond', [34e3, 30e3, 41e3, 35e3, 84e3, 359e3, 679e3], notHeldBack),
  row('queue', 'cpuSecondsPer100k.a', [4.0, 1.1, 2.7, 3.3, 1.2, 0.4, 0.1], heldBack),
  row('receipts', 'receivedPerSecond', [2.4e3, 85e3, 24e3, 20e3, 57e3, 41e3, none], window100),
  row('topic-10', 'receivedPerSecond', [108e3, 170e3, 56e3, 75e3, 142e3, 674e3, 1647e3]),
  row('queues-100', 'receivedPerSecond', [15e3, 99e3, 61e3, 36e3, 91e3, 331e3, 487e3]),
  row('latency-1', 'p50Ms', [0.16, 0.09, 0.11, 0.1, 0.07, 0.08, 0.05]),
  row('latency-1', 'p99Ms', [3.5, 4.1, 0.3, 0.6, 0.4, 0.3, 0.7]),
  row('latency-1', 'p50Ms', [0.18, 0.09, 0.17, 0.17, 0.06, 0.12, none], persistent),
  row('latency-1', 'p99Ms', [9.0, 2.3, 1.5, 0.5, 0.3, 0.6, none], persistent),
  row('idle-1000', 'rssBeforeMiB', [102, 113, 131, none, 8, 13, 43]),
  row('idle-1000', 'rssAfterMiB', [208, 190, 268, none, 8, 41, 54]),
  row('idle-1000', 'rssGrowthMiB', [106, 77, 137, none, 0, 28, 11]),
  row('start', 'startMs', [780, 762, 8434, 8351, 18, 23, 62]),
  row('chain-2', 'receivedPerSecond', [19e3, 21e3, 28e3, 104e3, 249e3, 244e3]),
  row('chain-3', 'receivedPerSecond', [14e3, none, 21e3, 88e3, 179e3, 274e3]),
  row('chain-2', 'receivedPerSecond', [1.5e3, 13e3, 15e3, 43e3, 45e3, 69], {
    ...persistent,
    load: 'window 100'
  }),
  row('chain-3', 'receivedPerSecond', [884, none, 9.2e3, 33e3, none, 2.7e3], {
    ...persistent,
    load: 'window 100'
  }),
  row('latency-chain-2', 'p50Ms', [0.29, 0.28, 0.28, 20.77, 0.12, 0.11]),
  row('latency-chain-2', 'p99Ms', [2.6, 2.4, 1.7, 44.7, 1.0, 0.3]),
  row('latency-chain-2', 'p50Ms', [0.34, 0.37, 0.33, 0.12, none, 0.28], persistent),
  row('latency-chain-2', 'p99Ms', [20.4, 3.6, 1.7, 0.2, none, 5617.4], persistent),
  // Only ActiveMQ by STOMP and RabbitMQ have a message on disk when they acknowledge it.
  row('disk-1', 'receivedPerSecond', [2.6e3, 16e3, 2.8e3, 2.8e3, 18e3, 13e3, none], persistent),
  row('disk-100', 'receivedPerSecond', [2.4e3, 85e3, 24e3, 20e3, 57e3, 41e3, none], persistent),
  row('disk-chain-2', 'receivedPerSecond', [1.5e3, 13e3, 15e3, 43e3, 45e3, 69], persistent),
  row('disk-chain-3', 'receivedPerSecond', [884, none, 9.2e3, 33e3, none, 2.7e3], persistent),
  row('disk-latency-chain-2', 'p50Ms', [0.34, 0.37, 0.33, 0.12, none, 0.28], persistent),
  row('disk-latency-chain-2', 'p99Ms', [20.4, 3.6, 1.7, 0.2, none, 5617.4], persistent)
]

/** The row for a figure, or undefined where the other run has none. */
export function peerRow(
  scenario: string,
  figure: FigureName,
  isPersistent: boolean
): PeerRow | undefined {
  return peerRows.find(
    (row) => row.scenario === scenario && row.figure === figure && row.persistent === isPersistent
  )
}

// The scenarios, in the order they are run and printed. Invariant: names are unique, and what a
// scenario is compared with is an earlier scenario or the same one on another target.

import type { TargetName } from '../targets/target.ts'
import type { LoadScenario, Scenario } from './scenario.ts'

const everyTarget: readonly TargetName[] = ['bare-relay', 'postroad', 'external']
const brokersOnly: readonly TargetName[] = ['postroad', 'external']

const oneQueue: Omit<LoadScenario, 'name' | 'summary'> = {
  kind: 'load',
  targets: brokersOnly,
  brokers: 1,
  destinationKind: 'queue',
  destinations: 1,
  producers: 1,
  consumers: 1,
  ratePerSecond: 0,
  receiptWindow: 0,
  ackMode: 'auto'
}

const onDisk: Omit<LoadScenario, 'name' | 'summary'> = {
  ...oneQueue,
  receiptWindow: 100,
  ackMode: 'client-individual',
  isOnDisk: true
}

/** Everything the benchmark can measure. */
export const scenarios: readonly Scenario[] = [
  {
    ...oneQueue,
    name: 'relay',
    summary: '1 producer, 1 consumer through the bare relay: the ceiling of one Node thread',
    targets: ['bare-relay']
  },
  { ...oneQueue, name: 'queue', summary: '1 producer, 1 queue, 1 consumer' },
  {
    ...oneQueue,
    name: 'ack-client',
    summary: 'queue, the consumer acknowledges each message (client-individual)',
    ackMode: 'client-individual'
  },
  {
    ...oneQueue,
    name: 'receipts',
    summary: 'queue, the producer keeps at most 100 messages without a receipt',
    receiptWindow: 100
  },
  {
    ...oneQueue,
    name: 'topic-10',
    summary: '1 producer, 1 topic, 10 consumers; deliveries are counted',
    targets: everyTarget,
    destinationKind: 'topic',
    consumers: 10
  },
  {
    ...oneQueue,
    name: 'queues-100',
    summary: '10 producers, 100 queues, 10 consumers',
    targets: everyTarget,
    destinations: 100,
    producers: 10,
    consumers: 10
  },
  {
    ...oneQueue,
    name: 'chain-2',
    summary: 'queue, the producer at broker a, the consumer at broker b',
    brokers: 2
  },
  {
    ...oneQueue,
    name: 'chain-3',
    summary: 'queue, the producer at broker a, the consumer at broker c behind b',
    brokers: 3
  },
  {
    ...oneQueue,
    name: 'latency-1',
    summary: 'queue at 1,000 messages/s, after 10 s of it: time from send to receipt',
    targets: everyTarget,
    ratePerSecond: 1_000,
    warmUpSecondsMin: 10
  },
  {
    ...oneQueue,
    name: 'latency-chain-2',
    summary: 'chain of 2 at 1,000 messages/s, after 10 s of it: time from send to receipt',
    brokers: 2,
    ratePerSecond: 1_000,
    warmUpSecondsMin: 10
  },
  {
    ...onDisk,
    name: 'disk-1',
    summary: 'persistent, on disk: one message without a receipt at a time, the consumer acks',
    receiptWindow: 1
  },
  {
    ...onDisk,
    name: 'disk-100',
    summary: 'persistent, on disk: at most 100 messages without a receipt, the consumer acks'
  },
  {
    ...onDisk,
    name: 'disk-chain-2',
    summary: 'disk-100, the producer at broker a, the consumer at broker b',
    brokers: 2
  },
  {
    ...onDisk,
    name: 'disk-chain-3',
    summary: 'disk-100, the producer at broker a, the consumer at broker c behind b',
    brokers: 3
  },
  {
    ...onDisk,
    name: 'disk-latency-chain-2',
    summary: 'persistent, on disk: chain of 2 at 1,000 messages/s: time from send to receipt',
    brokers: 2,
    ratePerSecond: 1_000,
    receiptWindow: 0,
    warmUpSecondsMin: 10
  },
  {
    kind: 'idle',
    name: 'idle-1000',
    summary: 'memory of the broker before and after 1,000 idle connections',
    targets: everyTarget,
    connections: 1_000
  },
  {
    kind: 'start',
    name: 'start',
    summary: 'from spawning the process to the first CONNECTED; beside it, bare `node -e 0`',
    targets: ['bare-relay', 'postroad']
  }
]

/**
 * The scenarios of those names, in the order of the list; all of them for no names.
 * @throws Error naming the unknown one and the known ones
 */
export function chooseScenarios(names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return scenarios
  const chosen = new Set(names)
  for (const name of chosen) {
    if (scenarios.some((scenario) => scenario.name === name)) continue
    const known = scenarios.map((scenario) => scenario.name).join(', ')
    throw new Error(`--scenario ${name} is unknown: choose from ${known}`)
  }
  return scenarios.filter((scenario) => chosen.has(scenario.name))
}

// How fast the simulator is: a network from a topology file under a steady load, with and without a
// dead hub, the cold start of a large map, and short random seeds. Figures are of CPU time of this
// process, so that other work on the machine spoils them little. It runs no broker process.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command, InvalidArgumentError } from 'commander'
import type { ConsumerPlan, ProducerPlan, ScenarioPlan } from '../sim/plan/index.ts'
import { startPlan } from '../sim/play-timeline.ts'
import { Prng } from '../sim/prng.ts'
import { drawPlan, type RunResult, runPlan } from '../sim/run-scenario.ts'
import { usualSettings } from '../sim/scenario-file/usual-settings.ts'
import { scenarios } from '../sim/scenarios/index.ts'
import type { SimBrokerSettings } from '../sim/sim-broker.ts'
import type { SimLink, SimTopology } from '../sim/topologies.ts'
import { topologyFromConfig } from '../sim/topology-from-config.ts'
import { readTopology } from '../src/config/index.ts'
import { readMachine, readVersions } from './machine.ts'
import { spread } from './statistics.ts'

interface Options {
  readonly only?: string
  readonly rounds: number
  readonly minutes: number
  readonly brokers: number
  readonly seeds: number
}

/** What one run came to. */
interface Sample {
  readonly cpuMs: number
  readonly virtualMs: number
  readonly events: number
  readonly messages: number
  /** Runs that judges complained about: what they took counts all the same. */
  readonly failed: readonly string[]
}

const settings: SimBrokerSettings = {
  ...usualSettings(),
  reconnect: {
    reconnectDelayMsInitial: 100,
    reconnectDelayMsMax: 1_000,
    reconnectBackOffMultiplier: 2
  }
}

const producer: Omit<ProducerPlan, 'name' | 'at' | 'destination'> = {
  everyMs: 20,
  bodyBytes: 1_024,
  isPersistent: false,
  receiptEvery: 10,
  version: '1.2'
}

const consumer: Omit<ConsumerPlan, 'name' | 'at' | 'destination' | 'ack'> = {
  prefetch: 1_000,
  workMs: 1,
  version: '1.2'
}

function twoHubs(): SimTopology {
  const file = fileURLToPath(new URL('../../topologies/two-hubs.yaml', import.meta.url))
  const { topology, problems } = readTopology(readFileSync(file, 'utf8'), file)
  if (topology === undefined) throw new Error(`${file} cannot be used: ${problems.length} problems`)
  return topologyFromConfig('two-hubs', topology).topology
}

/** 100 messages a second from spoke to spoke, half of them through a queue. */
function loadPlan(minutes: number, hasFault: boolean): ScenarioPlan {
  const topology = twoHubs()
  const spanMs = minutes * 60_000
  const timeline: ScenarioPlan['timeline'] = hasFault
    ? [
        { afterMs: spanMs / 4, event: { kind: 'kill', broker: 'hub-1' } },
        { afterMs: 30_000, event: { kind: 'start', broker: 'hub-1' } }
      ]
    : []
  return {
    name: hasFault ? 'hub-killed' : 'load',
    about: 'a steady load from spoke to spoke',
    topology,
    settings,
    qualities: topology.links.map(() => ({})),
    isResplitting: false,
    producers: [
      { ...producer, name: 'p1', at: 'spoke-1', destination: '/queue/orders' },
      { ...producer, name: 'p2', at: 'spoke-2', destination: '/topic/prices' }
    ],
    consumers: [
      { ...consumer, name: 'c1', at: 'spoke-3', destination: '/queue/orders', ack: 'client' },
      { ...consumer, name: 'c2', at: 'spoke-4', destination: '/topic/prices', ack: 'auto' }
    ],
    timeline,
    thenMs: hasFault ? (spanMs * 3) / 4 - 30_000 : spanMs,
    ending: 'heal'
  }
}

/** A random graph of given size with three links a broker, each dialled by one end. */
function largeGraph(size: number): SimTopology {
  const random = new Prng(`large/${size}`)
  const brokers = Array.from({ length: size }, (_, at) => `n${at}`)
  const links = new Map<string, SimLink>()
  const add = (one: number, other: number): void => {
    const [a, b] = [brokers[Math.min(one, other)]!, brokers[Math.max(one, other)]!]
    if (a !== b) links.set(`${a} ${b}`, { a, b, cost: 1, dialledBy: 'a' })
  }
  for (let at = 1; at < size; at += 1) add(at, random.integer(0, at - 1))
  while (links.size < 3 * size) add(random.integer(0, size - 1), random.integer(0, size - 1))
  return { name: `large-${size}`, brokers, links: [...links.values()], nonTransit: [] }
}

function coldStartPlan(size: number): ScenarioPlan {
  const topology = largeGraph(size)
  return {
    ...{ name: 'cold-start', about: 'a large map from a cold start', topology, settings },
    qualities: topology.links.map(() => ({ latencyMs: 5, jitterMs: 5 })),
    isResplitting: false,
    producers: [],
    consumers: [
      { ...consumer, name: 'c1', at: 'n0', destination: '/topic/prices', ack: 'auto' },
      { ...consumer, name: 'c2', at: 'n1', destination: '/queue/orders', ack: 'auto' }
    ],
    ...{ timeline: [], thenMs: 0, ending: 'heal' }
  }
}

function measure(run: () => RunResult[]): Sample {
  globalThis.gc?.()
  const before = process.cpuUsage()
  const results = run()
  const { user, system } = process.cpuUsage(before)
  const failed: string[] = []
  const cpuMs = (user + system) / 1_000
  const sample = { cpuMs, virtualMs: 0, events: 0, messages: 0, failed }
  for (const { seed, complaints, virtualMs, events, messages } of results) {
    if (complaints.length > 0) failed.push(`seed ${seed} failed: ${complaints.join('; ')}`)
    sample.virtualMs += virtualMs
    sample.events += events
    sample.messages += messages
  }
  return sample
}

/** Runs it again and again and prints the first round and the spread of the others. */
function report(name: string, rounds: number, run: () => RunResult[]): void {
  const first = measure(run)
  print(`${name}, first round, code still cold`, [first])
  const samples: Sample[] = []
  for (let round = 1; round < rounds; round += 1) samples.push(measure(run))
  if (samples.length > 0) print(`${name}, ${samples.length} more rounds`, samples)
}

function print(title: string, samples: readonly Sample[]): void {
  const { virtualMs, events, messages, failed } = samples[0]!
  const seconds = (virtualMs / 1_000).toFixed(1)
  console.log(`${title}: ${seconds} s, ${events} events, ${messages} messages`)
  for (const text of failed) console.log(`  ${text}`)
  const figures: readonly (readonly [string, (sample: Sample) => number])[] = [
    ['CPU ms', ({ cpuMs }) => cpuMs],
    ['events per CPU s', (sample) => (sample.events / sample.cpuMs) * 1_000],
    ['virtual per CPU time', (sample) => sample.virtualMs / sample.cpuMs],
    ['CPU µs per message', (sample) => (sample.cpuMs * 1_000) / sample.messages]
  ]
  for (const [label, figure] of figures) {
    const values = samples.map(figure)
    if (!values.every(Number.isFinite)) continue
    const { median, min, max } = spread(values)
    const [middle, low, high] = [median, min, max].map((value) => value.toFixed(1))
    console.log(`  ${label.padEnd(22)} ${middle!.padStart(12)}  (${low} to ${high})`)
  }
}

function readOptions(): Options {
  return new Command('sim-speed')
    .description('Measures how fast the simulator is, in CPU time of one process.')
    .option('--only <name>', 'load, hub-killed, cold-start or seeds; all if left out')
    .option('--rounds <count>', 'how often each is run', wholeNumber, 4)
    .option('--minutes <count>', 'virtual length of a run under load', wholeNumber, 10)
    .option('--brokers <count>', 'size of the map that starts cold', wholeNumber, 200)
    .option('--seeds <count>', 'seeds of the random scenario', wholeNumber, 100)
    .parse()
    .opts<Options>()
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`"${text}" is not a whole number from 1 to 999999`)
}

function main(): void {
  const { only, rounds, minutes, brokers, seeds } = readOptions()
  const { cpu, cores, loadBefore } = readMachine()
  const { node, commit } = readVersions()
  console.log(`${cpu}, ${cores} cores, load ${loadBefore}; Node ${node}; commit ${commit}`)
  const load = loadPlan(minutes, false)
  const hubKilled = loadPlan(minutes, true)
  const random = scenarios.find(({ name }) => name === 'random')!
  const coldStart = coldStartPlan(brokers)
  const runs: Readonly<Record<string, () => RunResult[]>> = {
    load: () => [runPlan({ plan: load, seed: 1 })],
    'hub-killed': () => [runPlan({ plan: hubKilled, seed: 1 })],
    'cold-start': () => [runPlan({ plan: coldStart, seed: 1, play: startPlan })],
    seeds: () =>
      Array.from({ length: seeds }, (_, seed) => runPlan({ plan: drawPlan(random, seed), seed }))
  }
  if (only !== undefined && runs[only] === undefined) {
    throw new Error(`--only is "${only}": choose one of ${Object.keys(runs).join(', ')}`)
  }
  for (const [name, run] of Object.entries(runs)) {
    if (only === undefined || only === name) report(name, rounds, run)
  }
}

try {
  main()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

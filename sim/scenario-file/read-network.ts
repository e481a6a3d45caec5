// The network of a scenario: a topology file beside it, a shape such as {ring: 4}, or a topology
// document inside it. Problems of another file are told with that file's name and lines.

import { messageOf } from '../../src/base/index.ts'
import {
  describeIssue,
  readTopology,
  readTopologySource,
  type Topology,
  type TopologyProblem,
  type YamlPath
} from '../../src/config/index.ts'
import type { BrokerOverrides } from '../plan/index.ts'
import { Prng } from '../prng.ts'
import type { SimBrokerSettings } from '../sim-broker.ts'
import {
  chain,
  hubSpoke,
  mesh,
  ring,
  type SimLink,
  type SimTopology,
  twoHubs
} from '../topologies.ts'
import { topologyFromConfig } from '../topology-from-config.ts'
import { isMistake } from './fault-text.ts'
import type { TopologyOrigin } from './rehearsal.ts'
import { mapAt, type ScenarioCheck } from './scenario-check.ts'
import { scenarioBounds, scenarioKeysAt, shapeSchema } from './scenario-schema.ts'
import { usualSettings } from './usual-settings.ts'

/** A network to rehearse on. */
export interface Network {
  readonly topology: SimTopology
  readonly settings: SimBrokerSettings
  readonly overrides: Readonly<Record<string, BrokerOverrides>>
  readonly origin: TopologyOrigin
  /** Of the topology file, if there is one. */
  readonly problems: readonly TopologyProblem[]
}

const path: YamlPath = ['topology']

/** What stands under `topology`; undefined after an error. */
export function readNetwork(
  check: ScenarioCheck,
  seed: number
): Network | { readonly problems: readonly TopologyProblem[] } {
  const raw = mapAt(check.source.value)?.topology
  const map = mapAt(raw)
  if (typeof raw === 'string') return readFile(check, raw)
  if (map !== undefined && ('brokers' in map || 'network' in map)) {
    const config = readTopologySource(check.source.part(path), check.problems)
    return networkOf(check, config, {
      name: String(map.network),
      origin: { kind: 'inline', value: raw }
    })
  }
  if (map !== undefined) return readShape(check, map, seed)
  const what = raw === undefined ? 'is missing' : 'is something else'
  check.report(path, {
    message: `"topology" ${what}; it must be the path of a topology file, a shape, or a document`,
    suggestion: 'write for example topology: {ring: 4}'
  })
  return { problems: [] }
}

/**
 * The network of a topology that was read.
 * @returns a sentence if the simulator does not take it
 */
export function networkFrom(
  name: string,
  config: Topology,
  origin: TopologyOrigin
): Network | string {
  const { brokersMax } = scenarioBounds
  if (config.brokers.size > brokersMax) {
    return `${name} has ${config.brokers.size} brokers; ${brokersMax} can be simulated at once`
  }
  try {
    const { topology, overrides } = topologyFromConfig(name, config)
    return { topology, settings: usualSettings(), overrides, origin, problems: [] }
  } catch (error) {
    return messageOf(error)
  }
}

/** What a file is called without its folder and ending. */
export function plainName(file: string): string {
  return file.replace(/^.*[/\\]/, '').replace(/\.ya?ml$/, '')
}

function readFile(check: ScenarioCheck, written: string): ReturnType<typeof readNetwork> {
  const opened = check.open(written)
  if (isMistake(opened)) {
    check.report(path, opened)
    return { problems: [] }
  }
  const { topology: config, problems } = readTopology(opened.text, opened.file)
  if (config === undefined) {
    check.report(path, {
      message: `topology file "${written}" cannot be used`,
      suggestion: 'mend what is said of it'
    })
    return { problems }
  }
  const origin: TopologyOrigin = { kind: 'file', path: written }
  return { ...networkOf(check, config, { name: plainName(written), origin }), problems }
}

function networkOf(
  check: ScenarioCheck,
  config: Topology | undefined,
  { name, origin }: { readonly name: string; readonly origin: TopologyOrigin }
): ReturnType<typeof readNetwork> {
  if (config === undefined) return { problems: [] }
  const network = networkFrom(name, config, origin)
  if (typeof network !== 'string') return network
  check.report(path, { message: network })
  return { problems: [] }
}

function readShape(
  check: ScenarioCheck,
  map: Readonly<Record<string, unknown>>,
  seed: number
): ReturnType<typeof readNetwork> {
  const read = shapeSchema.safeParse(map)
  const format = { noun: 'a shape', knownKeysAt: scenarioKeysAt }
  for (const issue of read.error?.issues ?? []) {
    const placed = { ...issue, path: [...path, ...issue.path] } as typeof issue
    for (const { path: at, ...problem } of describeIssue(placed, check.source.value, format)) {
      check.report(at, problem, problem.at)
    }
  }
  if (read.data === undefined) return { problems: [] }
  const { links, ...shapes } = read.data
  const given = Object.entries(shapes).filter(([, size]) => size !== undefined)
  const [shape] = given
  if (shape === undefined || given.length > 1) {
    const names = Object.keys(shapeSchema.shape).filter((key) => key !== 'links')
    check.report(path, {
      message: `"topology" must have exactly one of ${names.join(', ')}, or be a topology document`,
      suggestion: 'write for example topology: {ring: 4}'
    })
    return { problems: [] }
  }
  const [kind, size] = shape as [string, number]
  if (links !== undefined && kind !== 'random') {
    check.report(
      [...path, 'links'],
      { message: `"links" goes with random, not with ${kind}` },
      'key'
    )
    return { problems: [] }
  }
  if (links !== undefined && (links < size - 1 || links > (size * (size - 1)) / 2)) {
    const most = (size * (size - 1)) / 2
    check.report([...path, 'links'], {
      message: `${size} brokers have ${size - 1} to ${most} links, not ${links}`
    })
    return { problems: [] }
  }
  return {
    topology: makeShape(kind, size, links, seed),
    settings: usualSettings(),
    overrides: {},
    origin: { kind: 'inline', value: map },
    problems: []
  }
}

function makeShape(
  kind: string,
  size: number,
  links: number | undefined,
  seed: number
): SimTopology {
  switch (kind) {
    case 'ring':
      return ring(size)
    case 'chain':
      return chain(size)
    case 'mesh':
      return mesh(size)
    case 'hub-spoke':
      return hubSpoke(size)
    case 'two-hubs':
      return twoHubs(size)
    default:
      return randomNetwork(new Prng(`${seed}/network`), size, links ?? Math.ceil(size * 1.5))
  }
}

/** A tree drawn at random, and further links until there are enough. */
function randomNetwork(random: Prng, size: number, count: number): SimTopology {
  const brokers = Array.from({ length: size }, (_, at) => `n${at + 1}`)
  const links: SimLink[] = []
  const taken = new Set<string>()
  const add = (one: number, other: number): void => {
    const key = `${Math.min(one, other)} ${Math.max(one, other)}`
    if (one === other || taken.has(key)) return
    taken.add(key)
    links.push({ a: brokers[one]!, b: brokers[other]!, cost: 1, dialledBy: 'a' })
  }
  for (let at = 1; at < size; at += 1) add(at, random.integer(0, at - 1))
  const most = Math.min(count, (size * (size - 1)) / 2)
  while (links.length < most) add(random.integer(0, size - 1), random.integer(0, size - 1))
  return { name: `random-${size}`, brokers, links, nonTransit: [] }
}

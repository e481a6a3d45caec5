// Reads a scenario file, or a topology file as a scenario without faults. YAML first, then the
// schema, then what must hold between its parts, each going as far as it can so that one reading
// tells of every problem. Text in, plain data out; it opens no file itself and never throws.

import {
  describeIssue,
  ProblemList,
  readTopology,
  suggestName,
  type TopologyProblem,
  YamlSource
} from '../../src/config/index.ts'
import { checkCapacity } from './check-capacity.ts'
import {
  type ConsumerEntry,
  consumerSchema,
  type ProducerEntry,
  producerSchema
} from './client-schemas.ts'
import { groundOf } from './plan-of-rehearsal.ts'
import { checkMessages, checkReach, readClients } from './read-clients.ts'
import { readExpectations } from './read-expectations.ts'
import { checkFaults, readFaults } from './read-faults.ts'
import { checkLateClients, readGroups, readLinks, readOverrides } from './read-links.ts'
import { type Network, networkFrom, plainName, readNetwork } from './read-network.ts'
import { durationOf, type Rehearsal } from './rehearsal.ts'
import { type OpenFile, ScenarioCheck } from './scenario-check.ts'
import { type ScenarioEntries, scenarioKeysAt, scenarioSchema } from './scenario-schema.ts'

/** What reading came to. */
export interface ScenarioReading {
  /** Undefined when there is an error among the problems. */
  readonly rehearsal: Rehearsal | undefined
  /** Errors and warnings, those of a topology file first. */
  readonly problems: readonly TopologyProblem[]
}

/** What a file is, by its keys. */
export type FileKind = 'scenario' | 'topology' | 'neither'

/** Messages a second of the workload that every network gets. */
export const ratePerSecondDefault = 100
const drainMsMaxDefault = 120_000

const format = { noun: 'a scenario file', knownKeysAt: scenarioKeysAt }

/** What a text is, by its keys; a text that is no YAML is neither. */
export function fileKindOf(text: string): FileKind {
  const keys = YamlSource.parse(text, () => {})?.keysOf([]) ?? []
  if (keys.includes('scenario')) return 'scenario'
  if (keys.includes('brokers') && (keys.includes('network') || !keys.includes('topology'))) {
    return 'topology'
  }
  return keys.includes('network') ? 'topology' : 'neither'
}

/**
 * Reads a scenario file, or a topology file, which is a scenario with the workload that every
 * network gets.
 * @param file its name, for the problems
 * @param open opens the topology file it names
 */
export function readRehearsal(text: string, file: string, open: OpenFile): ScenarioReading {
  const kind = fileKindOf(text)
  if (kind === 'topology') return readBareTopology(text, file)
  return readScenario(text, file, open)
}

/** Reads a scenario file. */
export function readScenario(text: string, file: string, open: OpenFile): ScenarioReading {
  const problems = new ProblemList(file, text)
  const source = YamlSource.parse(text, (offset, message, suggestion) => {
    const isSecond = message.startsWith('a second document')
    const hint = isSecond
      ? 'one file holds one scenario; put the other in a file of its own'
      : undefined
    problems.addAt(offset, { path: [], message, suggestion: suggestion ?? hint })
  })
  if (source === undefined) return { rehearsal: undefined, problems: problems.inFileOrder() }
  const check = new ScenarioCheck(source, problems, file, open)
  const keys = source.keysOf([])
  if (!keys.includes('scenario')) {
    reportNeither(check, keys)
    return { rehearsal: undefined, problems: problems.inFileOrder() }
  }
  const { network, rehearsal } = readParts(check)
  const all = [...network, ...problems.inFileOrder()]
  return { rehearsal: problems.hasErrors ? undefined : rehearsal, problems: all }
}

/** A topology file as a scenario. */
function readBareTopology(text: string, file: string): ScenarioReading {
  const { topology: config, problems } = readTopology(text, file)
  if (config === undefined) return { rehearsal: undefined, problems }
  const name = plainName(file)
  const network = networkFrom(name, config, { kind: 'file', path: file })
  if (typeof network === 'string') {
    const at = { file, line: 1, column: 1, path: '' }
    return {
      rehearsal: undefined,
      problems: [...problems, { severity: 'error', ...at, message: network }]
    }
  }
  const { topology, settings, overrides: fileOverrides, origin } = network
  return {
    problems,
    rehearsal: {
      ...{ name, topology, settings, fileOverrides, origin },
      about: '',
      seed: '1',
      overrides: {},
      defaultQuality: {},
      qualities: new Map(),
      groups: new Map(),
      producers: [],
      consumers: [],
      ratePerSecond: ratePerSecondDefault,
      faults: [],
      durationMs: undefined,
      ending: 'as-is',
      drainMsMax: drainMsMaxDefault,
      expectations: undefined
    }
  }
}

function reportNeither(check: ScenarioCheck, keys: readonly string[]): void {
  const isMeant = keys.some((key) => ['topology', 'faults', 'producers', 'expect'].includes(key))
  if (isMeant) {
    const near = keys.find((key) => suggestName(key, ['scenario'])?.startsWith('did') === true)
    const message = 'key "scenario" is missing; a scenario file begins with its name'
    const name = plainName(check.file)
    const suggestion = near === undefined ? `write scenario: ${name}` : `is it "${near}"?`
    check.report([], { message, suggestion })
    return
  }
  check.report([], {
    message: 'this is neither a topology file nor a scenario file',
    suggestion: 'a topology file has network and brokers, a scenario file scenario and topology'
  })
}

interface Parts {
  readonly network: readonly TopologyProblem[]
  readonly rehearsal: Rehearsal | undefined
}

function readParts(check: ScenarioCheck): Parts {
  const read = scenarioSchema.safeParse(check.source.value)
  for (const issue of read.error?.issues ?? []) {
    for (const { path, ...problem } of describeIssue(issue, check.source.value, format)) {
      check.problems.add(check.source, { path, ...problem })
    }
  }
  // Parts that can be read by themselves are checked although others cannot.
  const entries = read.data ?? partsOf(check.source.value)
  const network = readNetwork(check, entries.seed ?? 1)
  if (!('topology' in network)) return { network: network.problems, rehearsal: undefined }
  return { network: network.problems, rehearsal: checkParts(check, entries, network) }
}

type Entries = Partial<ScenarioEntries> & {
  /** Set if some clients could not be read, so that a missing one proves nothing. */
  readonly lacksClients?: boolean
}

function checkParts(check: ScenarioCheck, entries: Entries, network: Network): Rehearsal {
  const { topology, settings, origin, overrides: fileOverrides } = network
  const { scenario = '', about, seed = 1, duration, ending = 'as-is' } = entries
  const clientEntries = {
    producers: (entries.producers ?? []) as readonly ProducerEntry[],
    consumers: (entries.consumers ?? []) as readonly ConsumerEntry[]
  }
  const clients = readClients(check, clientEntries, topology)
  const placed = readFaults(check)
  const first: Rehearsal = {
    name: scenario,
    about: about ?? '',
    seed: String(seed),
    ...{ origin, topology, settings, fileOverrides, ending },
    ...readLinks(check, entries.links, topology),
    overrides: readOverrides(check, entries.brokers, { topology, faults: placed }),
    groups: readGroups(check, entries.groups, topology),
    ...clients,
    ratePerSecond: ratePerSecondDefault,
    faults: placed.map(({ fault }) => fault),
    durationMs: duration,
    drainMsMax: entries.drain ?? drainMsMaxDefault,
    expectations: undefined
  }
  const areClientsKnown = entries.lacksClients !== true
  checkFaults(check, placed, { ...groundOf(first), areClientsKnown })
  checkLateClients(check, placed, clients)
  const durationMs = durationOf(first)
  checkMessages(check, clients, durationMs)
  if (areClientsKnown) {
    checkReach(check, clientEntries, topology)
    checkCapacity(check, { clients, durationMs, ending, drainMsMax: first.drainMsMax })
  }
  const hasFaults = placed.length > 0
  const ground = { clients, durationMs, hasFaults, areClientsKnown }
  const expectations = readExpectations(check, ground)
  return { ...first, expectations }
}

/** Those top-level parts of a faulty file that are good by themselves. */
function partsOf(value: unknown): Entries {
  if (typeof value !== 'object' || value === null) return {}
  const raw = value as Readonly<Record<string, unknown>>
  const good: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(scenarioSchema.shape)) {
    const read = field.safeParse(raw[key])
    if (read.success) good[key] = read.data
  }
  for (const [key, schema] of clientLists) {
    const list = raw[key]
    if (good[key] !== undefined || list === undefined) continue
    good.lacksClients = true
    if (Array.isArray(list)) good[key] = list.flatMap((entry) => schema.safeParse(entry).data ?? [])
  }
  return good
}

const clientLists = [
  ['producers', producerSchema],
  ['consumers', consumerSchema]
] as const

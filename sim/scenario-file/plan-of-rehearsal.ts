// Makes the plan that is run of a rehearsal: faults become steps, links get their qualities, and a
// rehearsal without clients or expectations gets those that suit every network.

import type {
  BrokerOverrides,
  Expectation,
  FaultSpan,
  LinkQuality,
  ScenarioPlan
} from '../plan/index.ts'
import type { SimLink } from '../topologies.ts'
import type { FaultGround } from './check-fault.ts'
import { type DefaultWorkload, defaultWorkload } from './default-workload.ts'
import { durationOf, type Rehearsal } from './rehearsal.ts'
import { scheduleFaults } from './schedule-faults.ts'

/** What a link is like that nobody says anything about: a local network. */
export const usualQuality: LinkQuality = {
  latencyMs: 0.2,
  jitterMs: 0.1,
  // More than any link has; Infinity would not survive JSON.
  bytesPerSecond: Number.MAX_SAFE_INTEGER,
  resetsPerMinute: 0
}

/** Processes that are started together begin their work within so many milliseconds. */
const startSpreadMs = 1_000

/** What a rehearsal without expectations is held to. */
export const usualExpectations: readonly Expectation[] = [
  { figure: 'lost', comparison: 'at-most', value: 0 },
  { figure: 'unmarkedDuplicates', comparison: 'at-most', value: 0 }
]

/**
 * The plan of a rehearsal whose faults were checked.
 * @throws Error if a fault names what there is not
 */
export function planOfRehearsal(rehearsal: Rehearsal): ScenarioPlan {
  const { name, topology, settings, ending, drainMsMax } = rehearsal
  const { producers, consumers, about } = clientsOf(rehearsal)
  const durationMs = durationOf(rehearsal)
  const ground = groundOf(rehearsal)
  const schedule = scheduleFaults(rehearsal.faults, ground, (link) => ({
    ...usualQuality,
    ...qualityOf(rehearsal, link)
  }))
  return {
    ...{ name, topology, settings, drainMsMax, ending },
    // Who says nothing of it gets to know which clients there are, or else what happens.
    about: rehearsal.about || about || happeningText(schedule.faults),
    overrides: overridesOf(rehearsal),
    qualities: topology.links.map((link) => qualityOf(rehearsal, link)),
    isResplitting: false,
    startSpreadMs,
    producers: producers.map((one) => lateIfBrought(one, rehearsal)),
    consumers: consumers.map((one) => lateIfBrought(one, rehearsal)),
    timeline: schedule.timeline,
    thenMs: durationMs - schedule.lastMs,
    isAutoSettling: true,
    faults: schedule.faults,
    expectations: rehearsal.expectations ?? usualExpectations
  }
}

/** Faults named in one sentence. */
const faultsNamedMax = 5

function happeningText(faults: readonly FaultSpan[]): string {
  if (faults.length === 0) return 'Nothing fails.'
  const named = faults.slice(0, faultsNamedMax).map(({ text }) => text)
  const more = faults.length - named.length
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`
}

/** What the faults of a rehearsal can be about. */
export function groundOf(rehearsal: Rehearsal): FaultGround {
  const { topology, groups } = rehearsal
  const { producers, consumers } = clientsOf(rehearsal)
  return { topology, groups, producers, consumers, durationMs: durationOf(rehearsal) }
}

/** The clients of a rehearsal; `about` is empty if it has its own. */
export function clientsOf({
  topology,
  producers,
  consumers,
  ratePerSecond
}: Rehearsal): DefaultWorkload {
  const hasOwn = producers.length + consumers.length > 0
  return hasOwn ? { producers, consumers, about: '' } : defaultWorkload(topology, ratePerSecond)
}

function qualityOf(
  { defaultQuality, qualities }: Rehearsal,
  { a, b }: SimLink
): Partial<LinkQuality> {
  return { ...defaultQuality, ...(qualities.get(`${a}:${b}`) ?? qualities.get(`${b}:${a}`)) }
}

/** The scenario's word over the file's, limit by limit; a broker that is added is late. */
function overridesOf({
  topology,
  fileOverrides,
  overrides,
  faults
}: Rehearsal): Readonly<Record<string, BrokerOverrides>> {
  const all: [string, BrokerOverrides][] = []
  for (const name of topology.brokers) {
    const file = fileOverrides[name] ?? {}
    const own = overrides[name] ?? {}
    const isAdded = faults.some(({ kind, target }) => kind === 'add' && target === name)
    const merged: BrokerOverrides = {
      ...file,
      ...own,
      ...mergedPart(file, own, 'limits'),
      ...mergedPart(file, own, 'stompLimits'),
      ...mergedPart(file, own, 'bridges'),
      ...(isAdded ? { isLate: true } : {})
    }
    if (Object.keys(merged).length > 0) all.push([name, merged])
  }
  return Object.fromEntries(all)
}

function mergedPart<K extends 'limits' | 'stompLimits' | 'bridges'>(
  file: BrokerOverrides,
  own: BrokerOverrides,
  key: K
): Pick<BrokerOverrides, K> | object {
  if (file[key] === undefined && own[key] === undefined) return {}
  return { [key]: { ...file[key], ...own[key] } }
}

/** A client whose first event is its arrival is not there before. */
function lateIfBrought<T extends { readonly name: string }>(client: T, { faults }: Rehearsal): T {
  const own = faults.filter(({ target }) => target === client.name)
  const first = own.toSorted((one, other) => one.fromMs - other.fromMs)[0]
  return first?.kind === 'arrive' ? { ...client, isLate: true } : client
}

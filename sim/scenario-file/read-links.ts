// Qualities of links, differences of brokers, and groups: the parts of a scenario file that name
// brokers of the network.

import type { StompLimits } from '../../src/protocols/stomp/index.ts'
import type { BrokerOverrides, LinkQuality } from '../plan/index.ts'
import type { SimTopology } from '../topologies.ts'
import { findBroker, findLink } from './check-fault.ts'
import { isMistake } from './fault-text.ts'
import { bridgeFrameExtraBytes, coreLimits, stompLimits } from './limit-names.ts'
import type { PlacedFault } from './read-faults.ts'
import { mapAt, type ScenarioCheck } from './scenario-check.ts'
import type { ScenarioEntries } from './scenario-schema.ts'

/** What `links` says. */
export interface LinkQualities {
  readonly defaultQuality: Partial<LinkQuality>
  readonly qualities: ReadonlyMap<string, Partial<LinkQuality>>
}

type QualityEntry = NonNullable<ScenarioEntries['links']>[string]

/** Reads `links`. */
export function readLinks(
  check: ScenarioCheck,
  entries: ScenarioEntries['links'],
  topology: SimTopology
): LinkQualities {
  let defaultQuality: Partial<LinkQuality> = {}
  const qualities = new Map<string, Partial<LinkQuality>>()
  for (const [key, entry] of Object.entries(entries ?? {})) {
    const quality = qualityOf(entry)
    if (key === 'default') defaultQuality = quality
    else {
      const link = findLink(key, topology)
      if (isMistake(link)) check.report(['links', key], link, 'key')
      else if (qualities.has(`${link.a}:${link.b}`)) {
        check.report(['links', key], { message: `link "${key}" is there twice` }, 'key')
      } else qualities.set(`${link.a}:${link.b}`, quality)
    }
  }
  return { defaultQuality, qualities }
}

function qualityOf({ latency, jitter, bandwidth, resets }: QualityEntry): Partial<LinkQuality> {
  return {
    ...(latency === undefined ? {} : { latencyMs: latency }),
    ...(jitter === undefined ? {} : { jitterMs: jitter }),
    ...(bandwidth === undefined ? {} : { bytesPerSecond: bandwidth }),
    ...(resets === undefined ? {} : { resetsPerMinute: resets })
  }
}

/** Reads `brokers`. */
export function readOverrides(
  check: ScenarioCheck,
  entries: ScenarioEntries['brokers'],
  ground: { readonly topology: SimTopology; readonly faults: readonly PlacedFault[] }
): Readonly<Record<string, BrokerOverrides>> {
  const overrides: [string, BrokerOverrides][] = []
  for (const [name, entry] of Object.entries(entries ?? {})) {
    const path = ['brokers', name]
    const mistake = findBroker(name, ground.topology)
    if (mistake !== undefined) check.report(path, mistake, 'key')
    const isAdded = ground.faults.some(
      ({ fault: { kind, target } }) => kind === 'add' && target === name
    )
    if (entry.late && !isAdded) {
      const message = `"${name}" is late, and no fault "add" brings it`
      check.warn([...path, 'late'], { message, suggestion: `write - add: ${name}@10s` })
    }
    const written = new Set(check.source.keysOf([...path, 'limits']))
    overrides.push([name, overrideOf(entry, written)])
  }
  return Object.fromEntries(overrides)
}

type OverrideEntry = NonNullable<ScenarioEntries['brokers']>[string]

/** Only limits that were written: the others are the topology's. */
function overrideOf(entry: OverrideEntry, written: ReadonlySet<string>): BrokerOverrides {
  const { late, store, pingInterval, pingMisses, hopsMax, limits } = entry
  const own = new Map<string, unknown>(Object.entries(limits ?? {}))
  const pick = (names: ReadonlyMap<string, string>) =>
    Object.fromEntries(
      [...names].filter(([key]) => written.has(key)).map(([key, to]) => [to, own.get(key)])
    )
  const core = pick(coreLimits)
  const stomp = pick(stompLimits) as Partial<StompLimits>
  const { frameBytesMax, connectTimeoutMs } = stomp
  const bridges = {
    ...(pingInterval === undefined ? {} : { pingIntervalMs: pingInterval }),
    ...(pingMisses === undefined ? {} : { pingMisses }),
    ...(connectTimeoutMs === undefined ? {} : { greetingMsMax: connectTimeoutMs }),
    ...(frameBytesMax === undefined ? {} : { frameBytesMax: frameBytesMax + bridgeFrameExtraBytes })
  }
  return {
    ...(Object.keys(core).length === 0 ? {} : { limits: core }),
    ...(Object.keys(stomp).length === 0 ? {} : { stompLimits: stomp }),
    ...(Object.keys(bridges).length === 0 ? {} : { bridges }),
    ...(hopsMax === undefined ? {} : { hopsMax }),
    ...(store === undefined ? {} : { storeBytesMax: store }),
    ...(late ? { isLate: true } : {})
  }
}

/** Reads `groups`. */
export function readGroups(
  check: ScenarioCheck,
  entries: ScenarioEntries['groups'],
  topology: SimTopology
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>()
  for (const [group, members] of Object.entries(entries ?? {})) {
    groups.set(group, members)
    if (topology.brokers.includes(group)) {
      const message = `group "${group}" is called like a broker`
      check.report(['groups', group], { message, suggestion: 'give it another name' }, 'key')
    }
    for (const [at, name] of members.entries()) {
      const path = ['groups', group, at]
      const mistake = findBroker(name, topology)
      if (mistake !== undefined) check.report(path, mistake)
      else if (members.indexOf(name) < at) {
        check.report(path, { message: `"${name}" is in group "${group}" twice` })
      }
    }
  }
  return groups
}

/** Warns of late clients that nothing brings. */
export function checkLateClients(
  check: ScenarioCheck,
  placed: readonly PlacedFault[],
  clients: Readonly<Record<'producers' | 'consumers', readonly MaybeLate[]>>
): void {
  const arriving = new Set(
    placed.filter(({ fault }) => fault.kind === 'arrive').map(({ fault }) => fault.target)
  )
  for (const list of ['producers', 'consumers'] as const) {
    for (const { name, isLate } of clients[list]) {
      if (isLate !== true || arriving.has(name)) continue
      const at = placeOf(mapAt(check.source.value)?.[list], name)
      const message = `${list.slice(0, -1)} "${name}" is late, and no fault "arrive" brings it`
      check.warn([list, at, 'late'], { message, suggestion: `write - arrive: ${name}@10s` })
    }
  }
}

interface MaybeLate {
  readonly name: string
  readonly isLate?: boolean
}

/** Which entry of a list a client comes from. */
function placeOf(entries: unknown, client: string): number {
  if (!Array.isArray(entries)) return 0
  return entries.findIndex((entry) => {
    const own = String(mapAt(entry)?.name)
    return client === own || client.startsWith(`${own}-`)
  })
}

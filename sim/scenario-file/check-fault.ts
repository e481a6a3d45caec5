// Whether a fault can happen in a network: the brokers, links, clients and groups it names exist,
// and it happens before the end. What is wrong is said with the nearest name that is right.

import { closestName, suggestName } from '../../src/config/index.ts'
import { formatDurationMs } from '../../src/discovery/index.ts'
import type { SimLink, SimTopology } from '../topologies.ts'
import { faultKinds } from './fault-kinds.ts'
import { type Fault, formatFault, isMistake, type Mistake } from './fault-text.ts'

/** Cuts, or kills, of one fault. */
const flapsMax = 1_000

/** What faults can be about. */
export interface FaultGround {
  readonly topology: SimTopology
  readonly groups: ReadonlyMap<string, readonly string[]>
  readonly producers: readonly { readonly name: string }[]
  readonly consumers: readonly { readonly name: string }[]
  readonly durationMs: number
  /** False if there may be more clients than these: the file is faulty. */
  readonly areClientsKnown?: boolean
}

/** Brokers, links or groups of brokers that a fault is about, found by name. */
export interface FaultScope {
  readonly brokers: readonly string[]
  readonly links: readonly SimLink[]
  readonly groups: readonly (readonly string[])[]
}

/** What is wrong with a fault in this network; undefined if nothing is. */
export function checkFault(fault: Fault, ground: FaultGround): Mistake | undefined {
  const scope = scopeOf(fault, ground)
  if (isMistake(scope)) return scope
  const { fromMs, toMs, place } = fault
  if (place !== undefined && !ground.topology.brokers.includes(place)) {
    return unknownBroker(place, ground.topology)
  }
  const repeated = findRepeatMistake(fault)
  if (repeated !== undefined) return repeated
  const lastMs = toMs ?? fromMs
  if (lastMs <= ground.durationMs) return undefined
  const end = formatDurationMs(ground.durationMs)
  return {
    message: `"${formatFault(fault)}" goes on after the end of the run at ${end}`,
    suggestion: `let it end before, or set the duration to ${formatDurationMs(lastMs)} or more`
  }
}

/** What is wrong with the period of a fault that happens again and again. */
function findRepeatMistake(fault: Fault): Mistake | undefined {
  const { kind, fromMs, toMs, amount } = fault
  const isFlap = kind === 'flap'
  if (amount === undefined || (!isFlap && kind !== 'kill-at')) return undefined
  const written = formatFault(fault)
  if (toMs === undefined) {
    const message = `"${written}" has a period and no end`
    return { message, suggestion: 'write FROM..TO, or leave out the period' }
  }
  if ((toMs - fromMs) / amount <= flapsMax) return undefined
  const what = isFlap ? 'cuts the link' : 'kills the broker'
  const least = formatDurationMs(Math.ceil((toMs - fromMs) / flapsMax))
  const message = `"${written}" ${what} more than ${flapsMax} times`
  return { message, suggestion: `a period of ${least} or more is fine` }
}

/** What a fault is about, or what is wrong with its target. */
export function scopeOf(fault: Fault, ground: FaultGround): FaultScope | Mistake {
  const { kind, target } = fault
  const nothing = { brokers: [], links: [], groups: [] }
  const { topology } = ground
  switch (faultKinds.get(kind)!.target) {
    case 'broker': {
      const mistake = findBroker(target, topology)
      if (mistake !== undefined) return mistake
      const isIsolation = kind === 'isolate'
      const links = isIsolation ? linksOf(target, topology) : []
      return { ...nothing, brokers: [target], links }
    }
    case 'link':
    case 'way': {
      const link = findLink(target, topology)
      if (isMistake(link)) return link
      return { ...nothing, brokers: target.split(':'), links: [link] }
    }
    case 'groups':
      return findGroups(target, ground)
    case 'client':
      return findClient(fault, ground) ?? nothing
  }
}

/** The link written 'a:b', in either order. */
export function findLink(written: string, topology: SimTopology): SimLink | Mistake {
  const [a = '', b, ...rest] = written.split(':')
  if (b === undefined || rest.length > 0) {
    const [first] = topology.links
    const example = first === undefined ? 'a:b' : `${first.a}:${first.b}`
    return { message: `"${written}" is no link`, suggestion: `write two brokers, as ${example}` }
  }
  const mistake = findBroker(a, topology) ?? findBroker(b, topology)
  if (mistake !== undefined) return mistake
  const link = topology.links.find(
    (each) => (each.a === a && each.b === b) || (each.a === b && each.b === a)
  )
  if (link !== undefined) return link
  const linked = linksOf(a, topology).map((each) => (each.a === a ? each.b : each.a))
  return {
    message: `there is no link between "${a}" and "${b}"`,
    suggestion:
      linked.length === 0 ? `"${a}" has no links` : `"${a}" is linked to ${listed(linked)}`
  }
}

/** What to say of a broker that there is not; undefined if there is. */
export function findBroker(name: string, topology: SimTopology): Mistake | undefined {
  return topology.brokers.includes(name) ? undefined : unknownBroker(name, topology)
}

function unknownBroker(name: string, { brokers }: SimTopology): Mistake {
  return { message: `no broker is called "${name}"`, suggestion: suggestName(name, brokers) }
}

function findGroups(target: string, ground: FaultGround): FaultScope | Mistake {
  const { topology, groups } = ground
  const parts = target.split('/').map((part) => part.trim())
  if (parts.length < 2) {
    const suggestion = 'write at least two, as west/east or a,b/c,d'
    return { message: `"${target}" is one group; a partition needs two`, suggestion }
  }
  const found: string[][] = []
  const groupOf = new Map<string, string>()
  for (const part of parts) {
    const named = part.includes(',') ? undefined : groups.get(part)
    const members = named ?? part.split(',').map((name) => name.trim())
    for (const name of members) {
      const other = groupOf.get(name)
      if (other !== undefined) {
        return { message: `broker "${name}" is in the groups "${other}" and "${part}"` }
      }
      groupOf.set(name, part)
      if (topology.brokers.includes(name)) continue
      if (members.length > 1) return unknownBroker(name, topology)
      const near = closestName(name, [...groups.keys(), ...topology.brokers])
      const known = [...groups.keys()]
      const hint =
        known.length === 0 ? 'name the brokers, as a,b/c,d' : `groups are ${listed(known)}`
      return {
        message: `no group and no broker is called "${name}"`,
        suggestion: near === undefined ? hint : `did you mean "${near}"?`
      }
    }
    found.push([...members])
  }
  return { brokers: [...groupOf.keys()], links: [], groups: found }
}

function findClient({ target }: Fault, ground: FaultGround): Mistake | undefined {
  const consumers = ground.consumers.map(({ name }) => name)
  const producers = ground.producers.map(({ name }) => name)
  const known = [...producers, ...consumers]
  if (known.includes(target) || ground.areClientsKnown === false) return undefined
  const first = `${target}-1`
  return {
    message: `no client is called "${target}"`,
    suggestion: known.includes(first) ? `did you mean "${first}"?` : suggestName(target, known)
  }
}

function linksOf(name: string, { links }: SimTopology): SimLink[] {
  return links.filter(({ a, b }) => a === name || b === name)
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ')
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown
}

// Questions about a graph of brokers: who can reach whom, and who may stand in between.

import { patternMatches } from '../../src/broker/index.ts'
import type { SimLink, SimTopology } from '../topologies.ts'

/** A pair of brokers that are joined. */
export type Edge = readonly [string, string]

/** Groups of brokers that edges join, each broker in one. */
export function groupsOf(brokers: readonly string[], edges: readonly Edge[]): string[][] {
  const groups = new Map(brokers.map((name) => [name, [name]]))
  for (const [a, b] of edges) {
    const one = groups.get(a)
    const other = groups.get(b)
    if (one === undefined || other === undefined || one === other) continue
    one.push(...other)
    for (const name of other) groups.set(name, one)
  }
  return [...new Set(groups.values())]
}

/**
 * True if `broker` lies on a path between two others that visits nobody twice, or is one of them:
 * so a message between those two can have been there. Two ways that share no broker must lead from
 * it to the two; they do if no single other broker stands in the way of both.
 */
export function canLieBetween(
  { brokers, links }: SimTopology,
  broker: string,
  ends: readonly [string, string]
): boolean {
  const [from, to] = ends
  if (broker === from || broker === to) return true
  if (from === to) return false
  const edges = links.map(({ a, b }): Edge => [a, b])
  return brokers.every((removed) => {
    if (removed === broker) return true
    const left = edges.filter(([a, b]) => a !== removed && b !== removed)
    const group = groupsOf(
      brokers.filter((name) => name !== removed),
      left
    ).find((names) => names.includes(broker))!
    return group.includes(from) || group.includes(to)
  })
}

/** A destination as far as filters care. */
export interface FilteredDestination {
  readonly kind: 'queue' | 'topic'
  readonly name: string
}

/**
 * Brokers that messages for a destination reach from one, itself included, by links that are whole,
 * let it pass and lead that way; brokers that carry nothing for others are ends only.
 */
export function reachOf(
  { links, nonTransit }: SimTopology,
  from: string,
  destination: FilteredDestination,
  isWhole: (link: SimLink) => boolean
): string[] {
  const reached = new Set([from])
  for (const at of reached) {
    if (at !== from && nonTransit.includes(at)) continue
    for (const link of links) {
      if ((link.a !== at && link.b !== at) || !isWhole(link)) continue
      if (leadsFrom(link, at) && lets(link, destination))
        reached.add(link.a === at ? link.b : link.a)
    }
  }
  return [...reached]
}

/** One-way links lead from the end that dials. */
function leadsFrom({ a, dialledBy, duplex }: SimLink, broker: string): boolean {
  if (duplex !== false || dialledBy === 'both') return true
  return (dialledBy === 'a') === (broker === a)
}

function lets({ include = [], exclude = [] }: SimLink, destination: FilteredDestination): boolean {
  const isNamed = (pattern: string): boolean => {
    const [kind, name] = pattern.split('://')
    return kind === destination.kind && patternMatches(name ?? '', destination.name)
  }
  return (include.length === 0 || include.some(isNamed)) && !exclude.some(isNamed)
}

// Who reaches whom in a world, by what is configured and what is whole just now: brokers that are
// at work, links that are not cut, forward filters, one-way links, and brokers that carry nothing
// for others. It is the truth that judges hold brokers to, so it asks no broker's map; only which
// end dialled a bridge is taken from the bridge, where both may dial and their terms differ.

import { type Destination, patternMatches } from '../src/broker/index.ts'
import { diallersOf, type SimLinks, termsOf } from './sim-links.ts'
import type { LinkTerms, SimLink, SimTopology } from './topologies.ts'

/** A destination as far as filters care. */
export type FilteredDestination = Pick<Destination, 'kind' | 'name'>

/** What is true of a world just now. */
export interface ReachView {
  readonly topology: SimTopology
  readonly links: SimLinks
  /** Up and not paused. */
  isAtWork(broker: string): boolean
  /** Taken out for good: nothing heals that. */
  isGone(broker: string): boolean
  /** The end that dialled the bridge that stands over a link; undefined if none stands. */
  diallerOf(link: SimLink): string | undefined
}

/** Answers remembered at a time; more destinations than that start anew. */
const answersMax = 20_000
const nobody: readonly string[] = []

/** See the top of this file. */
export class Reachability {
  private readonly view: ReachView
  private readonly nonTransit: ReadonlySet<string>
  private readonly isFiltered: boolean
  /** True if groups tell it all: no filter, no one-way link, everybody carries for others. */
  private readonly isPlain: boolean
  /** True if terms of a bridge depend on who dialled it. */
  readonly dependsOnDiallers: boolean
  private groups: ReadonlyMap<string, readonly string[]> | undefined = undefined
  /** True once a broker is gone: the others may not reach each other any more. */
  private isReduced = false
  private readonly answers = new Map<string, readonly string[]>()
  private readonly possible = new Map<string, ReadonlySet<string>>()

  constructor(view: ReachView) {
    this.view = view
    const { nonTransit, links } = view.topology
    const terms = links.flatMap((link) => diallersOf(link).map((end) => termsOf(link, end)))
    this.nonTransit = new Set(nonTransit)
    this.isFiltered = terms.some(isFilter)
    const isOneWay = terms.some(({ duplex }) => duplex === false)
    this.isPlain = !this.isFiltered && !isOneWay && nonTransit.length === 0
    this.dependsOnDiallers = links.some(
      (link) => link.dialledBy === 'both' && (link.back !== undefined || link.duplex === false)
    )
  }

  /** Something has changed. */
  forget(): void {
    this.groups = undefined
    this.answers.clear()
  }

  /** A broker is gone for good. */
  forgetAll(): void {
    this.isReduced = true
    this.possible.clear()
    this.forget()
  }

  /** Groups of brokers at work that are joined by whole links, in whatever direction. */
  components(): readonly (readonly string[])[] {
    return [...new Set(this.groupsByBroker().values())]
  }

  /** The brokers joined to one, itself included; none if it is not at work. */
  joinedTo(broker: string): readonly string[] {
    return this.groupsByBroker().get(broker) ?? nobody
  }

  /** The brokers that messages for a destination reach from one, itself included. */
  reachableFrom(broker: string, destination: FilteredDestination): readonly string[] {
    if (this.isPlain) return this.joinedTo(broker)
    const key = this.keyOf(broker, destination)
    let answer = this.answers.get(key)
    if (answer === undefined) {
      if (this.answers.size >= answersMax) this.answers.clear()
      answer = this.view.isAtWork(broker) ? [...this.walk(broker, destination, false)] : nobody
      this.answers.set(key, answer)
    }
    return answer
  }

  /** True if messages would get there with everything at work and whole that is not gone. */
  isPossible(from: string, to: string, destination: FilteredDestination): boolean {
    if ((this.isPlain && !this.isReduced) || from === to) return true
    const key = this.keyOf(from, destination)
    let answer = this.possible.get(key)
    if (answer === undefined) {
      if (this.possible.size >= answersMax) this.possible.clear()
      answer = this.walk(from, destination, true)
      this.possible.set(key, answer)
    }
    return answer.has(to)
  }

  private keyOf(broker: string, { kind, name }: FilteredDestination): string {
    return this.isFiltered ? `${broker} ${kind} ${name}` : broker
  }

  private groupsByBroker(): ReadonlyMap<string, readonly string[]> {
    if (this.groups !== undefined) return this.groups
    const { topology, links } = this.view
    const groups = new Map<string, string[]>()
    for (const name of topology.brokers) if (this.view.isAtWork(name)) groups.set(name, [name])
    for (const link of links.all) {
      const one = groups.get(link.a)
      const other = groups.get(link.b)
      if (one === undefined || other === undefined || one === other || links.isCut(link)) continue
      const [large, small] = one.length < other.length ? [other, one] : [one, other]
      for (const name of small) {
        large.push(name)
        groups.set(name, large)
      }
    }
    this.groups = groups
    return groups
  }

  /** @param isIdeal true to take everything for whole and at work that is not gone */
  private walk(start: string, destination: FilteredDestination, isIdeal: boolean): Set<string> {
    const { links } = this.view
    const found = new Set([start])
    const waiting = [start]
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (at !== start && this.nonTransit.has(at)) continue
      for (const link of links.of(at)) {
        const to = at === link.a ? link.b : link.a
        if (found.has(to) || !this.carries(link, at, destination, isIdeal)) continue
        found.add(to)
        waiting.push(to)
      }
    }
    return found
  }

  private carries(
    link: SimLink,
    from: string,
    destination: FilteredDestination,
    isIdeal: boolean
  ): boolean {
    const { view } = this
    const diallers = diallersOf(link)
    if (view.isGone(link.a) || view.isGone(link.b)) return false
    if (isIdeal) return diallers.some((dialler) => mayCross(link, dialler, from, destination))
    if (view.links.isCut(link) || !view.isAtWork(link.a) || !view.isAtWork(link.b)) return false
    const dialler = diallers.length === 1 ? diallers[0] : view.diallerOf(link)
    return mayCross(link, dialler ?? link.a, from, destination)
  }
}

/** True if a bridge that `dialler` made over a link lets messages out of `from` across. */
export function mayCross(
  link: SimLink,
  dialler: string,
  from: string,
  destination: FilteredDestination
): boolean {
  const terms = termsOf(link, dialler)
  if (terms.duplex === false && from !== dialler) return false
  if (destination.kind === 'temp-queue' || !isFilter(terms)) return true
  const { include = [], exclude = [] } = terms
  if (exclude.some((pattern) => matches(pattern, destination))) return false
  return include.length === 0 || include.some((pattern) => matches(pattern, destination))
}

function isFilter({ include = [], exclude = [] }: LinkTerms): boolean {
  return include.length + exclude.length > 0
}

function matches(pattern: string, { kind, name }: FilteredDestination): boolean {
  const scheme = `${kind}://`
  return pattern.startsWith(scheme) && patternMatches(pattern.slice(scheme.length), name)
}

// The configured links of a world by their ends, and which ways of each are cut on purpose. It
// knows nothing of brokers that are down, and touches no path.

import type { LinkTerms, SimLink, SimTopology } from './topologies.ts'

const none: readonly SimLink[] = []

/** See the top of this file. */
export class SimLinks {
  readonly all: readonly SimLink[]
  private readonly topologyName: string
  /** By one end and the other, both ways round. */
  private readonly byEnds = new Map<string, Map<string, SimLink>>()
  private readonly byBroker = new Map<string, SimLink[]>()
  /** Ways that are cut, by the broker that is not heard. */
  private readonly cutWays = new Map<SimLink, Set<string>>()

  constructor({ name, links }: SimTopology) {
    this.topologyName = name
    this.all = links
    for (const link of links) {
      this.file(link.a, link.b, link)
      this.file(link.b, link.a, link)
      for (const end of [link.a, link.b]) {
        const of = this.byBroker.get(end)
        if (of === undefined) this.byBroker.set(end, [link])
        else of.push(link)
      }
    }
  }

  /** The link between two brokers. */
  find(a: string, b: string): SimLink | undefined {
    return this.byEnds.get(a)?.get(b)
  }

  /** @throws Error if there is none */
  get(a: string, b: string): SimLink {
    const found = this.find(a, b)
    if (found === undefined) throw new Error(`${this.topologyName} has no link ${a}-${b}`)
    return found
  }

  /** All links of a broker. */
  of(broker: string): readonly SimLink[] {
    return this.byBroker.get(broker) ?? none
  }

  /** True if a way of the link, or both, is cut. */
  isCut(link: SimLink): boolean {
    return this.cutWays.has(link)
  }

  /** Links with a way that is cut. */
  cut(): SimLink[] {
    return [...this.cutWays.keys()]
  }

  /** Notes a cut way; false if it was cut before. */
  addCut(link: SimLink, from: string): boolean {
    const ways = this.cutWays.get(link)
    if (ways === undefined) this.cutWays.set(link, new Set([from]))
    else if (ways.has(from)) return false
    else ways.add(from)
    return true
  }

  /** Notes that a link is whole; false if it was. */
  removeCuts(link: SimLink): boolean {
    return this.cutWays.delete(link)
  }

  private file(from: string, to: string, link: SimLink): void {
    const byOther = this.byEnds.get(from)
    if (byOther === undefined) this.byEnds.set(from, new Map([[to, link]]))
    else byOther.set(to, link)
  }
}

/** The terms of a bridge over a link, by which end dialled it. */
export function termsOf(link: SimLink, dialler: string): LinkTerms {
  return dialler === link.b && link.dialledBy === 'both' ? (link.back ?? link) : link
}

/** Which ends may dial a link. */
export function diallersOf({ a, b, dialledBy }: SimLink): readonly string[] {
  if (dialledBy === 'both') return [a, b]
  return [dialledBy === 'a' ? a : b]
}

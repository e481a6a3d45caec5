// Which brokers could still exchange messages: those that live and are joined by links that nobody
// cut, over brokers that carry for others. It knows only what the scenario did, never what brokers
// made of it; so it can say whether they should have found a way.

import type { SimEvent } from '../plan/index.ts'
import type { SimLink, SimTopology } from '../topologies.ts'

/** See the top of this file. */
export class WaysLeft {
  private readonly topology: SimTopology
  private readonly dead = new Set<string>()
  private readonly cut = new Set<SimLink>()

  /** @param late brokers that are not there from the start */
  constructor(topology: SimTopology, late: readonly string[]) {
    this.topology = topology
    for (const broker of late) this.dead.add(broker)
  }

  /** A step of the timeline happens. */
  onEvent(event: SimEvent): void {
    switch (event.kind) {
      case 'kill':
      case 'kill-at':
      case 'disk-restore':
      case 'stop':
      case 'power-off':
      case 'pause':
      case 'remove':
      case 'disk-loss':
        this.dead.add(event.broker)
        return
      case 'start':
      case 'resume':
        this.dead.delete(event.broker)
        return
      case 'start-all':
        this.dead.clear()
        return
      case 'cut':
      case 'heal':
        this.setCut(event.a, event.b, event.kind === 'cut')
        return
      case 'cut-one-way':
        // A bridge needs both ways, if only to be acknowledged.
        this.setCut(event.from, event.to, true)
        return
      case 'heal-all':
        this.cut.clear()
        return
      case 'partition':
        this.partition(event.groups)
        return
      default:
    }
  }

  isAlive(broker: string): boolean {
    return !this.dead.has(broker)
  }

  /** True if a message could go from one to the other. */
  isJoined(from: string, to: string): boolean {
    if (!this.isAlive(from) || !this.isAlive(to)) return false
    const reached = new Set([from])
    for (const broker of reached) {
      if (broker === to) return true
      if (broker !== from && this.topology.nonTransit.includes(broker)) continue
      for (const link of this.topology.links) {
        const next = this.across(link, broker)
        if (next !== undefined && this.isAlive(next)) reached.add(next)
      }
    }
    return false
  }

  /** The other end of a link over which messages can leave a broker. */
  private across(link: SimLink, from: string): string | undefined {
    const { a, b, dialledBy, duplex = true, include = [], exclude = [] } = link
    if (this.cut.has(link) || (a !== from && b !== from)) return undefined
    // What a filter lets through is another matter: such a link is nobody's certain way.
    if (include.length + exclude.length > 0) return undefined
    const isDialler = dialledBy === 'both' || (dialledBy === 'a') === (a === from)
    if (!duplex && !isDialler) return undefined
    return a === from ? b : a
  }

  private partition(groups: readonly (readonly string[])[]): void {
    const groupOf = (name: string): number => groups.findIndex((group) => group.includes(name))
    for (const { a, b } of this.topology.links) this.setCut(a, b, groupOf(a) !== groupOf(b))
  }

  private setCut(a: string, b: string, isCut: boolean): void {
    for (const link of this.topology.links) {
      if (!(link.a === a && link.b === b) && !(link.a === b && link.b === a)) continue
      if (isCut) this.cut.add(link)
      else this.cut.delete(link)
    }
  }
}

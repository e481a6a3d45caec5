// What the selectors that brokers tell of their consumers come to: of several patterns that match
// one name, and as filters that a message is held against. Where that is too much, or not
// understood, everything is wanted: demand may be over-stated.

import { mark } from '../../base/index.ts'
import { type Message, type MessageFilter, selectorFilter } from '../../broker/index.ts'
import { demandSelectorsMax } from './demand-entry.ts'

/** Selectors of one broker that a message is held against. */
const askedMax = 4 * demandSelectorsMax

/** What the entries of each broker that match one name add up to. */
export class SelectorUnion {
  /** Undefined for a broker that wants everything. */
  private readonly byBroker = new Map<string, Set<string> | undefined>()

  add(broker: string, selectors: readonly string[] | undefined): void {
    const known = this.byBroker.get(broker)
    const isOpen = known === undefined && this.byBroker.has(broker)
    if (selectors === undefined || isOpen) this.byBroker.set(broker, undefined)
    else if (known === undefined) this.byBroker.set(broker, new Set(selectors))
    else for (const selector of selectors) known.add(selector)
  }

  /** Undefined if it wants everything, or has more selectors than are asked for one message. */
  of(broker: string): readonly string[] | undefined {
    const selectors = this.byBroker.get(broker)
    if (selectors === undefined || selectors.size > askedMax) return undefined
    return [...selectors].sort()
  }

  filters(): ReadonlyMap<string, readonly MessageFilter[]> | undefined {
    let found: Map<string, readonly MessageFilter[]> | undefined
    for (const broker of this.byBroker.keys()) {
      const filters = filtersOf(this.of(broker))
      if (filters === undefined) continue
      found ??= new Map()
      found.set(broker, filters)
    }
    return found
  }
}

/** Selectors as filters; undefined for none, or if one is none that this broker understands. */
export function filtersOf(
  selectors: readonly string[] | undefined
): readonly MessageFilter[] | undefined {
  try {
    return selectors?.map(selectorFilter)
  } catch {
    // Its broker has taken it, so it may be of a later version. Demand may be over-stated.
    mark('demand-selector-unknown')
    return undefined
  }
}

/** True if a message passes one of the filters, or there are none. */
export function passesAny(
  filters: readonly MessageFilter[] | undefined,
  message: Message
): boolean {
  if (filters === undefined) return true
  for (const filter of filters) if (filter.matches(message)) return true
  return false
}

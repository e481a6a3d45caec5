// Read model of demand: what the consumers of every broker want, as the broker that is asked knows
// it. The broker's own services are left out: they say nothing about applications.

import { reservedPrefix } from '../broker/index.ts'
import type { ListCap } from './capped-list.ts'

/** One wish. */
export interface DemandEntryStatus {
  readonly kind: 'queue' | 'topic'
  readonly pattern: string
  /** 0: wanted, but full just now; 1 to 16: about the logarithm of the credit. */
  readonly weight: number
}

/** The wishes of one broker's consumers. */
export interface DemandStatus {
  readonly broker: string
  readonly entries: readonly DemandEntryStatus[]
}

/** The part of the network that is read here. */
export interface DemandSource {
  readonly localDemand: { readonly broker: string; entries(): readonly DemandEntryStatus[] }
  readonly demand: {
    digest(): readonly { readonly broker: string }[]
    entriesOf(broker: string): readonly DemandEntryStatus[]
  }
}

/** Demand by broker, the broker's own first; brokers that want nothing are left out. */
export function demandStatus(source: DemandSource, cap: ListCap): DemandStatus[] {
  const { localDemand, demand } = source
  const wanting: DemandStatus[] = []
  const add = (broker: string, all: readonly DemandEntryStatus[]): void => {
    const entries = all.filter(({ pattern }) => !pattern.startsWith(reservedPrefix))
    if (entries.length === 0) return
    wanting.push({ broker, entries: cap.take('demand', entries.sort(byPattern), (entry) => entry) })
  }
  add(localDemand.broker, localDemand.entries())
  const others = demand.digest().map(({ broker }) => broker)
  for (const broker of others.sort()) {
    // One broker may want a million things: lists nobody will see are not made.
    if (cap.room('demand') === 0) cap.noteCut('demand')
    else add(broker, demand.entriesOf(broker))
  }
  return wanting
}

function byPattern(a: DemandEntryStatus, b: DemandEntryStatus): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1
  return a.pattern < b.pattern ? -1 : 1
}

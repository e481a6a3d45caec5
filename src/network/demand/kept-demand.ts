// What durable subscriptions of other brokers want, as facts in the store: a later life of this
// broker keeps messages for them from its first moment, though it may not have heard of their
// brokers yet.
// Invariant: what is noted is what the table holds, or held when something was last written.

import type { DemandTable } from './demand-table.ts'

/** The part of the store that is used here. */
export interface FactStore {
  fact(key: string): string | undefined
  factKeys(prefix: string): string[]
  setFact(key: string, value: string | undefined): void
}

const prefix = 'demand '

/** See the top of this file. Only for a broker whose store outlives it. */
export class KeptDemand {
  private readonly store: FactStore
  private readonly table: DemandTable
  private readonly changed = new Set<string>()

  constructor(store: FactStore, table: DemandTable) {
    this.store = store
    this.table = table
  }

  /** Gives the table what an earlier life noted. */
  recover(): void {
    for (const key of this.store.factKeys(prefix)) {
      const patterns = JSON.parse(this.store.fact(key)!) as string[]
      this.table.keep(key.slice(prefix.length), patterns)
    }
    this.changed.clear()
  }

  /** Durable subscriptions of a broker came or went; `write` follows. */
  note(broker: string): void {
    this.changed.add(broker)
  }

  /** Writes what was noted. */
  write(): void {
    for (const broker of this.changed) {
      const patterns = [...this.table.durablesOf(broker)]
      const value = patterns.length === 0 ? undefined : JSON.stringify(patterns.sort())
      this.store.setFact(`${prefix}${broker}`, value)
    }
    this.changed.clear()
  }
}

// Judge: a transaction is all or nothing. Brokers take no message of one that was aborted or broke
// off, and all messages of one that was committed.

import type { Checker, Complain } from '../watcher.ts'
import { fateOf, transactionOf } from '../workload/transaction-rule.ts'
import type { SimWorld } from '../world.ts'

const name = 'transactions'

/** Looks at every message that is taken, and counts at the end. */
export function transactions(world: SimWorld, complain: Complain): Checker {
  /** Messages taken by producer and transaction. */
  const taken = new Map<string, { count: number; readonly size: number; readonly origin: string }>()
  return {
    name,
    onAccepted({ key, producer, number, origin }) {
      const plan = world.ledger.producer(producer)
      const transaction = plan === undefined ? undefined : transactionOf(plan, number)
      if (transaction === undefined) return
      const { index, first, last } = transaction
      const label = `${producer} t${index}`
      if (fateOf(transaction) === 'aborted') {
        complain(name, `${origin} took ${key} of transaction ${label}, which is aborted`)
      }
      const known = taken.get(label)
      if (known === undefined) taken.set(label, { count: 1, size: last - first + 1, origin })
      else known.count += 1
    },
    atRest() {
      for (const [label, { count, size, origin }] of taken) {
        if (count === size) continue
        complain(name, `${origin} took ${count} of the ${size} messages of transaction ${label}`)
      }
    }
  }
}

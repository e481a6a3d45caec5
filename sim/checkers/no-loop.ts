// Judge: no message comes back to a broker it has crossed. Between two choices of a target that
// holds by its broker path; in a stable phase, when nothing is redirected, over its whole way. What
// a broker with enough of a queue keeps waiting on its way is redirected, and may go back.

import type { Station } from '../../src/station/index.ts'
import type { Checker, Complain } from '../watcher.ts'
import { isDeadLetterOf } from '../workload/ledger.ts'
import type { SimWorld } from '../world.ts'

const name = 'no-loop'

/** Looks at every crossing. */
export function noLoop(world: SimWorld, complain: Complain): Checker {
  /** Queues of which some broker has had enough in this phase. */
  const full = new Set<string>()
  return {
    name,
    onStable() {
      full.clear()
    },
    inspect() {
      for (const broker of world.upBrokers()) {
        for (const { pattern } of fullQueuesOf(broker.running)) full.add(pattern)
      }
    },
    onCrossing({ from, to, message, record }) {
      const { brokerPath } = message
      if (repeats(brokerPath, to)) {
        const path = [...brokerPath, to].join(' > ')
        complain(name, `${message.id} came from ${from} to ${to} by way of ${path}`)
      }
      if (record === undefined || !world.hadNoFault(record)) return
      if (isDeadLetterOf(record, message)) return
      if (record.kind === 'queue' && full.has(record.destination)) return
      // A topic's branches are each a way of their own; a broker still gets one copy.
      if (repeats(record.visited, record.origin)) {
        const visited = [record.origin, ...record.visited].join(', ')
        complain(name, `${record.key} went ${visited} although nothing failed`)
      }
    }
  }
}

function fullQueuesOf({ network }: Station): Iterable<{ readonly pattern: string }> {
  const { fullQueues } = network.localDemand as unknown as {
    readonly fullQueues: ReadonlySet<{ readonly pattern: string }>
  }
  return fullQueues
}

/** True if a broker is named twice, in a list or by the list and beside it. Lists are short. */
function repeats(brokers: readonly string[], beside: string): boolean {
  for (let at = 0; at < brokers.length; at += 1) {
    const broker = brokers[at]!
    if (broker === beside || brokers.indexOf(broker, at + 1) >= 0) return true
  }
  return false
}

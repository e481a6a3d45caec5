// Judge: no message comes back to a broker it has crossed. Between two choices of a target that
// holds by its broker path; in a stable phase, when nothing is redirected, over its whole way.

import type { Checker, Complain } from '../watcher.ts'
import { isDeadLetterOf } from '../workload/ledger.ts'
import type { SimWorld } from '../world.ts'

const name = 'no-loop'

/** Looks at every crossing. */
export function noLoop(world: SimWorld, complain: Complain): Checker {
  return {
    name,
    onCrossing({ from, to, message, record }) {
      const { brokerPath } = message
      const path = [...brokerPath, to]
      if (new Set(path).size < path.length) {
        complain(name, `${message.id} came from ${from} to ${to} by way of ${path.join(' > ')}`)
      }
      if (record === undefined || !world.hadNoFault(record)) return
      if (isDeadLetterOf(record, message) || world.ledger.mayWander(record)) return
      const visited = [record.origin, ...record.visited]
      // A topic's branches are each a way of their own; a broker still gets one copy.
      if (new Set(visited).size < visited.length) {
        complain(name, `${record.key} went ${visited.join(', ')} although nothing failed`)
      }
    }
  }
}

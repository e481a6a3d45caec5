// Judge: nobody is given what it did not ask for: neither of another destination nor what its
// selector leaves out.

import { deadLetterQueueName, patternMatches } from '../../src/broker/index.ts'
import type { Checker, Complain } from '../watcher.ts'
import { selects } from '../workload/selection.ts'
import type { SimWorld } from '../world.ts'

const name = 'selection'

/** Looks at every delivery. */
export function selection(world: SimWorld, complain: Complain): Checker {
  /** Kind and pattern by a plan's destination. */
  const wanted = new Map<string, readonly string[]>()
  return {
    name,
    onDelivered({ record, consumer, session, isDeadLetter }) {
      const plan = world.consumers.get(consumer)?.plan
      if (plan === undefined) return
      const kind = isDeadLetter === true ? 'queue' : record.kind
      const own = `${deadLetterQueueName}.${record.destination}`
      const names = isDeadLetter === true ? [deadLetterQueueName, own] : [record.destination]
      let parts = wanted.get(plan.destination)
      if (parts === undefined) {
        parts = plan.destination.split('/')
        wanted.set(plan.destination, parts)
      }
      const [, wantedKind, pattern] = parts
      if (wantedKind !== kind || !names.some((one) => patternMatches(pattern!, one))) {
        complain(name, `${session} to ${plan.destination} got ${record.key} of ${names[0]}`)
      } else if (!selects(plan.selector, record.headers)) {
        const headers = [...record.headers].map(([header, value]) => `${header}=${value}`).join(' ')
        complain(name, `${session} got ${record.key} with ${headers}, it takes ${plan.selector}`)
      }
    }
  }
}

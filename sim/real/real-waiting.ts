// Which messages wait in queues of real brokers. Reports tell how many, not which: of the messages
// of a queue that were not consumed, the oldest ones are taken for those, and the rest is missing.

import type { Ledger } from '../workload/ledger.ts'
import type { TimedReport } from './status-client.ts'

/** Keys of messages that wait, as the latest reports have it. */
export function waitingKeys(ledger: Ledger, reports: Iterable<TimedReport>): ReadonlySet<string> {
  const left = new Map<string, number>()
  for (const { report } of reports) {
    for (const { name, kind, ready } of report.queues ?? []) {
      if (kind === 'queue') left.set(name, (left.get(name) ?? 0) + ready)
    }
  }
  const keys = new Set<string>()
  for (const { key, kind, destination, consumed, excuse } of ledger.all()) {
    if (kind !== 'queue' || consumed > 0 || excuse !== undefined) continue
    const count = left.get(destination) ?? 0
    if (count === 0) continue
    left.set(destination, count - 1)
    keys.add(key)
  }
  return keys
}

// Two listeners of one file on the same address are an error: a file is there to be run as a whole
// on one machine. Ports are compared first, so the cost is that of the listeners of one port.

import type { ListenerDraft } from './broker-draft.ts'
import { listenersCollide } from './listener-address.ts'
import type { TopologyCheck } from './topology-check.ts'

/** Reports each listener whose address an earlier one has. */
export function checkListeners(check: TopologyCheck): void {
  const byPort = new Map<number, { broker: string; listener: ListenerDraft }[]>()
  for (const broker of check.brokers.values()) {
    for (const listener of broker.listeners) {
      const { uri, path } = listener
      const others = byPort.get(uri.port) ?? []
      byPort.set(uri.port, others)
      const other = others.find((each) => listenersCollide(each.listener.uri, uri))
      if (other === undefined) others.push({ broker: broker.name, listener })
      else {
        const where = `"${other.listener.uri.text}" of broker "${other.broker}"`
        check.report({
          path: [...path, 'uri'],
          message: `"${uri.text}" of broker "${broker.name}" has the same address as ${where}`,
          suggestion: 'give each listener a port of its own, or port 0 for any free one'
        })
      }
    }
  }
}

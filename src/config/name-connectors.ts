// Names of connectors: given ones must be unique within their broker and kind, the others get one
// that is. The name of a connector never changes with the order of the file's other brokers.

import type { BrokerDraft, ConnectorDraft, ListenerDraft } from './broker-draft.ts'
import type { TopologyCheck } from './topology-check.ts'

/** Reports connectors that have the name of an earlier one of the same broker. */
export function checkConnectorNames(check: TopologyCheck): void {
  for (const broker of check.brokers.values()) {
    for (const list of [broker.listeners, broker.connectors]) {
      const seen = new Set<string>()
      for (const { givenName, path } of list) {
        if (givenName === undefined) continue
        if (seen.has(givenName)) {
          check.report({
            path: [...path, 'name'],
            message: `broker "${broker.name}" has two connectors named "${givenName}"`,
            suggestion: 'rename one'
          })
        }
        seen.add(givenName)
      }
    }
  }
}

/** Names of a broker's listeners, in order: the scheme where none is given. */
export function nameListeners(broker: BrokerDraft): string[] {
  return nameAll(broker.listeners, ({ uri }) =>
    uri.carrier === 'ws' ? `${uri.protocol}-ws` : uri.protocol
  )
}

/** Names of a broker's network connectors, in order: `to-<broker>` where none is given. */
export function nameConnectors(broker: BrokerDraft): string[] {
  return nameAll(broker.connectors, ({ targets }, index) =>
    targets.size === 1 ? `to-${[...targets][0]}` : `connector-${index + 1}`
  )
}

function nameAll<Draft extends ListenerDraft | ConnectorDraft>(
  drafts: readonly Draft[],
  nameFor: (draft: Draft, index: number) => string
): string[] {
  const taken = new Set<string>()
  for (const { givenName } of drafts) if (givenName !== undefined) taken.add(givenName)
  return drafts.map((draft, index) => {
    if (draft.givenName !== undefined) return draft.givenName
    const wanted = nameFor(draft, index)
    let name = wanted
    for (let more = 2; taken.has(name); more += 1) name = `${wanted}-${more}`
    taken.add(name)
    return name
  })
}

// Finds out which broker of the file each network connector leads to. A connector to its own
// broker or to a listener that speaks something else is an error; one that leads out of the file
// is fine to run, and a warning because a mistyped port looks the same.

import type { TransportUri } from '../base/index.ts'
import type { BrokerDraft, ConnectorDraft } from './broker-draft.ts'
import { addressReaches, dialTarget, dialText, speaksAs } from './listener-address.ts'
import type { TopologyCheck } from './topology-check.ts'

/**
 * Fills in the targets of every connector of the file.
 * @returns false when an error kept it from finding them all
 */
export function joinBrokers(check: TopologyCheck): boolean {
  const byPort = new Map<number, { broker: BrokerDraft; uri: TransportUri }[]>()
  for (const broker of check.brokers.values()) {
    for (const { uri } of broker.listeners) {
      const listeners = byPort.get(uri.port) ?? []
      listeners.push({ broker, uri })
      byPort.set(uri.port, listeners)
    }
  }
  let isWhole = check.hasAllListeners && check.hasAllConnectors
  for (const broker of check.brokers.values()) {
    for (const connector of broker.connectors) {
      for (const uri of connector.config.uris) {
        const listeners = byPort.get(uri.port) ?? []
        const reached = listeners.filter((listener) => addressReaches(uri, listener.uri))
        const target = reached.find((listener) => speaksAs(uri, listener.uri)) ?? reached[0]
        if (target !== undefined) {
          isWhole = join({ check, from: broker, connector, uri }, target) && isWhole
        } else if (check.hasAllListeners) reportOutside(check, connector, uri)
      }
    }
  }
  return isWhole
}

interface Dialling {
  readonly check: TopologyCheck
  readonly from: BrokerDraft
  readonly connector: ConnectorDraft
  readonly uri: TransportUri
}

/** Joins one broker to another; false after an error. */
function join(
  { check, from, connector, uri }: Dialling,
  target: { readonly broker: BrokerDraft; readonly uri: TransportUri }
): boolean {
  const path = [...connector.path, 'uri']
  if (target.broker === from) {
    const isInherited = connector.path[0] === 'defaults'
    check.report({
      path,
      message: `"${uri.text}" leads broker "${from.name}" to itself`,
      suggestion: isInherited
        ? `give "${from.name}" networkConnectors of its own, [] for none`
        : 'name another broker, or remove the connector'
    })
    return false
  }
  if (!speaksAs(uri, target.uri)) {
    const right = dialTarget(target.broker.listeners.map((listener) => listener.uri))
    check.report({
      path,
      message: `"${uri.text}" leads to "${target.uri.text}" of broker "${target.broker.name}"`,
      suggestion:
        right === undefined
          ? `give "${target.broker.name}" a postroad transport connector`
          : `did you mean "${dialText(right)}"?`
    })
    return false
  }
  connector.targets.add(target.broker.name)
  return true
}

function reportOutside(check: TopologyCheck, connector: ConnectorDraft, uri: TransportUri): void {
  check.report({
    severity: 'warning',
    path: [...connector.path, 'uri'],
    message: `"${uri.text}" is no listener of this file`,
    suggestion: 'right for a broker that is described elsewhere'
  })
}

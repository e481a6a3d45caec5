// How brokers introduce themselves: the HELLO this broker says, and the rules by which it turns
// down another's. What only the rest of the broker can know is asked of the owner afterwards.

import { mark } from '../../base/index.ts'
import {
  type Hello,
  protocolVersion,
  protocolVersionMin,
  type Refusal
} from '../bridge-protocol/index.ts'
import type { NetworkConnectorConfig } from './network-connector.ts'

/** Who this broker is. */
export interface BridgesIdentity {
  readonly network: string
  readonly broker: string
  readonly brokerId: string
  readonly incarnation: number
}

/** HELLO of a dialler on the terms of its connector, or of an acceptor, which has none. */
export function makeHello(
  identity: BridgesIdentity,
  frameBytesMax: number,
  config: NetworkConnectorConfig | undefined
): Hello {
  const { network, broker, brokerId, incarnation } = identity
  return {
    network,
    broker,
    brokerId,
    incarnation,
    versionMin: protocolVersionMin,
    version: protocolVersion,
    capabilities: 0,
    connectorName: config?.name ?? '',
    isDuplex: config?.duplex ?? true,
    frameBytesMax,
    cost: config?.cost ?? 0,
    include: config?.include ?? [],
    exclude: config?.exclude ?? []
  }
}

/**
 * Why a bridge with that broker is impossible, or undefined.
 * @param standing HELLO of the broker of that name that is bridged now, if any
 */
export function findRefusal(
  hello: Hello,
  identity: BridgesIdentity,
  standing: Hello | undefined
): Refusal | undefined {
  const { broker, brokerId, incarnation } = hello
  if (hello.versionMin > protocolVersion || hello.version < protocolVersionMin) {
    mark('greeting-wrong-version')
    const text = `versions ${hello.versionMin} to ${hello.version} are not spoken here`
    return { code: 'wrong-version', text }
  }
  if (hello.network !== identity.network) {
    mark('greeting-wrong-network')
    const text = `this is network "${identity.network}", not "${hello.network}"`
    return { code: 'wrong-network', text }
  }
  if (brokerId === identity.brokerId) {
    mark('greeting-from-itself')
    return { code: 'own-id', text: `the connection leads from "${broker}" back to itself` }
  }
  if (broker === identity.broker) {
    mark('greeting-own-name')
    return { code: 'name-in-use', text: `both brokers are called "${broker}"; rename one` }
  }
  if (standing?.brokerId === brokerId && standing.incarnation > incarnation) {
    mark('greeting-of-earlier-life')
    return { code: 'name-in-use', text: `a later life of "${broker}" is bridged already` }
  }
  return undefined
}

// A broker while its file is being checked: every connector that could be read by itself, and where
// it stands. Rules between connectors work on drafts, so that one bad line hides no other problem.

import type { TransportUri } from '../base/index.ts'
import type { DiscoveryUri } from '../discovery/index.ts'
import { networkConnectorSchema } from './network-connector-schema.ts'
import type { NetworkConnectorConfig } from './topology.ts'
import { transportConnectorSchema } from './transport-connector-schema.ts'
import type { YamlPath, YamlSource } from './yaml-source.ts'

/** A listener that could be read. */
export interface ListenerDraft {
  readonly givenName: string | undefined
  readonly uri: TransportUri
  readonly path: YamlPath
}

/** A network connector that could be read, or that a template made. */
export interface ConnectorDraft {
  readonly givenName: string | undefined
  readonly config: Omit<NetworkConnectorConfig, 'name'>
  readonly path: YamlPath
  /** Brokers of the file that it leads to; join-brokers.ts fills it in. */
  readonly targets: Set<string>
}

/** One broker of the file. */
export interface BrokerDraft {
  readonly name: string
  readonly path: YamlPath
  readonly listeners: ListenerDraft[]
  readonly connectors: ConnectorDraft[]
  /** False when a listener could not be read, so that a missing one proves nothing. */
  readonly hasAllListeners: boolean
  /** False when a network connector could not be read. */
  readonly hasAllConnectors: boolean
}

/** A map of the file before it is checked. */
export type RawMap = Readonly<Record<string, unknown>>

/** `value` if it is a map. */
export function asMap(value: unknown): RawMap | undefined {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isMap ? (value as RawMap) : undefined
}

/** Drafts of every broker of the file, in its order. */
export function draftBrokers(source: YamlSource): BrokerDraft[] {
  const file = asMap(source.value)
  const defaults = asMap(file?.defaults) ?? {}
  const brokers = asMap(file?.brokers) ?? {}
  return source.keysOf(['brokers']).map((name) => draftBroker(name, brokers[name], defaults))
}

/** The parts of a connector that its discovery URI decides. */
export function dialPlan(uri: DiscoveryUri): Omit<DiscoveryUri, 'scheme'> {
  const { scheme: _, ...plan } = uri
  return plan
}

const listenerFields = transportConnectorSchema.shape

function draftBroker(name: string, raw: unknown, defaults: RawMap): BrokerDraft {
  const own = asMap(raw)
  const listeners: ListenerDraft[] = []
  const connectors: ConnectorDraft[] = []
  const listenerList = effectiveList('transportConnectors', name, own, defaults)
  for (const { value, path } of listenerList.entries) {
    const uri = listenerFields.uri.safeParse(asMap(value)?.uri).data
    if (uri !== undefined) listeners.push({ givenName: nameOf(value), uri, path })
  }
  const connectorList = effectiveList('networkConnectors', name, own, defaults)
  for (const { value, path } of connectorList.entries) {
    const config = readConnector(value)
    if (config === undefined) continue
    connectors.push({ givenName: nameOf(value), config, path, targets: new Set() })
  }
  return {
    name,
    path: ['brokers', name],
    listeners,
    connectors,
    hasAllListeners: listenerList.isList && listeners.length === listenerList.entries.length,
    hasAllConnectors: connectorList.isList && connectors.length === connectorList.entries.length
  }
}

/** A connector whose URI can be read; what else is wrong with it, the schema has told already. */
function readConnector(value: unknown): ConnectorDraft['config'] | undefined {
  const uri = asMap(value)?.uri
  const data =
    networkConnectorSchema.safeParse(value).data ?? networkConnectorSchema.safeParse({ uri }).data
  if (data === undefined) return undefined
  const { name: _, uri: discovery, ...rest } = data
  return { ...dialPlan(discovery), ...rest }
}

function nameOf(value: unknown): string | undefined {
  return listenerFields.name.safeParse(asMap(value)?.name).data
}

interface EffectiveList {
  /** False when there is something else in its place. */
  readonly isList: boolean
  readonly entries: readonly { readonly value: unknown; readonly path: YamlPath }[]
}

/** A broker's list under `key`, its own or else the defaults'. */
function effectiveList(
  key: string,
  broker: string,
  own: RawMap | undefined,
  defaults: RawMap
): EffectiveList {
  const isOwn = own !== undefined && Object.hasOwn(own, key)
  const list = (isOwn ? own : defaults)[key] ?? []
  const path: YamlPath = isOwn ? ['brokers', broker, key] : ['defaults', key]
  if (own === undefined || !Array.isArray(list)) return { isList: false, entries: [] }
  return {
    isList: true,
    entries: list.map((value, index) => ({ value, path: [...path, index] }))
  }
}

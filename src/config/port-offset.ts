// Moves every port of a topology, so that several networks run side by side on one machine. The
// topology given is left as it is; what leads out of the file keeps its port.

import { PostroadError, type TransportUri, transportUriWithPort } from '../base/index.ts'
import { addressReaches } from './listener-address.ts'
import type { BrokerConfig, NetworkConnectorConfig, Topology } from './topology.ts'

/**
 * The same topology with every listener's port, and every port its connectors dial at a listener of
 * the topology, moved by `offset`. Port 0 stays 0, and so does what leads out of the file.
 * @throws PostroadError LOCAL_CONFIG_INVALID when a port would leave 1 to 65535
 */
export function withPortOffset(topology: Topology, offset: number): Topology {
  if (!Number.isSafeInteger(offset)) {
    const message = `port offset ${offset} is not a whole number; write for example 100`
    throw new PostroadError('LOCAL_CONFIG_INVALID', message, { offset })
  }
  const listeners = [...topology.brokers.values()].flatMap(({ transportConnectors }) =>
    transportConnectors.map(({ uri }) => uri)
  )
  const moved = new Map<NetworkConnectorConfig, NetworkConnectorConfig>()
  const brokers = new Map<string, BrokerConfig>()
  for (const broker of topology.brokers.values()) {
    const networkConnectors = broker.networkConnectors.map((connector) => {
      const uris = connector.uris.map((uri) =>
        listeners.some((listener) => addressReaches(uri, listener)) ? movePort(uri, offset) : uri
      )
      const copy = { ...connector, uris }
      moved.set(connector, copy)
      return copy
    })
    const transportConnectors = broker.transportConnectors.map(({ name, uri }) => ({
      name,
      uri: movePort(uri, offset)
    }))
    brokers.set(broker.name, { ...broker, transportConnectors, networkConnectors })
  }
  const bridges = topology.bridges.map((bridge) => ({
    ...bridge,
    connector: moved.get(bridge.connector) ?? bridge.connector
  }))
  return { network: topology.network, brokers, bridges }
}

function movePort(uri: TransportUri, offset: number): TransportUri {
  if (uri.port === 0) return uri
  const port = uri.port + offset
  if (port < 1 || port > 65_535) {
    throw new PostroadError(
      'LOCAL_CONFIG_INVALID',
      `"${uri.text}" moved by ${offset} would have port ${port}; choose an offset that keeps ` +
        'every port between 1 and 65535',
      { uri: uri.text, offset, port }
    )
  }
  return { ...uri, port, text: transportUriWithPort(uri, port) }
}

import test from 'ava'
import { createStreamTransport } from '../../src/platform/index.ts'
import type { StreamEndpoint } from '../../src/ports/index.ts'
import { streamTransportSuite } from '../conformance/stream-transport.suite.ts'
import { realWorld } from './real-world.ts'

const transport = createStreamTransport({ endTimeoutMs: 2_500 })
const floodBytes = 16 * 1024 * 1024
const tcp: StreamEndpoint = {
  carrier: 'tcp',
  host: '127.0.0.1',
  port: 0,
  path: '/',
  subprotocols: []
}

function worldAt(endpoint: StreamEndpoint) {
  return () => ({ ...realWorld(), listening: transport, dialling: transport, endpoint, floodBytes })
}

streamTransportSuite(test, 'TCP', worldAt(tcp))
streamTransportSuite(
  test,
  'WebSocket',
  worldAt({ ...tcp, carrier: 'ws', path: '/stomp', subprotocols: ['v12.stomp', 'v11.stomp'] })
)
streamTransportSuite(
  test,
  'bridge WebSocket',
  worldAt({ ...tcp, carrier: 'ws', path: '/', subprotocols: ['postroad.1'] })
)

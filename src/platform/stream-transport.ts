// The stream port for real: one transport that carries TCP and WebSocket, by the endpoint's
// carrier.

import { type Logger, type StreamTransport, silentLogger } from '../ports/index.ts'
import { TcpTransport } from './tcp-transport.ts'
import { WebSocketTransport } from './web-socket-transport.ts'

/** All optional. */
export interface StreamTransportOptions {
  /** Takes failures nobody else hears of, such as a failed accept; silent by default. */
  readonly logger?: Logger
  /** How long an orderly end may stand still before the connection is cut off; 5,000 by default. */
  readonly endTimeoutMs?: number
  /** How long a WebSocket client may take to ask for its upgrade; 10,000 by default. */
  readonly handshakeTimeoutMs?: number
  /** Longest WebSocket message taken, and longest sent; 16 MiB and 64 KiB by default. */
  readonly webSocketMessageBytesMax?: number
}

/** Room for a body of 16 MiB and its headers. */
const messageBytesMaxDefault = 16 * 1024 * 1024 + 64 * 1024

/** Makes the transport of this process. It holds nothing open until it listens or dials. */
export function createStreamTransport(options: StreamTransportOptions = {}): StreamTransport {
  const logger = options.logger ?? silentLogger
  const endTimeoutMs = options.endTimeoutMs ?? 5_000
  const tcp = new TcpTransport({ logger, endTimeoutMs })
  const webSocket = new WebSocketTransport({
    logger,
    endTimeoutMs,
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
    messageBytesMax: options.webSocketMessageBytesMax ?? messageBytesMaxDefault
  })
  const byCarrier = { tcp, ws: webSocket }
  return {
    listen: (endpoint, accept, done) => byCarrier[endpoint.carrier].listen(endpoint, accept, done),
    dial: (endpoint, timeoutMs, done) => byCarrier[endpoint.carrier].dial(endpoint, timeoutMs, done)
  }
}

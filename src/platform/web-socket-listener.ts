// The HTTP side of a WebSocket listener: says no in plain English to what is no WebSocket request
// of ours, agrees on a subprotocol, and hands upgraded sockets over. It serves no pages.

import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import type { StreamEndpoint } from '../ports/index.ts'
import { addressText } from './socket-errors.ts'

/** What {@link createUpgradeServer} needs. */
export interface UpgradeServerOptions {
  readonly endpoint: StreamEndpoint
  readonly upgrader: WebSocketServer
  readonly handshakeTimeoutMs: number
  onOpen(socket: WebSocket, remoteAddress: string): void
}

/** Makes the HTTP server of one endpoint; the caller lets it listen. */
export function createUpgradeServer(options: UpgradeServerOptions): Server {
  const { endpoint, upgrader, handshakeTimeoutMs } = options
  const server = createServer({
    // Node closes what has not sent its headers in time, and looks at each interval.
    headersTimeout: handshakeTimeoutMs,
    requestTimeout: handshakeTimeoutMs,
    connectionsCheckingInterval: Math.ceil(handshakeTimeoutMs / 4)
  })
  server.on('request', (request, response) => {
    request.resume()
    response.writeHead(426, { ...refusalHeaders, upgrade: 'websocket' })
    response.end(`This port speaks WebSocket${spoken(endpoint)}. Connect with a ws:// URL.\n`)
  })
  server.on('upgrade', (request, socket, head) => {
    const refusal = refusalOf(request, endpoint)
    if (refusal !== undefined) {
      refuseUpgrade(socket, refusal)
      return
    }
    const remoteAddress = addressText(request.socket.remoteAddress, request.socket.remotePort)
    upgrader.handleUpgrade(request, socket, head, (webSocket) => {
      options.onOpen(webSocket, remoteAddress)
    })
  })
  return server
}

/** The first of our subprotocols the client offers too; false for none. */
export function chooseSubprotocol(known: readonly string[], offered: Set<string>): string | false {
  return known.find((name) => offered.has(name)) ?? false
}

interface Refusal {
  readonly status: number
  readonly text: string
}

const refusalHeaders = {
  'content-type': 'text/plain; charset=utf-8',
  connection: 'close'
}

function refusalOf(request: IncomingMessage, endpoint: StreamEndpoint): Refusal | undefined {
  const path = (request.url ?? '/').split('?', 1)[0]
  if (endpoint.path !== '/' && path !== endpoint.path) {
    return { status: 404, text: `Nothing here. The WebSocket is at ${endpoint.path}.` }
  }
  const offered = offeredSubprotocols(request)
  if (offered.size === 0 || endpoint.subprotocols.length === 0) return undefined
  if (chooseSubprotocol(endpoint.subprotocols, offered) !== false) return undefined
  const known = endpoint.subprotocols.join(', ')
  return { status: 400, text: `None of the offered subprotocols is known. Offer one of: ${known}.` }
}

function offeredSubprotocols(request: IncomingMessage): Set<string> {
  const header = request.headers['sec-websocket-protocol'] ?? ''
  const names = header.split(',').map((name) => name.trim())
  return new Set(names.filter((name) => name !== ''))
}

function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const body = `${refusal.text}\n`
  const lines = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    ...Object.entries(refusalHeaders).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`
  ]
  socket.on('error', () => {})
  socket.once('finish', () => socket.destroy())
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

function spoken(endpoint: StreamEndpoint): string {
  return endpoint.subprotocols.length === 0 ? '' : ` (${endpoint.subprotocols.join(', ')})`
}

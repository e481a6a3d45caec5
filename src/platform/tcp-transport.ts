// TCP behind the stream port: opens listeners, dials, and wraps each socket in a TcpConnection.
// It never throws for what the network or the operating system did: that goes to `done`.

import { connect, createServer, type Socket } from 'node:net'
import type { PostroadError } from '../base/index.ts'
import type {
  Cancel,
  Logger,
  StreamConnection,
  StreamEndpoint,
  StreamHandlers,
  StreamListener,
  StreamTransport
} from '../ports/index.ts'
import { dialFailure, dialTimeout, listenFailure } from './socket-errors.ts'
import { socketHighWaterBytes, TcpConnection } from './tcp-connection.ts'

/** What a {@link TcpTransport} needs. */
export interface TcpTransportOptions {
  readonly logger: Logger
  /** How long an orderly end may stand still before the connection is cut off. */
  readonly endTimeoutMs: number
}

/** Connections waiting for `accept`, per listener; the kernel may hold fewer. */
export const backlogMax = 1024

/** How long a silent connection is trusted before the kernel probes it. */
const keepAliveDelayMs = 60_000

/** The TCP half of the stream transport. */
export class TcpTransport implements StreamTransport {
  private readonly logger: Logger
  private readonly endTimeoutMs: number

  constructor(options: TcpTransportOptions) {
    this.logger = options.logger
    this.endTimeoutMs = options.endTimeoutMs
  }

  listen(
    endpoint: StreamEndpoint,
    accept: (connection: StreamConnection) => StreamHandlers | undefined,
    done: (result: StreamListener | PostroadError) => void
  ): void {
    const { host, port } = endpoint
    const server = createServer({
      allowHalfOpen: false,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveDelayMs,
      highWaterMark: socketHighWaterBytes
    })
    server.on('connection', (socket) => {
      const connection = new TcpConnection(socket, this.endTimeoutMs)
      const handlers = accept(connection)
      if (handlers === undefined) refuse(socket)
      else connection.attach(handlers)
    })
    const onFailure = (error: Error) => done(listenFailure(error, endpoint))
    server.once('error', onFailure)
    server.listen({ host, port, backlog: backlogMax }, () => {
      server.off('error', onFailure)
      server.on('error', (error) => {
        this.logger.warn('accept-failed', { host, port, reason: error.message })
      })
      const address = server.address()
      const portInUse = typeof address === 'object' && address !== null ? address.port : port
      done({ port: portInUse, close: () => server.close() })
    })
  }

  dial(
    endpoint: StreamEndpoint,
    timeoutMs: number,
    done: (result: StreamConnection | PostroadError) => StreamHandlers | undefined
  ): Cancel {
    const socket = connect(dialOptions(endpoint, timeoutMs))
    let isSettled = false
    const finish = () => {
      isSettled = true
      clearTimeout(timer)
      socket.off('connect', onConnect)
      socket.off('error', onError)
      // An address tried in parallel may still fail after the dial is settled.
      socket.on('error', ignore)
    }
    const onConnect = () => {
      finish()
      const connection = new TcpConnection(socket, this.endTimeoutMs)
      const handlers = done(connection)
      if (handlers === undefined) refuse(socket)
      else connection.attach(handlers)
    }
    const onError = (error: Error) => {
      finish()
      socket.destroy()
      done(dialFailure(error, endpoint))
    }
    const timer = setTimeout(() => {
      finish()
      socket.destroy()
      done(dialTimeout(endpoint, timeoutMs))
    }, timeoutMs)
    socket.once('connect', onConnect)
    socket.once('error', onError)
    return () => {
      // Once the dial is settled the connection belongs to its handlers.
      if (isSettled) return
      finish()
      socket.destroy()
    }
  }
}

/** Options of one dial, shared with the WebSocket dialler. */
export function dialOptions(endpoint: StreamEndpoint, timeoutMs: number) {
  return {
    host: endpoint.host,
    port: endpoint.port,
    allowHalfOpen: false,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveDelayMs,
    writableHighWaterMark: socketHighWaterBytes,
    // Node gives each address of a host a quarter second by default, too little for a satellite.
    autoSelectFamilyAttemptTimeout: Math.max(250, Math.ceil(timeoutMs / 3))
  }
}

function refuse(socket: Socket): void {
  socket.on('error', ignore)
  socket.destroy()
}

function ignore(): void {}

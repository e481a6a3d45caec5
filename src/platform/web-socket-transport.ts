// WebSocket behind the stream port, on the package `ws`. The package takes some 50 ms to load, so
// it is loaded by the first listener or dial, not at start.

import type { ClientRequest, IncomingMessage, Server } from 'node:http'
import { connect } from 'node:net'
import type { ClientOptions, WebSocket } from 'ws'
import { messageOf, PostroadError } from '../base/index.ts'
import type {
  Cancel,
  Logger,
  StreamConnection,
  StreamEndpoint,
  StreamHandlers,
  StreamListener,
  StreamTransport
} from '../ports/index.ts'
import { addressText, dialFailure, dialTimeout, listenFailure } from './socket-errors.ts'
import { backlogMax, dialOptions } from './tcp-transport.ts'
import { WebSocketConnection } from './web-socket-connection.ts'
import { chooseSubprotocol, createUpgradeServer } from './web-socket-listener.ts'

/** What a {@link WebSocketTransport} needs. */
export interface WebSocketTransportOptions {
  readonly logger: Logger
  /** How long an orderly end may stand still before the connection is cut off. */
  readonly endTimeoutMs: number
  /** How long a client may take to send its upgrade request. */
  readonly handshakeTimeoutMs: number
  /** Longest message taken, and longest sent. */
  readonly messageBytesMax: number
}

type Library = typeof import('ws')

const closeTimeoutMsMin = 30_000

/** Bytes of a refusal's body that are worth repeating. */
const refusalBytesMax = 300

/** The WebSocket half of the stream transport. */
export class WebSocketTransport implements StreamTransport {
  private readonly options: WebSocketTransportOptions
  private library: Promise<Library> | undefined

  constructor(options: WebSocketTransportOptions) {
    this.options = options
  }

  listen(
    endpoint: StreamEndpoint,
    accept: (connection: StreamConnection) => StreamHandlers | undefined,
    done: (result: StreamListener | PostroadError) => void
  ): void {
    this.load().then(
      (library) => this.listenWith(library, endpoint, accept, done),
      (error) => done(listenFailure(error, endpoint))
    )
  }

  dial(
    endpoint: StreamEndpoint,
    timeoutMs: number,
    done: (result: StreamConnection | PostroadError) => StreamHandlers | undefined
  ): Cancel {
    let isCancelled = false
    let cancel: Cancel = () => {
      isCancelled = true
    }
    this.load().then(
      (library) => {
        if (isCancelled) return
        const dial = new WebSocketDial(library, endpoint, this.options)
        cancel = dial.start(timeoutMs, done)
      },
      (error) => {
        if (!isCancelled) done(dialFailure(error, endpoint))
      }
    )
    return () => cancel()
  }

  private load(): Promise<Library> {
    this.library ??= import('ws')
    return this.library
  }

  private listenWith(
    library: Library,
    endpoint: StreamEndpoint,
    accept: (connection: StreamConnection) => StreamHandlers | undefined,
    done: (result: StreamListener | PostroadError) => void
  ): void {
    const { handshakeTimeoutMs, messageBytesMax, endTimeoutMs } = this.options
    const upgrader = new library.WebSocketServer({
      ...socketOptions(this.options),
      noServer: true,
      clientTracking: false,
      handleProtocols: (offered) => chooseSubprotocol(endpoint.subprotocols, offered)
    })
    const limits = { messageBytesMax, endTimeoutMs }
    const onOpen = (socket: WebSocket, remoteAddress: string) => {
      const connection = new WebSocketConnection({ ...limits, socket, remoteAddress })
      const handlers = accept(connection)
      if (handlers === undefined) refuse(socket)
      else connection.attach(handlers)
    }
    const server = createUpgradeServer({ endpoint, upgrader, handshakeTimeoutMs, onOpen })
    this.open(server, endpoint, done)
  }

  private open(
    server: Server,
    endpoint: StreamEndpoint,
    done: (result: StreamListener | PostroadError) => void
  ): void {
    const { host, port } = endpoint
    const onFailure = (error: Error) => done(listenFailure(error, endpoint))
    server.once('error', onFailure)
    server.listen({ host, port, backlog: backlogMax }, () => {
      server.off('error', onFailure)
      server.on('error', (error) => {
        this.options.logger.warn('accept-failed', { host, port, reason: error.message })
      })
      const address = server.address()
      const portInUse = typeof address === 'object' && address !== null ? address.port : port
      done({ port: portInUse, close: () => server.close() })
    })
  }
}

/** One dial under way. Settles once: a connection, a failure, a timeout or a cancel. */
class WebSocketDial {
  private readonly library: Library
  private readonly endpoint: StreamEndpoint
  private readonly options: WebSocketTransportOptions

  constructor(library: Library, endpoint: StreamEndpoint, options: WebSocketTransportOptions) {
    this.library = library
    this.endpoint = endpoint
    this.options = options
  }

  start(
    timeoutMs: number,
    done: (result: StreamConnection | PostroadError) => StreamHandlers | undefined
  ): Cancel {
    const { endpoint, options } = this
    const socket = this.openSocket(timeoutMs)
    if (socket instanceof PostroadError) {
      done(socket)
      return () => {}
    }
    let isSettled = false
    const settle = (): boolean => {
      if (isSettled) return false
      isSettled = true
      clearTimeout(timer)
      return true
    }
    const fail = (error: PostroadError) => {
      if (!settle()) return
      socket.terminate()
      done(error)
    }
    const timer = setTimeout(() => fail(dialTimeout(endpoint, timeoutMs)), timeoutMs)
    // Stays for good: what a cancelled or failed dial still reports must not reach the process.
    socket.on('error', (error) => fail(this.failureOf(error)))
    socket.on('unexpected-response', (request, response) => {
      readRefusal(request, response, (body) => fail(this.refused(response, body)))
    })
    socket.once('open', () => {
      if (!settle()) return
      const { messageBytesMax, endTimeoutMs } = options
      const remoteAddress = addressText(endpoint.host, endpoint.port)
      const limits = { messageBytesMax, endTimeoutMs }
      const connection = new WebSocketConnection({ ...limits, socket, remoteAddress })
      const handlers = done(connection)
      if (handlers === undefined) refuse(socket)
      else connection.attach(handlers)
    })
    return () => {
      if (settle()) socket.terminate()
    }
  }

  /** A socket on its way, or why there is none: the address came from outside and may be no URL. */
  private openSocket(timeoutMs: number): WebSocket | PostroadError {
    const { endpoint, options } = this
    const url = `ws://${addressText(endpoint.host, endpoint.port)}${endpoint.path}`
    const socketOfDial = dialOptions(endpoint, timeoutMs)
    const clientOptions: ClientOptions = {
      ...socketOptions(options),
      followRedirects: false,
      createConnection: () => connect(socketOfDial)
    }
    try {
      return new this.library.WebSocket(url, [...endpoint.subprotocols], clientOptions)
    } catch (error) {
      return this.notSpoken(messageOf(error))
    }
  }

  private failureOf(error: Error & { code?: string }): PostroadError {
    if (error.code !== undefined) return dialFailure(error, this.endpoint)
    // `ws` found fault with the handshake: it says so without a system code.
    return this.notSpoken(messageOf(error))
  }

  private refused(response: IncomingMessage, body: string): PostroadError {
    return this.notSpoken(`it answered ${response.statusCode} ${body}`.trimEnd())
  }

  private notSpoken(reason: string): PostroadError {
    const { host, port, path } = this.endpoint
    const at = `ws://${addressText(host, port)}${path}`
    const text = `no WebSocket of ours at ${at}: ${reason}`
    return new PostroadError('REMOTE_CONNECT_FAILED', text, { host, port, path })
  }
}

function socketOptions(options: WebSocketTransportOptions) {
  return {
    perMessageDeflate: false,
    maxPayload: options.messageBytesMax,
    // The last word on a close the other end began; for ours the connection has a finer watch.
    closeTimeout: Math.max(options.endTimeoutMs, closeTimeoutMsMin)
  }
}

/** 1013, try again later [RFC 6455 7.4.1, IANA]. */
function refuse(socket: WebSocket): void {
  socket.on('error', () => {})
  socket.close(1013)
}

function readRefusal(
  request: ClientRequest,
  response: IncomingMessage,
  done: (body: string) => void
): void {
  let body = ''
  const finish = () => {
    request.destroy()
    done(body.slice(0, refusalBytesMax).replace(/[^\x20-\x7e]+/g, ' '))
  }
  response.setEncoding('utf8')
  response.on('data', (text: string) => {
    body += text
    if (body.length >= refusalBytesMax) finish()
  })
  response.once('end', finish)
  response.once('error', finish)
}

// The ceiling of one Node thread: reads STOMP frames from sockets and writes them to other
// sockets, with no feature at all: no acknowledgement, receipt, store, heart-beat or selector, and
// a message nobody subscribed to is dropped. It is tuned like the real thing, because every other
// figure is quoted as a share of it. Invariant: one chunk read costs at most one write per
// subscriber and slab.

import { type AddressInfo, createServer, type Socket } from 'node:net'

import { command, FrameScanner } from './load-client/frame-scanner.ts'
import { RelayBatch, type RelayOutlet } from './relay-batch.ts'
import { RelayRoutes } from './relay-routes.ts'

/** A running relay. */
export interface BareRelay {
  readonly port: number
  /** Closes the listener and all connections. */
  close(): void
}

// A subscriber with this much unsent stops the reading of all producers until it has caught up.
const bytesQueuedMax = 1024 * 1024

const connectedFrame = Buffer.from(
  'CONNECTED\nversion:1.2\nserver:bare-relay\nheart-beat:0,0\n\n\0'
)

/** Listens on loopback; port 0 asks for a free one. */
export function startBareRelay(port: number): Promise<BareRelay> {
  const hub = new RelayHub()
  const server = createServer({ noDelay: true }, (socket) => hub.accept(socket))
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(port, '127.0.0.1', 1024, () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        close() {
          server.close()
          hub.close()
        }
      })
    })
  })
}

/** All connections of a relay and the flow between them. */
class RelayHub {
  readonly routes = new RelayRoutes()
  private readonly sockets = new Set<Socket>()
  private readonly congested = new Set<Socket>()

  accept(socket: Socket): void {
    const connection = new RelayConnection(socket, this)
    this.sockets.add(socket)
    if (this.congested.size > 0) socket.pause()
    socket.on('data', (chunk) => connection.read(chunk))
    socket.on('drain', () => this.drained(socket))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.sockets.delete(socket)
      this.routes.leave(connection)
      this.drained(socket)
    })
  }

  /** Called after writes: stops all reading while this socket has too much unsent. */
  check(socket: Socket): void {
    if (socket.writableLength < bytesQueuedMax || this.congested.has(socket)) return
    this.congested.add(socket)
    for (const each of this.sockets) each.pause()
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  private drained(socket: Socket): void {
    if (!this.congested.delete(socket) || this.congested.size > 0) return
    for (const each of this.sockets) each.resume()
  }
}

/** One client of the relay. */
class RelayConnection implements RelayOutlet {
  readonly socket: Socket
  readonly batch: RelayBatch
  private readonly hub: RelayHub
  private readonly scanner = new FrameScanner()
  private readonly dirty: RelayBatch[] = []

  constructor(socket: Socket, hub: RelayHub) {
    this.socket = socket
    this.hub = hub
    this.batch = new RelayBatch([this])
  }

  read(chunk: Buffer): void {
    const { scanner } = this
    try {
      scanner.feed(chunk)
      while (scanner.next()) {
        if (scanner.commandByte === command.send && scanner.commandBytes === 4) this.relay(scanner)
        else this.control(scanner)
      }
    } catch {
      this.socket.destroy() // Not STOMP; a relay has nothing to say about it.
    }
    for (const batch of this.dirty) {
      batch.flush()
      for (const { socket } of batch.outlets) this.hub.check(socket)
    }
    this.dirty.length = 0
  }

  private relay(scanner: FrameScanner): void {
    const branches = this.hub.routes.find(
      scanner.bytes,
      scanner.destinationStart,
      scanner.destinationEnd
    )
    for (const branch of branches) {
      const { batch } = branch
      if (batch === undefined) continue
      if (!batch.isDirty) this.dirty.push(batch)
      branch.countUp()
      batch.append(branch.head, scanner.bytes, scanner.headersStart, scanner.bodyEnd + 1)
    }
  }

  private control(scanner: FrameScanner): void {
    const text = scanner.bytes.toString('utf8', scanner.start, scanner.bodyStart)
    if (text.startsWith('CONNECT') || text.startsWith('STOMP')) {
      this.socket.write(connectedFrame)
    } else if (text.startsWith('SUBSCRIBE')) {
      const { destinationStart, destinationEnd } = scanner
      const destination = Buffer.from(scanner.bytes.subarray(destinationStart, destinationEnd))
      const id = /\nid:(.*)/.exec(text)?.[1]?.trimEnd() ?? '0'
      this.hub.routes.subscribe(destination, id, this)
    } else if (text.startsWith('DISCONNECT')) {
      this.socket.end()
    }
  }
}

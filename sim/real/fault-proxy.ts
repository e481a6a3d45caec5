// A TCP proxy between a broker that dials and the one it wants: the dialler is told this proxy's
// port. What the two paths of the link do to bytes, it does to real sockets.

import { createServer, type Server } from 'node:net'
import type { FaultPath } from './fault-path.ts'
import { FaultStream, type StreamSide } from './fault-stream.ts'

/** What a proxy is made of. */
export interface FaultProxyOptions {
  /** Port of the broker that is dialled, on 127.0.0.1. */
  readonly port: number
  /** From the dialler to the other. */
  readonly out: FaultPath
  readonly back: FaultPath
}

/** See the top of this file. */
export class FaultProxy {
  /** Port it listens on, on 127.0.0.1. */
  readonly port: number
  private readonly server: Server
  private readonly streams = new Set<FaultStream>()

  private constructor(server: Server, options: FaultProxyOptions) {
    const address = server.address()
    this.server = server
    this.port = typeof address === 'object' && address !== null ? address.port : 0
    server.on('connection', (socket) => {
      const { port, out, back } = options
      const stream: FaultStream = new FaultStream({
        ...{ socket, port, out, back },
        onClosed: () => this.streams.delete(stream)
      })
      this.streams.add(stream)
    })
  }

  /**
   * Opens a proxy on a free port.
   * @throws Error of Node if none can be opened
   */
  static async open(options: FaultProxyOptions): Promise<FaultProxy> {
    const server = createServer({ noDelay: true, allowHalfOpen: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', () => {
        server.off('error', reject)
        // A connection that could not be accepted is dialled again by whoever wanted it.
        server.on('error', () => {})
        resolve()
      })
    })
    return new FaultProxy(server, options)
  }

  /** Connections that at least one side still holds. */
  get streamCount(): number {
    return this.streams.size
  }

  /** Bytes taken from one side and not given to the other. */
  get heldBytes(): number {
    return [...this.streams].reduce((sum, stream) => sum + stream.heldBytes, 0)
  }

  /** Resets every connection; both sides are told. */
  reset(): void {
    for (const stream of [...this.streams]) stream.reset()
  }

  /** Breaks every connection at one side only. */
  breakAt(side: StreamSide): void {
    for (const stream of [...this.streams]) stream.breakAt(side)
  }

  /** Puts bytes into what a side sends on its latest connection; false if there is none. */
  inject(from: StreamSide, bytes: Buffer): boolean {
    return [...this.streams].reverse().some((stream) => stream.inject(from, bytes))
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.reset()
    await new Promise((resolve) => this.server.close(resolve))
  }
}

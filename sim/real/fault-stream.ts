// One proxied connection: the socket that a dialling broker has made, the one made for it to the
// broker it wants, and a pipe each way. Ends and resets pass through like bytes do: late, or not at
// all while the way is cut.

import { connect, type Socket } from 'node:net'
import type { FaultPath } from './fault-path.ts'
import { FaultPipe, type PipeEnd } from './fault-pipe.ts'

/** Which of the two brokers. */
export type StreamSide = 'dialler' | 'acceptor'

/** What a stream is made of. */
export interface FaultStreamOptions {
  readonly socket: Socket
  /** Port of the acceptor on 127.0.0.1. */
  readonly port: number
  /** From the dialler to the acceptor. */
  readonly out: FaultPath
  readonly back: FaultPath
  /** Both sockets are gone. */
  onClosed(): void
}

interface Side {
  readonly socket: Socket
  /** Carries what this side sends. */
  readonly pipe: FaultPipe
}

/** See the top of this file. */
export class FaultStream {
  private readonly options: FaultStreamOptions
  private readonly dialler: Side
  private acceptor: Side | undefined = undefined

  constructor(options: FaultStreamOptions) {
    this.options = options
    const { socket, out, back } = options
    const pipe = new FaultPipe({
      path: out,
      reverse: back,
      source: socket,
      onArrived: (end) => this.arrivedAt('acceptor', end)
    })
    this.dialler = this.watch('dialler', socket, pipe)
    this.connectWhenOpen()
  }

  /** Bytes held in both directions. */
  get heldBytes(): number {
    return this.dialler.pipe.heldBytes + (this.acceptor?.pipe.heldBytes ?? 0)
  }

  /** Resets both sockets at once. */
  reset(): void {
    for (const side of [this.dialler, this.acceptor]) {
      side?.pipe.close()
      resetSocket(side?.socket)
    }
    this.finishIfOver()
  }

  /** One side loses the connection; the other believes in it until it sends. */
  breakAt(name: StreamSide): void {
    const side = this.side(name)
    const other = this.other(name)
    if (side === undefined || other === undefined) {
      this.reset()
      return
    }
    side.pipe.close()
    resetSocket(side.socket)
    other.pipe.forget()
  }

  /** Puts bytes into what a side sends; false if it has finished. */
  inject(from: StreamSide, bytes: Buffer): boolean {
    const side = this.side(from)
    if (side === undefined || side.socket.destroyed) return false
    side.pipe.push(bytes)
    return true
  }

  private side(name: StreamSide): Side | undefined {
    return name === 'dialler' ? this.dialler : this.acceptor
  }

  private other(name: StreamSide): Side | undefined {
    return this.side(name === 'dialler' ? 'acceptor' : 'dialler')
  }

  /** A connection needs both ways; like a dial, it is tried again until the dialler gives up. */
  private readonly connectWhenOpen = (): void => {
    const { socket, port, out, back } = this.options
    if (socket.destroyed) return
    if (!out.isOpen || !back.isOpen) {
      for (const path of [out, back]) if (!path.isOpen) path.wait(this.connectWhenOpen)
      return
    }
    if (this.acceptor !== undefined) return
    const far = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true })
    const pipe = new FaultPipe({
      path: back,
      reverse: out,
      source: far,
      onArrived: (end) => this.arrivedAt('dialler', end)
    })
    this.acceptor = this.watch('acceptor', far, pipe)
    pipe.attach(socket)
    far.once('connect', () => this.dialler.pipe.attach(far))
  }

  private watch(name: StreamSide, socket: Socket, pipe: FaultPipe): Side {
    let hasEnded = false
    socket.on('data', (bytes: Buffer) => pipe.push(bytes))
    socket.on('end', () => {
      hasEnded = true
      pipe.finish('end')
    })
    // What went wrong is told by 'close'.
    socket.on('error', () => {})
    socket.on('close', (hadError) => {
      if (hadError || !hasEnded) pipe.finish('reset')
      // Nobody is left to take what the other side sends.
      this.other(name)?.pipe.forget()
      this.finishIfOver()
    })
    return { socket, pipe }
  }

  private arrivedAt(name: StreamSide, end: PipeEnd | 'nobody-there'): void {
    if (end === 'nobody-there') {
      // The kernel of a machine that has forgotten a connection answers with a reset.
      const other = this.other(name)
      const pipe = this.side(name)?.pipe
      other?.pipe.close()
      if (other !== undefined && !other.socket.destroyed) this.answerReset(other, pipe)
      return
    }
    const socket = this.side(name)?.socket
    if (end === 'end') socket?.end()
    else resetSocket(socket)
    this.finishIfOver()
  }

  private answerReset(to: Side, pipe: FaultPipe | undefined): void {
    pipe?.close()
    const path = to === this.dialler ? this.options.back : this.options.out
    const tryIt = (): void => {
      if (!path.isOpen) path.wait(tryIt)
      else setTimeout(() => resetSocket(to.socket), path.quality.latencyMs)
    }
    tryIt()
  }

  private finishIfOver(): void {
    const isFarOver = this.acceptor === undefined || this.acceptor.socket.destroyed
    if (!this.dialler.socket.destroyed || !isFarOver) return
    this.dialler.pipe.close()
    this.acceptor?.pipe.close()
    this.options.onClosed()
  }
}

/**
 * Resets a socket. One whose end is under way is closed instead: the system refuses to reset it,
 * and Node would then never close it.
 */
function resetSocket(socket: Socket | undefined): void {
  if (socket === undefined || socket.destroyed) return
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}

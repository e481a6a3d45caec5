// One end of a simulated connection, and the pair that makes one. An end belongs to a host; when
// the host crashes its end is dead: it calls no handler any more, and answers bytes with a reset.

import { PostroadError } from '../../src/base/index.ts'
import type { Cancel, StreamConnection, StreamHandlers } from '../../src/ports/index.ts'
import type { Prng } from '../prng.ts'
import type { SimScheduler } from '../scheduler.ts'
import type { CopySlab } from './copy-slab.ts'
import { type FlowEnds, SimFlow } from './sim-flow.ts'
import type { SimLoop, SimLoopReader } from './sim-loop.ts'
import type { SimPath } from './sim-path.ts'

/** What a pair of ends is made of. */
export interface SimPairOptions {
  readonly scheduler: SimScheduler
  readonly random: Prng
  /** The way from the dialler to the acceptor. */
  readonly outPath: SimPath
  readonly backPath: SimPath
  readonly diallerHost: EndOwner
  readonly diallerPort: number
  readonly acceptorHost: EndOwner
  readonly acceptorPort: number
  readonly subprotocol: string
  /** True to answer 'queued' to every write, as WebSockets do. */
  readonly isKeepingWrites: boolean
  readonly windowBytes: number
  readonly isResplitting: boolean
  readonly slab: CopySlab
  readonly endTimeoutMs: number
}

/** The host of an end. */
export interface EndOwner {
  readonly name: string
  /** What the process that has the end now runs in. */
  readonly loop: SimLoop
  /** Called when an end of this host is made. */
  own(end: SimEnd): void
  /** Called when it is closed. */
  disown(end: SimEnd): void
  /** Called when the process has written bytes, or has read some. */
  onStep(step: 'sent' | 'received'): void
}

/** The two ends of a connection. */
export interface SimPair {
  readonly dialler: SimEnd
  readonly acceptor: SimEnd
}

/** Makes the two ends of a connection, joined and not yet attached. */
export function simPair(options: SimPairOptions): SimPair {
  const { diallerHost, diallerPort, acceptorHost, acceptorPort, outPath, backPath } = options
  const diallerPlace = { host: diallerHost, port: diallerPort }
  const acceptorPlace = { host: acceptorHost, port: acceptorPort }
  const dialler = new SimEnd(options, diallerPlace, acceptorPlace)
  const acceptor = new SimEnd(options, acceptorPlace, diallerPlace)
  dialler.join(acceptor, outPath, backPath)
  acceptor.join(dialler, backPath, outPath)
  return { dialler, acceptor }
}

interface Place {
  readonly host: EndOwner
  readonly port: number
}

/** One end. */
export class SimEnd implements StreamConnection, SimLoopReader {
  readonly remoteAddress: string
  readonly subprotocol: string
  private readonly options: SimPairOptions
  /** Name of the host at the other end. */
  readonly remoteHost: string
  private readonly owner: EndOwner
  private readonly loop: SimLoop
  private readonly name: string
  private peer!: SimEnd
  private out!: SimFlow
  private outPath!: SimPath
  private handlers: StreamHandlers | undefined
  private state: 'open' | 'ending' | 'closed' = 'open'
  private isDead = false
  private isPaused = false
  private owesDrain = false
  private cause: Error | undefined
  private cancelEndTimer: Cancel | undefined

  constructor(options: SimPairOptions, local: Place, remote: Place) {
    this.options = options
    this.owner = local.host
    this.loop = local.host.loop
    this.remoteHost = remote.host.name
    this.remoteAddress = `${remote.host.name}:${remote.port}`
    this.name = `${local.host.name}:${local.port}<${this.remoteAddress}`
    this.subprotocol = options.subprotocol
    local.host.own(this)
  }

  get bytesQueued(): number {
    return this.out.bytesQueued
  }

  /** Only for the pair: joins this end to the other. */
  join(peer: SimEnd, path: SimPath, reversePath: SimPath): void {
    const { scheduler, random, windowBytes, isResplitting, slab } = this.options
    this.peer = peer
    this.outPath = path
    const ends: FlowEnds = {
      mayDeliver: () => peer.mayRead,
      onBytes: (bytes) => peer.receive(bytes),
      onEnd: () => peer.finish(),
      onSent: () => this.sent()
    }
    this.out = new SimFlow({
      ...{ scheduler, random, path, reversePath, windowBytes, isResplitting, slab },
      ends
    })
  }

  /** Starts the flow of events to `handlers`. */
  attach(handlers: StreamHandlers): void {
    this.handlers = handlers
    // It may have been closed while its dial was still on the way back.
    if (this.state === 'closed') this.tellClose()
    this.peer.out.wake()
  }

  write(bytes: Buffer): 'written' | 'queued' {
    if (this.state !== 'open' || bytes.length === 0) return 'written'
    const isSent = this.out.send(bytes)
    this.owner.onStep('sent')
    if (isSent && !this.options.isKeepingWrites) return 'written'
    this.owesDrain = true
    if (isSent) this.sent()
    return 'queued'
  }

  pauseReading(): void {
    if (this.state === 'open') this.isPaused = true
  }

  resumeReading(): void {
    this.isPaused = false
    this.peer.out.wake()
  }

  end(): void {
    if (this.state !== 'open') return
    this.state = 'ending'
    this.resumeReading()
    this.out.end()
    this.watchEnd()
  }

  destroy(): void {
    if (this.state === 'closed') return
    const hasUnread = this.peer.out.hasUnread
    this.close(undefined)
    // As the operating system does: unread bytes make it a reset, which overtakes what is queued.
    if (hasUnread) this.sendReset()
    else this.out.abandon()
  }

  /** Breaks this end as a reset from the other side does. */
  reset(): void {
    const text = `${this.remoteAddress}: the other end reset the connection`
    this.close(new PostroadError('REMOTE_CLOSED', text, { remoteAddress: this.remoteAddress }))
    this.out.stop()
  }

  /** Bytes that the process at this end never wrote, behind all that it did. */
  inject(bytes: Buffer): void {
    if (this.state === 'open') this.out.send(bytes)
  }

  /** For the loop: something has come and waits to be read. */
  get isDue(): boolean {
    return this.peer.out.hasUnread
  }

  onLoopFree(): void {
    this.peer.out.wake()
  }

  /** The process crashed: no handler is called again. The kernel resets the other end. */
  crash(): void {
    this.isDead = true
    this.close(undefined)
    this.out.dropQueued()
    this.sendReset()
  }

  /** The machine of this end lost power: no handler is called again, and nobody is told. */
  losePower(): void {
    this.isDead = true
    this.close(undefined)
    this.out.stop()
  }

  /** Gives the end up when nothing has moved for a whole period. */
  private watchEnd(): void {
    const { scheduler, endTimeoutMs } = this.options
    const { bytesQueued } = this
    const look = (): void => {
      if (this.state !== 'ending') return
      if (this.bytesQueued < bytesQueued) {
        this.watchEnd()
        return
      }
      const text = `${this.remoteAddress} did not finish the connection within ${endTimeoutMs} ms`
      this.close(new PostroadError('LOCAL_TIMEOUT', text, { remoteAddress: this.remoteAddress }))
      this.out.dropQueued()
      this.sendReset()
    }
    this.cancelEndTimer = scheduler.after(endTimeoutMs, () => this.loop.enter('timer', look))
  }

  /** A closed end takes everything, to answer it with a reset. */
  private get mayRead(): boolean {
    if (this.state === 'closed') return true
    return this.handlers !== undefined && !this.isPaused && this.loop.mayRead(this)
  }

  private receive(bytes: Buffer): void {
    this.trace('data', bytes.length)
    if (this.state === 'closed') {
      this.sendReset()
      return
    }
    this.loop.spend(bytes.length)
    if (this.state !== 'open') return
    this.handlers!.onData(bytes)
    if (!this.isDead) this.owner.onStep('received')
  }

  /** The other end finished; so do we. */
  private finish(): void {
    if (this.state === 'closed') return
    this.close(undefined)
    this.out.abandon()
  }

  private sent(): void {
    const drain = (): void => {
      if (!this.owesDrain || this.state !== 'open' || this.out.bytesQueued > 0) return
      this.owesDrain = false
      this.trace('drain', 0)
      this.handlers?.onDrain()
    }
    this.options.scheduler.after(0, () => this.loop.enter('input', drain))
  }

  private close(cause: Error | undefined): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.cause = cause
    this.owner.disown(this)
    this.cancelEndTimer?.()
    this.peer.out.wake()
    if (this.handlers !== undefined) this.tellClose()
  }

  private tellClose(): void {
    const tell = (): void => {
      if (this.isDead) return
      this.trace('close', this.cause?.message ?? '')
      this.handlers?.onClose(this.cause)
    }
    this.options.scheduler.after(0, () => this.loop.enter('input', tell))
  }

  /** A reset is sent once and, unlike bytes, lost where the path is cut. */
  private sendReset(): void {
    const { outPath, peer } = this
    this.options.scheduler.after(outPath.flightMs(), () => {
      if (outPath.isOpen) peer.reset()
    })
  }

  private trace(label: string, value: string | number): void {
    this.options.scheduler.trace(label, this.name, value)
  }
}

// A small world on virtual time for tests of the bridges: one event queue, one clock, and hosts
// whose connections have latency, may be cut (silence) or reset. Everything follows from one seed.

import { Heap, PostroadError } from '../../src/base/index.ts'
import type {
  Cancel,
  Clock,
  Random,
  StreamConnection,
  StreamEndpoint,
  StreamHandlers,
  StreamTransport
} from '../../src/ports/index.ts'

interface Event {
  readonly atMs: number
  readonly order: number
  readonly task: () => void
}

type Accept = (connection: StreamConnection) => StreamHandlers | undefined

/** A 32-bit generator of no great quality, which is enough to spread test cases. */
export class SeededRandom implements Random {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  u32(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  float(): number {
    return this.u32() / 0x100000000
  }

  /** An integer in [low, high]. */
  integer(low: number, high: number): number {
    return low + (this.u32() % (high - low + 1))
  }
}

/** The world: time, chance, and the network between hosts. */
export class VirtualWorld implements Clock {
  readonly random: SeededRandom
  /** Connections that are not closed at both ends yet. */
  readonly cables = new Set<Cable>()
  /** One-way delay of bytes, drawn anew for each connection. */
  latencyMs: () => number = () => 1
  /** False makes every dial fail. */
  canDial = true
  private readonly events = new Heap<Event>((a, b) =>
    a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs
  )
  private readonly listeners = new Map<string, Accept>()
  private turnEnd: (() => void)[] = []
  private order = 0
  private nowMs = 1000

  constructor(seed = 1) {
    this.random = new SeededRandom(seed)
  }

  monotonicMs(): number {
    return this.nowMs
  }

  wallMs(): number {
    return this.nowMs
  }

  schedule(delayMs: number, task: () => void): Cancel {
    let isCancelled = false
    this.order += 1
    this.events.push({
      atMs: this.nowMs + Math.max(0, delayMs),
      order: this.order,
      task: () => {
        if (!isCancelled) task()
      }
    })
    return () => {
      isCancelled = true
    }
  }

  endOfTurn(task: () => void): void {
    this.turnEnd.push(task)
  }

  /** Runs `task` as a turn of its own, with the end of turn behind it. */
  turn(task: () => void): void {
    task()
    while (this.turnEnd.length > 0) {
      const tasks = this.turnEnd
      this.turnEnd = []
      for (const due of tasks) due()
    }
  }

  /** Lets `durationMs` pass. */
  run(durationMs: number): void {
    const untilMs = this.nowMs + durationMs
    this.turn(() => {})
    for (;;) {
      const next = this.events.peek()
      if (next === undefined || next.atMs > untilMs) break
      this.events.pop()
      this.nowMs = Math.max(this.nowMs, next.atMs)
      this.turn(next.task)
    }
    this.nowMs = untilMs
  }

  /** Runs until `isDone`, at most `durationMs`; answers whether it came true. */
  runUntil(isDone: () => boolean, durationMs = 60_000): boolean {
    const untilMs = this.nowMs + durationMs
    this.turn(() => {})
    while (!isDone() && this.nowMs < untilMs) this.run(1)
    return isDone()
  }

  /** A host's view of the network. Listeners are found by port, whatever host is dialled. */
  transport(): StreamTransport {
    return {
      listen: (endpoint, accept, done) => {
        this.listeners.set(`${endpoint.port}`, accept)
        this.schedule(0, () => done({ port: endpoint.port, close: () => {} }))
      },
      dial: (endpoint, timeoutMs, done) => this.dial(endpoint, timeoutMs, done)
    }
  }

  private dial(
    endpoint: StreamEndpoint,
    timeoutMs: number,
    done: (result: StreamConnection | PostroadError) => StreamHandlers | undefined
  ): Cancel {
    const latencyMs = this.latencyMs()
    const accept = this.canDial ? this.listeners.get(`${endpoint.port}`) : undefined
    if (accept === undefined) {
      return this.schedule(Math.min(timeoutMs, 2 * latencyMs), () => {
        done(new PostroadError('REMOTE_CONNECT_FAILED', `nobody listens on ${endpoint.port}`))
      })
    }
    let isCancelled = false
    const cable = new Cable(this, latencyMs)
    this.schedule(latencyMs, () => {
      if (!isCancelled) cable.far.adopt(accept(cable.far))
    })
    this.schedule(2 * latencyMs, () => {
      if (isCancelled) cable.far.destroy()
      else cable.near.adopt(done(cable.near))
    })
    return () => {
      isCancelled = true
    }
  }
}

/** One connection: the dialler's end and the acceptor's. */
export class Cable {
  readonly near: CableEnd
  readonly far: CableEnd
  /** Bytes vanish from now on; both ends believe the connection stands. */
  isCut = false
  /** Bytes per millisecond each way; writes wait in a queue unless this is infinite. */
  bytesPerMs = Number.POSITIVE_INFINITY

  constructor(world: VirtualWorld, latencyMs: number) {
    this.near = new CableEnd(world, this, latencyMs)
    this.far = new CableEnd(world, this, latencyMs)
    this.near.other = this.far
    this.far.other = this.near
    world.cables.add(this)
  }

  /** Both ends see the connection break now; bytes under way are lost. */
  reset(): void {
    this.near.close(new Error('connection reset'))
    this.far.close(new Error('connection reset'))
  }
}

/** One end of a connection. */
export class CableEnd implements StreamConnection {
  readonly remoteAddress = 'virtual:1'
  readonly subprotocol = ''
  bytesQueued = 0
  other!: CableEnd
  private readonly world: VirtualWorld
  private readonly cable: Cable
  private readonly latencyMs: number
  private handlers: StreamHandlers | undefined = undefined
  private early: Buffer[] = []
  private isClosed = false
  private isEnding = false
  private sentUntilMs = 0

  constructor(world: VirtualWorld, cable: Cable, latencyMs: number) {
    this.world = world
    this.cable = cable
    this.latencyMs = latencyMs
  }

  adopt(handlers: StreamHandlers | undefined): void {
    if (handlers === undefined) {
      this.destroy()
      return
    }
    if (this.isClosed) {
      handlers.onClose(undefined)
      return
    }
    this.handlers = handlers
    const { early } = this
    this.early = []
    for (const bytes of early) this.world.schedule(0, () => this.receive(bytes))
  }

  write(bytes: Buffer): 'written' | 'queued' {
    if (this.isClosed || this.isEnding) return 'written'
    const { world, cable } = this
    const copy = Buffer.from(bytes)
    const isQueued = Number.isFinite(cable.bytesPerMs)
    const startMs = Math.max(this.sentUntilMs, world.monotonicMs())
    this.sentUntilMs = startMs + (isQueued ? bytes.length / cable.bytesPerMs : 0)
    const sentInMs = this.sentUntilMs - world.monotonicMs()
    // Cut at random places, as networks do; on a slow line the pieces arrive one by one.
    for (let at = 0; at < copy.length; ) {
      const end = Math.min(copy.length, at + world.random.integer(1, 65_536))
      const part = copy.subarray(at, end)
      const partInMs = startMs - world.monotonicMs() + (isQueued ? end / cable.bytesPerMs : 0)
      world.schedule(partInMs + this.latencyMs, () => this.other.receive(part))
      at = end
    }
    if (!isQueued) return 'written'
    this.bytesQueued += bytes.length
    world.schedule(sentInMs, () => {
      this.bytesQueued -= bytes.length
      if (this.bytesQueued === 0 && !this.isClosed) this.handlers?.onDrain()
    })
    return 'queued'
  }

  pauseReading(): void {}

  resumeReading(): void {}

  end(): void {
    if (this.isClosed || this.isEnding) return
    this.isEnding = true
    const { world } = this
    const sentInMs = Math.max(0, this.sentUntilMs - world.monotonicMs())
    world.schedule(sentInMs + this.latencyMs, () => {
      if (!this.cable.isCut) this.other.close(undefined)
    })
    if (!this.cable.isCut)
      world.schedule(sentInMs + 2 * this.latencyMs, () => this.close(undefined))
  }

  destroy(): void {
    const { world } = this
    world.schedule(0, () => this.close(undefined))
    world.schedule(this.latencyMs, () => {
      if (!this.cable.isCut) this.other.close(new Error('connection reset'))
    })
  }

  close(cause: Error | undefined): void {
    if (this.isClosed) return
    this.isClosed = true
    if (this.other.isClosed) this.world.cables.delete(this.cable)
    const { handlers } = this
    if (handlers !== undefined) this.world.turn(() => handlers.onClose(cause))
  }

  private receive(bytes: Buffer): void {
    if (this.isClosed || this.cable.isCut) return
    if (this.handlers === undefined) this.early.push(bytes)
    else this.handlers.onData(bytes)
  }
}

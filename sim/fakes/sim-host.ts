// One machine of a simulated network: its listeners, its ends of connections, and its lives. Each
// life has a transport of its own; after a crash the old one does nothing and calls nobody.

import { PostroadError } from '../../src/base/index.ts'
import type {
  Cancel,
  StreamConnection,
  StreamEndpoint,
  StreamHandlers,
  StreamListener,
  StreamTransport
} from '../../src/ports/index.ts'
import type { EndOwner, SimEnd } from './sim-connection.ts'
import { SimLoop } from './sim-loop.ts'
import type { SimNetwork } from './sim-transport.ts'

/** A listener as dials find it. */
export interface OpenListener {
  readonly endpoint: StreamEndpoint
  accept(connection: StreamConnection): StreamHandlers | undefined
}

/** Something a process has done: bytes it wrote are on their way, or it has read some. */
export type NetworkStep = 'sent' | 'received'

const ephemeralPortMin = 49_152
const portMax = 65_535

/** A machine. */
export class SimHost implements EndOwner {
  readonly name: string
  private readonly network: SimNetwork
  private readonly listeners = new Map<number, OpenListener>()
  private readonly ends = new Set<SimEnd>()
  private lifeCount = 1
  private isPoweredOff = false
  private nextPort = ephemeralPortMin
  private current: StreamTransport
  private currentLoop: SimLoop

  constructor(name: string, network: SimNetwork) {
    this.name = name
    this.network = network
    this.currentLoop = new SimLoop(network.scheduler)
    this.current = this.transportOf(this.lifeCount)
  }

  /** The transport of the current life. */
  get transport(): StreamTransport {
    return this.current
  }

  /** What the process of the current life runs in. */
  get loop(): SimLoop {
    return this.currentLoop
  }

  /** Counts lives, from 1. */
  get life(): number {
    return this.lifeCount
  }

  /** True between {@link losePower} and {@link restart}. */
  get isOff(): boolean {
    return this.isPoweredOff
  }

  /** Crashes the process: the other ends see resets, nothing of this life is called again. */
  crash(): void {
    this.network.scheduler.trace('crash', this.name, this.lifeCount)
    const ends = [...this.ends]
    this.beginLife()
    for (const end of ends) end.crash()
  }

  /** Crashes the machine: silence, until {@link restart}. */
  losePower(): void {
    if (this.isPoweredOff) return
    this.network.scheduler.trace('lose-power', this.name, this.lifeCount)
    const ends = [...this.ends]
    this.beginLife()
    for (const end of ends) end.losePower()
    this.isPoweredOff = true
    for (const path of this.network.pathsOf(this.name)) path.addOffEnds(1)
  }

  /** Switches a machine that lost power on again; its transport is that of a new life. */
  restart(): void {
    if (!this.isPoweredOff) return
    this.network.scheduler.trace('restart', this.name, this.lifeCount)
    this.isPoweredOff = false
    for (const path of this.network.pathsOf(this.name)) path.addOffEnds(-1)
  }

  /** The listener on a port. */
  listener(port: number): OpenListener | undefined {
    return this.listeners.get(port)
  }

  /** Open ends of connections to another host. */
  endsTo(remoteHost: string): SimEnd[] {
    return [...this.ends].filter((end) => end.remoteHost === remoteHost)
  }

  own(end: SimEnd): void {
    this.ends.add(end)
  }

  disown(end: SimEnd): void {
    this.ends.delete(end)
  }

  onStep(step: NetworkStep): void {
    this.network.onStep?.(this.name, step)
  }

  /** A port nobody uses; they are given out in turn. */
  freePort(): number {
    do {
      this.nextPort = this.nextPort === portMax ? ephemeralPortMin : this.nextPort + 1
    } while (this.listeners.has(this.nextPort))
    return this.nextPort
  }

  private beginLife(): void {
    this.lifeCount += 1
    this.currentLoop.stop()
    this.currentLoop = new SimLoop(this.network.scheduler)
    this.listeners.clear()
    this.current = this.transportOf(this.lifeCount)
  }

  private transportOf(life: number): StreamTransport {
    return {
      listen: (endpoint, accept, done) => {
        this.network.scheduler.after(0, () => {
          if (this.lifeCount !== life) return
          this.loop.enter('input', () => done(this.open(endpoint, accept)))
        })
      },
      dial: (endpoint, timeoutMs, done): Cancel => {
        if (this.lifeCount !== life) return () => {}
        return this.network.dial({ from: this, life, endpoint, timeoutMs, done })
      }
    }
  }

  private open(
    endpoint: StreamEndpoint,
    accept: OpenListener['accept']
  ): StreamListener | PostroadError {
    const port = endpoint.port === 0 ? this.freePort() : endpoint.port
    if (this.listeners.has(port)) {
      const text = `${this.name}:${port} is in use: stop the other program, or shift all ports`
      return new PostroadError('LOCAL_ADDRESS_IN_USE', text, { host: this.name, port })
    }
    const listener: OpenListener = { endpoint, accept }
    this.listeners.set(port, listener)
    this.network.scheduler.trace('listen', this.name, port)
    const close = () => {
      if (this.listeners.get(port) === listener) this.listeners.delete(port)
    }
    return { port, close }
  }
}

// The stream port in a simulated world: hosts, the paths between them, and the faults a path or a
// host can have. It carries both kinds of endpoint; what a WebSocket handshake would refuse is
// refused here too.

import type { Cancel, StreamTransport } from '../../src/ports/index.ts'
import type { SimScheduler } from '../scheduler.ts'
import { CopySlab } from './copy-slab.ts'
import { type SimPair, simPair } from './sim-connection.ts'
import { type DialRequest, SimDial } from './sim-dial.ts'
import { type NetworkStep, SimHost } from './sim-host.ts'
import { SimPath, type SimPathQuality } from './sim-path.ts'

/** A network's choices. */
export interface SimNetworkOptions {
  /** True to cut and join chunks at random, as networks do; true by default. */
  readonly isResplitting?: boolean
  /** Most bytes on their way per connection and direction; 128 KiB by default. */
  readonly windowBytes?: number
  /** How long an orderly end may stand still; 5,000 by default. */
  readonly endTimeoutMs?: number
  /**
   * Which host a dialled name means, or undefined for no such host. By default the loopback names
   * mean the dialler itself and every other name the host called so.
   */
  readonly resolve?: (from: string, name: string, port: number) => string | undefined
  /** Told whenever a process of a host has written or read bytes. */
  readonly onStep?: (host: string, step: NetworkStep) => void
}

/** What happens to a dial between two hosts. */
export type DialRule = 'allow' | 'refuse' | 'black-hole'

const loopbackNames = new Set(['localhost', '127.0.0.1', '::1'])

/** A network of hosts. Paths between all pairs exist from the start, local and whole. */
export class SimNetwork {
  readonly scheduler: SimScheduler
  private readonly random
  private readonly options: SimNetworkOptions
  private readonly hosts = new Map<string, SimHost>()
  private readonly paths = new Map<string, SimPath>()
  private readonly slab = new CopySlab()
  private readonly dialRules = new Map<string, DialRule>()
  /** Only for hosts: whom to tell of their steps. */
  readonly onStep: SimNetworkOptions['onStep']

  constructor(scheduler: SimScheduler, options: SimNetworkOptions = {}) {
    this.onStep = options.onStep
    this.scheduler = scheduler
    this.random = scheduler.random.fork('network')
    this.options = options
  }

  /** The host called `name`, made when first asked for. */
  host(name: string): SimHost {
    let host = this.hosts.get(name)
    if (host === undefined) {
      host = new SimHost(name, this)
      this.hosts.set(name, host)
    }
    return host
  }

  /** The transport of a host's current life; short for `host(name).transport`. */
  transport(name: string): StreamTransport {
    return this.host(name).transport
  }

  /** Changes how good the way between two hosts is, both ways, from now on. */
  setQuality(a: string, b: string, quality: Partial<SimPathQuality>): void {
    for (const path of [this.path(a, b), this.path(b, a)]) {
      path.quality = { ...path.quality, ...quality }
    }
  }

  /** Cuts the way from `a` to `b`, or both ways: silence, nobody is told. */
  cut(a: string, b: string, direction: 'both' | 'one-way' = 'both'): void {
    this.scheduler.trace('cut', `${a}>${b}`, direction)
    this.path(a, b).setCut(true)
    if (direction === 'both') this.path(b, a).setCut(true)
  }

  /** Heals both ways between two hosts; what was held is retransmitted some time later. */
  heal(a: string, b: string): void {
    this.scheduler.trace('heal', `${a}>${b}`, 0)
    this.path(a, b).setCut(false)
    this.path(b, a).setCut(false)
  }

  /** Heals every path of the network. */
  healAll(): void {
    this.scheduler.trace('heal', 'all', 0)
    for (const path of this.paths.values()) path.setCut(false)
  }

  /** Resets every connection between two hosts; both sides are told. */
  reset(a: string, b: string): void {
    this.scheduler.trace('reset', `${a}>${b}`, 0)
    for (const end of this.host(a).endsTo(b)) end.reset()
    for (const end of this.host(b).endsTo(a)) end.reset()
  }

  /** Breaks every connection between two hosts at `a` only: `b` believes in it until it sends. */
  halfOpen(a: string, b: string): void {
    this.scheduler.trace('half-open', `${a}>${b}`, 0)
    for (const end of this.host(a).endsTo(b)) end.reset()
  }

  /** Puts bytes that its process never wrote on every connection from one host to another. */
  inject(from: string, to: string, bytes: Buffer): void {
    this.scheduler.trace('inject', `${from}>${to}`, bytes.length)
    for (const end of this.host(from).endsTo(to)) end.inject(bytes)
  }

  /** Sets what happens to dials from one host to another, as a firewall does. */
  setDialRule(from: string, to: string, rule: DialRule): void {
    this.dialRules.set(`${from}>${to}`, rule)
  }

  /** What happens to dials from one host to another. */
  dialRule(from: string, to: string): DialRule {
    return this.dialRules.get(`${from}>${to}`) ?? 'allow'
  }

  /** Which host a name means to another one; undefined for none. */
  resolve(from: string, name: string, port: number): SimHost | undefined {
    const { resolve } = this.options
    const found = resolve ? resolve(from, name, port) : loopbackNames.has(name) ? from : name
    return found === undefined ? undefined : this.hosts.get(found)
  }

  /** The directed path between two hosts. */
  path(from: string, to: string): SimPath {
    const key = `${from}>${to}`
    let path = this.paths.get(key)
    if (path === undefined) {
      path = new SimPath(this.scheduler, this.random.fork(`path/${key}`))
      this.paths.set(key, path)
      for (const end of new Set([from, to])) if (this.hosts.get(end)?.isOff) path.addOffEnds(1)
    }
    return path
  }

  /** Every path that starts or ends at a host, each once. */
  pathsOf(name: string): SimPath[] {
    const found = [...this.paths].filter(([key]) => key.split('>').includes(name))
    return found.map(([, path]) => path)
  }

  /** Only for hosts: starts a dial; the answer cancels it. */
  dial(request: DialRequest): Cancel {
    return new SimDial(this, request).start()
  }

  /** Only for dials: the two ends of a new connection. */
  connect(from: SimHost, to: SimHost, terms: ConnectionTerms): SimPair {
    const { isResplitting = true, windowBytes = 131_072, endTimeoutMs = 5_000 } = this.options
    return simPair({
      ...terms,
      ...{ scheduler: this.scheduler, random: this.random, slab: this.slab },
      ...{ isResplitting, windowBytes, endTimeoutMs },
      outPath: this.path(from.name, to.name),
      backPath: this.path(to.name, from.name),
      diallerHost: from,
      acceptorHost: to
    })
  }
}

/** What distinguishes one new connection. */
export interface ConnectionTerms {
  readonly diallerPort: number
  readonly acceptorPort: number
  readonly subprotocol: string
  /** True to keep every write until later, as WebSockets do. */
  readonly isKeepingWrites: boolean
}

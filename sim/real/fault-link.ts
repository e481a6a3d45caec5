// A link between two real brokers: a path each way, and a proxy for each end that dials. All faults
// of a link are made here.

import type { LinkQuality } from '../plan/index.ts'
import type { SimLink } from '../topologies.ts'
import { FaultPath } from './fault-path.ts'
import { FaultProxy } from './fault-proxy.ts'

/** What a link is made of. */
export interface FaultLinkOptions {
  readonly link: SimLink
  /** Ports that bridges are accepted on, by broker. */
  portOf(broker: string): number
  /** Uniform in [0, 1). */
  random(): number
}

/** No frame of a bridge begins like this, and no WebSocket frame does. */
const poison = Buffer.alloc(64, 0xff)

/** See the top of this file. */
export class FaultLink {
  readonly link: SimLink
  private readonly options: FaultLinkOptions
  private readonly paths: ReadonlyMap<string, FaultPath>
  private readonly proxies = new Map<string, FaultProxy>()
  private readonly off = new Set<string>()
  private isCutNow = false
  private resetsPerMinute = 0
  private resetTimer: NodeJS.Timeout | undefined = undefined

  private constructor(options: FaultLinkOptions) {
    this.options = options
    this.link = options.link
    const { a, b } = options.link
    this.paths = new Map([a, b].map((from) => [from, new FaultPath(options.random)]))
  }

  /** Opens the proxies of a link. */
  static async open(options: FaultLinkOptions): Promise<FaultLink> {
    const made = new FaultLink(options)
    const { a, b, dialledBy } = options.link
    if (dialledBy !== 'b') await made.openProxy(a, b)
    if (dialledBy !== 'a') await made.openProxy(b, a)
    return made
  }

  /** True if it is cut on purpose, one way or both. */
  get isCut(): boolean {
    return this.isCutNow
  }

  /** Connections that at least one side still holds. */
  get streamCount(): number {
    return [...this.proxies.values()].reduce((sum, proxy) => sum + proxy.streamCount, 0)
  }

  /** Bytes taken from one side and not given to the other. */
  get heldBytes(): number {
    return [...this.proxies.values()].reduce((sum, proxy) => sum + proxy.heldBytes, 0)
  }

  /** True if it joins these two. */
  joins(one: string, other: string): boolean {
    const { a, b } = this.link
    return (a === one && b === other) || (a === other && b === one)
  }

  /** Port that a broker of the link dials; undefined if it does not. */
  portFor(dialler: string): number | undefined {
    return this.proxies.get(dialler)?.port
  }

  /** Silence both ways, nobody is told. */
  cut(): void {
    this.isCutNow = true
    for (const path of this.paths.values()) path.setCut(true)
  }

  /** Silence from one broker to the other. */
  cutFrom(from: string): void {
    this.isCutNow = true
    this.path(from).setCut(true)
  }

  heal(): void {
    this.isCutNow = false
    for (const path of this.paths.values()) path.setCut(false)
  }

  /** The machine of one end is off or on: while it is off nothing gets through. */
  setPower(broker: string, isOn: boolean): void {
    if (this.off.has(broker) !== isOn) return
    if (isOn) this.off.delete(broker)
    else this.off.add(broker)
    for (const path of this.paths.values()) path.addOffEnds(isOn ? -1 : 1)
  }

  setQuality({ resetsPerMinute, ...quality }: Partial<LinkQuality>): void {
    for (const path of this.paths.values()) path.setQuality(quality)
    if (resetsPerMinute === undefined) return
    this.resetsPerMinute = resetsPerMinute
    clearTimeout(this.resetTimer)
    this.resetLater()
  }

  /** Resets its connections at both ends. */
  reset(): void {
    for (const proxy of this.proxies.values()) proxy.reset()
  }

  /** Breaks its connections at one end only. */
  breakAt(broker: string): void {
    for (const [dialler, proxy] of this.proxies) {
      proxy.breakAt(dialler === broker ? 'dialler' : 'acceptor')
    }
  }

  /** Puts bytes that are no frame into what a broker sends; false if no connection stands. */
  poisonFrom(broker: string): boolean {
    return [...this.proxies].some(([dialler, proxy]) =>
      proxy.inject(dialler === broker ? 'dialler' : 'acceptor', poison)
    )
  }

  async close(): Promise<void> {
    clearTimeout(this.resetTimer)
    this.resetsPerMinute = 0
    await Promise.all([...this.proxies.values()].map((proxy) => proxy.close()))
  }

  private resetLater(): void {
    if (this.resetsPerMinute <= 0) return
    const meanMs = 60_000 / this.resetsPerMinute
    // As rare events come: the time between two has an exponential distribution.
    const delayMs = -Math.log(1 - this.options.random()) * meanMs
    this.resetTimer = setTimeout(() => {
      this.reset()
      this.resetLater()
    }, delayMs)
  }

  private path(from: string): FaultPath {
    const path = this.paths.get(from)
    if (path === undefined) throw new Error(`${from} is no end of ${this.link.a}-${this.link.b}`)
    return path
  }

  private async openProxy(dialler: string, acceptor: string): Promise<void> {
    const proxy = await FaultProxy.open({
      port: this.options.portOf(acceptor),
      out: this.path(dialler),
      back: this.path(acceptor)
    })
    this.proxies.set(dialler, proxy)
  }
}

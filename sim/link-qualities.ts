// How good the links of a world are: as planned, as events change them, and how often their
// connections are reset. It knows which links are so bad that bridges may break over them.

import { localQuality, type SimNetwork } from './fakes/index.ts'
import type { LinkQuality } from './plan/index.ts'
import { RandomResets, type ResetsPort } from './random-resets.ts'
import type { SimLink } from './topologies.ts'

/** What qualities are set on. */
export interface QualitiesGround {
  readonly network: SimNetwork
  readonly links: readonly SimLink[]
  /** In the order of the links. */
  readonly planned: readonly Partial<LinkQuality>[]
  readonly resets: ResetsPort
}

/** A link that nothing was said of. */
const localLink: LinkQuality = { ...localQuality, resetsPerMinute: 0 }
/** A link that takes longer than this may cost a bridge its life. */
const longFlightMs = 300

/** See the top of this file. */
export class LinkQualities {
  private readonly ground: QualitiesGround
  private readonly planned = new Map<SimLink, Partial<LinkQuality>>()
  private readonly resets: RandomResets
  private readonly bad = new Set<SimLink>()
  private readonly changed = new Set<SimLink>()

  constructor(ground: QualitiesGround) {
    this.ground = ground
    this.resets = new RandomResets(ground.resets)
    for (const [at, link] of ground.links.entries()) {
      const quality = ground.planned[at] ?? {}
      this.planned.set(link, quality)
      this.apply(link, quality)
    }
  }

  /** True if bridges may break without any fault. */
  get areBad(): boolean {
    return this.bad.size > 0
  }

  /** Changes how good a link is, both ways; what is left out stays. */
  set(link: SimLink, quality: Partial<LinkQuality>): void {
    this.changed.add(link)
    this.apply(link, quality)
    if (quality.resetsPerMinute !== undefined) this.resets.setRate(link, quality.resetsPerMinute)
  }

  /** Begins to reset connections as often as is planned. */
  startResets(): void {
    for (const [link, { resetsPerMinute = 0 }] of this.planned) {
      this.resets.setRate(link, resetsPerMinute)
    }
  }

  /** Ends all resets. */
  stopResets(): void {
    this.resets.stop()
  }

  /** Makes every link as good as planned again, without resets; true if any was not. */
  restore(): boolean {
    this.resets.stop()
    for (const link of this.changed) this.apply(link, { ...localLink, ...this.planned.get(link) })
    const wasChanged = this.changed.size > 0
    this.changed.clear()
    return wasChanged
  }

  private apply(link: SimLink, quality: Partial<LinkQuality>): void {
    const { network } = this.ground
    const { resetsPerMinute: _, bytesPerSecond, ...flight } = quality
    // JSON has no Infinity: a plan that was kept as a file says null.
    const limit = 'bytesPerSecond' in quality ? { bytesPerSecond: bytesPerSecond ?? Infinity } : {}
    network.setQuality(link.a, link.b, { ...flight, ...limit })
    const now = network.path(link.a, link.b).quality
    const isBad = now.bytesPerSecond < Infinity || now.latencyMs + now.jitterMs > longFlightMs
    if (isBad) this.bad.add(link)
    else this.bad.delete(link)
  }
}

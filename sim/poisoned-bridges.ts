// Bridges that were given bytes that are no frame, until the broker that hears them has closed the
// bridge, as it must.

import type { Bridge } from '../src/network/index.ts'
import type { Pending } from './watcher.ts'
import type { SimWorld } from './world.ts'

interface Poisoned {
  readonly from: string
  readonly to: string
  /** The end that hears it. */
  readonly bridge: Bridge
}

/** As a frame this is 4,294,967,295 bytes long, more than any broker takes. */
const noFrame = Buffer.from('ffffffff706f69736f6e', 'hex')

/** See the top of this file. */
export class PoisonedBridges {
  private readonly world: SimWorld
  private pending: Poisoned[] = []

  constructor(world: SimWorld) {
    this.world = world
  }

  /** Puts the bytes behind all that `from` has sent; false if no bridge stands. */
  add(from: string, to: string): boolean {
    const { world } = this
    const sender = world.broker(from)
    const bridge = world.broker(to).station?.network.bridges.get(from)
    if (bridge === undefined || !sender.isUp) return false
    this.pending.push({ from, to, bridge })
    // Behind whole frames: what the turn has gathered leaves first.
    sender.atTurnEnd(() => world.network.inject(from, to, noFrame))
    return true
  }

  /** A bridge that stands in spite of it; undefined if none does. */
  findStanding(): Pending | undefined {
    this.pending = this.pending.filter(({ from, to, bridge }) => {
      const { station, isAtWork } = this.world.broker(to)
      return isAtWork && station?.network.bridges.get(from) === bridge
    })
    const [first] = this.pending
    if (first === undefined) return undefined
    const text = `${first.to} keeps the bridge to ${first.from}, which sent what is no frame`
    return { checker: 'liveness', text }
  }
}

// Second processes of brokers: each has the name of one and a copy of its data, and stands on a
// machine of its own, whose links nobody cuts. No client is there. What comes to one is booked as
// being there, and is gone with it.

import type { SimBrokerGround } from './sim-broker.ts'
import { SimBroker } from './sim-broker.ts'
import type { SimWorld } from './world.ts'

/** See the top of this file. */
export class Clones {
  private readonly world: SimWorld
  private readonly ground: SimBrokerGround
  private readonly running = new Map<string, SimBroker>()

  constructor(world: SimWorld, ground: SimBrokerGround) {
    this.world = world
    this.ground = ground
  }

  /** The second process of a broker, while there is one. */
  get(name: string): SimBroker | undefined {
    return this.running.get(name)
  }

  /** Starts one; a broker has one clone at most. */
  start(name: string): void {
    if (this.running.has(name)) return
    const { world } = this
    world.disturb()
    const hostName = `copy of ${name}`
    world.network.host(hostName)
    const content = world.broker(name).disk.copyNow()
    const { onStoreStep: _, ...ground } = this.ground
    const clone = new SimBroker(name, ground, world.plan.overrides?.[name], { hostName, content })
    this.running.set(name, clone)
    world.scheduler.trace('clone', name, 0)
    clone.start(({ network }) => {
      const onMessage = network.onMessage.bind(network)
      network.onMessage = (bridge, message, targets, flags) => {
        const { ledger } = world
        const record = ledger.find(message.body, message.bodyStart, message.bodyEnd)
        const crossing = { from: bridge.peer, to: hostName, bridge, message, record, targets }
        if (record !== undefined) ledger.cross(record, crossing)
        onMessage(bridge, message, targets, flags)
      }
    })
  }

  /** Kills one. */
  end(name: string): void {
    const clone = this.running.get(name)
    if (clone === undefined) return
    const { world } = this
    world.disturb()
    world.ledger.loseMemory(`copy of ${name}`, { kind: 'all' })
    clone.crash()
    this.running.delete(name)
  }

  endAll(): void {
    for (const name of [...this.running.keys()]) this.end(name)
  }
}

// Which messages of the workload still wait, in the end, at a broker that holds them rightly: in a
// queue that nobody in reach takes from, or in a process that is frozen. They are neither delivered
// nor lost. Looked up once, when first asked for.

import type { MessageRecord } from './workload/ledger.ts'
import { keyInBody } from './workload/record-index.ts'
import type { SimWorld } from './world.ts'

/** See the top of this file. */
export class WaitingMessages {
  private readonly world: SimWorld
  private keys: ReadonlySet<string> | undefined = undefined

  constructor(world: SimWorld) {
    this.world = world
  }

  /** True if a queue's message is in a queue, or frozen. */
  has({ key, holders }: MessageRecord): boolean {
    for (const holder of holders.values()) if (this.isFrozen(holder)) return true
    this.keys ??= this.findKeys()
    return this.keys.has(key)
  }

  /** True if the copy of a topic's message for that broker is frozen, or cannot get there. */
  hasCopy({ holders, origin, destination: name }: MessageRecord, target: string): boolean {
    const holder = holders.get(target) ?? origin
    return this.isFrozen(holder) || !this.world.mayReach(holder, target, { kind: 'topic', name })
  }

  private isFrozen(broker: string): boolean {
    // A holder may be the copy of a broker, which is none of the world's.
    return this.world.brokers.get(broker)?.isPaused ?? false
  }

  private findKeys(): Set<string> {
    const keys = new Set<string>()
    for (const { station } of this.world.brokers.values()) {
      for (const queue of station?.broker.queues.all() ?? []) {
        for (const { body, bodyStart, bodyEnd } of queue.browse()) {
          const key = keyInBody(body, bodyStart, bodyEnd)
          if (key !== undefined) keys.add(key)
        }
      }
    }
    return keys
  }
}

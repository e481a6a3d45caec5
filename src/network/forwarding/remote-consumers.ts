// Keeps every queue's proxies in step with demand and routes: who has consumers for it, at what
// cost, and whether the bridge on the way has room. Invariant: a proxy stands at a queue if and
// only if its broker has demand for it and a path from here.

import type { Broker, Message, Queue } from '../../broker/index.ts'
import type { DemandTable } from '../demand/index.ts'
import type { Routes } from '../map/index.ts'
import { openCredit, RemoteConsumer } from './remote-consumer.ts'

/** What the proxies need to send and to know whether they may. */
export interface RemoteConsumersDependencies {
  readonly broker: Broker
  readonly demand: DemandTable
  readonly routes: Routes
  /** Sends a message to a target broker. 'full': it comes back to its queue, hold back. */
  send(message: Message, targets: readonly string[]): 'accepted' | 'full'
}

const noPath: readonly string[] = []

/** The proxies of all queues of one broker. */
export class RemoteConsumers {
  private readonly deps: RemoteConsumersDependencies
  private readonly byQueue = new Map<Queue, Map<string, RemoteConsumer>>()
  /** Proxies without credit because the bridge to their next hop is full. */
  private readonly waitingForRoom = new Map<string, Set<RemoteConsumer>>()

  constructor(deps: RemoteConsumersDependencies) {
    this.deps = deps
  }

  /** Brings one queue's proxies up to date. */
  refresh(queue: Queue): void {
    const wanted = this.reachableDemand(queue)
    const current = this.byQueue.get(queue)
    if (wanted.length === 0 && current === undefined) return
    const proxies = current ?? new Map<string, RemoteConsumer>()
    this.byQueue.set(queue, proxies)
    this.removeUnwanted(queue, proxies, wanted)
    for (const wish of wanted) this.update(queue, proxies, wish)
    if (proxies.size === 0) this.byQueue.delete(queue)
    queue.consumers.sortRemote()
    for (const proxy of proxies.values()) if (proxy.credit > 0) queue.onCredit(proxy)
  }

  /** Brings all queues up to date, as after a change of the map. */
  refreshAll(): void {
    for (const queue of this.deps.broker.queues.named()) this.refresh(queue)
  }

  forget(queue: Queue): void {
    const proxies = this.byQueue.get(queue)
    if (proxies === undefined) return
    for (const proxy of proxies.values()) this.stopWaiting(proxy)
    this.byQueue.delete(queue)
  }

  /** The bridge to `nextHop` has room again. */
  onRoom(nextHop: string): void {
    const waiting = this.waitingForRoom.get(nextHop)
    if (waiting === undefined) return
    this.waitingForRoom.delete(nextHop)
    for (const proxy of waiting) {
      proxy.credit = proxy.isFull ? 0 : openCredit
      if (proxy.credit > 0) proxy.queue.onCredit(proxy)
    }
  }

  private reachableDemand(queue: Queue): Wish[] {
    const wishes: Wish[] = []
    const { demand, routes } = this.deps
    const wanting = demand.demandForQueue(queue.name)
    if (wanting.length === 0) return wishes
    const table = routes.for({ kind: 'queue', name: queue.name })
    for (const { broker, weight } of wanting) {
      const nextHop = table.nextHop(broker)
      if (nextHop === undefined) continue
      wishes.push({ broker, nextHop, cost: table.costTo(broker), isFull: weight === 0 })
    }
    return wishes
  }

  private removeUnwanted(
    queue: Queue,
    proxies: Map<string, RemoteConsumer>,
    wanted: readonly Wish[]
  ): void {
    for (const [broker, proxy] of proxies) {
      if (wanted.some((wish) => wish.broker === broker)) continue
      proxies.delete(broker)
      this.stopWaiting(proxy)
      queue.removeConsumer(proxy)
    }
  }

  private update(queue: Queue, proxies: Map<string, RemoteConsumer>, wish: Wish): void {
    let proxy = proxies.get(wish.broker)
    const isNew = proxy === undefined
    proxy ??= new RemoteConsumer(queue, wish.broker, this.send)
    this.stopWaiting(proxy)
    proxy.cost = Math.max(1, wish.cost)
    proxy.nextHop = wish.nextHop
    proxy.isFull = wish.isFull
    proxy.credit = proxy.isFull ? 0 : openCredit
    if (!isNew) return
    proxies.set(wish.broker, proxy)
    queue.addConsumer(proxy)
  }

  private readonly send = (proxy: RemoteConsumer, message: Message): void => {
    const { brokerPath, redirects } = message
    if (brokerPath.length > 0 || redirects > 0) {
      // It came here for consumers that are gone, and starts a new journey.
      message.brokerPath = noPath
      message.redirects += 1
    }
    if (this.deps.send(message, proxy.targets) === 'full') {
      // It has gone nowhere: what only waits for room must not use up its changes of target.
      message.brokerPath = brokerPath
      message.redirects = redirects
      proxy.credit = 0
      this.waitFor(proxy)
    } else if (!proxy.isFull) {
      proxy.credit = openCredit
    }
  }

  private waitFor(proxy: RemoteConsumer): void {
    const waiting = this.waitingForRoom.get(proxy.nextHop)
    if (waiting === undefined) this.waitingForRoom.set(proxy.nextHop, new Set([proxy]))
    else waiting.add(proxy)
  }

  private stopWaiting(proxy: RemoteConsumer): void {
    this.waitingForRoom.get(proxy.nextHop)?.delete(proxy)
  }
}

interface Wish {
  readonly broker: string
  readonly nextHop: string
  readonly cost: number
  readonly isFull: boolean
}

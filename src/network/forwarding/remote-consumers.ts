// Keeps every queue's proxies in step with demand and routes: who has consumers for it, at what
// cost, how much they take, and whether the bridge on the way has room. Invariant: after a refresh
// a proxy stands at a queue if and only if its broker has demand for it and a path from here; one
// without credit is full at the other end, or has used up its window, or waits for room on the
// bridge to its next hop, or for the next refresh.

import { mark } from '../../base/index.ts'
import type { Broker, Message, Queue } from '../../broker/index.ts'
import {
  type Lane,
  laneOf,
  lanes,
  type QueueGrant,
  type QueueShort
} from '../bridge-protocol/index.ts'
import { areSameSelectors, type DemandTable } from '../demand/index.ts'
import type { Routes } from '../map/index.ts'
import { RemoteConsumer, redirectsMax, turnsFrom } from './remote-consumer.ts'

/** What the proxies need to send and to know whether they may. */
export interface RemoteConsumersDependencies {
  readonly broker: Broker
  readonly demand: DemandTable
  readonly routes: Routes
  /** Sends a message to a target broker, unless there is no room or no way just now: 'full'. */
  send(message: Message, targets: readonly string[]): 'accepted' | 'full'
  /** True while nothing more goes to that neighbour, of one lane or of any. */
  isFull(nextHop: string, lane?: Lane): boolean
  /** A proxy has used up its window: {@link RemoteConsumers.takeShort} is to be asked soon. */
  onShort(): void
}

/** The proxies of all queues of one broker. */
export class RemoteConsumers {
  private readonly deps: RemoteConsumersDependencies
  private readonly byQueue = new Map<Queue, Map<string, RemoteConsumer>>()
  /**
   * By lane: proxies without credit because the bridge to their next hop is full for what they
   * would send first, longest waiting first.
   */
  private readonly waitingForRoom = [
    new Map<string, Waiting>(),
    new Map<string, Waiting>()
  ] as const
  /** Queues with messages that were sent round often, and wait for a sweep. */
  private readonly tired = new Set<Queue>()
  /** How many messages that were sent round too often may still go, since the last sweep. */
  private readonly tries = new Map<Queue, number>()
  /** Proxies without room in their windows. */
  private readonly usedUp = new Set<RemoteConsumer>()
  /** Those of them whose brokers are to be told. */
  private readonly short = new Set<RemoteConsumer>()
  private refreshes = 0
  /** Messages sent that go to brokers in turn. */
  private turns = 0

  constructor(deps: RemoteConsumersDependencies) {
    this.deps = deps
  }

  /**
   * Brings the queues' proxies up to date, then lets them take what waits.
   * @param beforeServing what must be in the queues before anything leaves them
   */
  refresh(queues: Iterable<Queue>, beforeServing: () => void = () => {}): void {
    const served: RemoteConsumer[] = []
    for (const queue of queues) {
      const proxies = this.update(queue)
      if (proxies === undefined) continue
      for (const proxy of proxies.values()) {
        if (proxy.credit === 0) continue
        // Any one will do: a queue serves all its proxies together.
        served.push(proxy)
        break
      }
    }
    beforeServing()
    for (const proxy of served) if (proxy.credit > 0) proxy.queue.onCredit(proxy)
  }

  forget(queue: Queue): void {
    const proxies = this.byQueue.get(queue)
    if (proxies === undefined) return
    for (const proxy of proxies.values()) this.leave(proxy)
    this.byQueue.delete(queue)
    this.tired.delete(queue)
    this.tries.delete(queue)
  }

  /** A lane of the bridge to `nextHop` has room again. Queues take turns at filling it. */
  onRoom(nextHop: string, lane: Lane): void {
    const ofLane = this.waitingForRoom[lane]
    const waiting = [...(ofLane.get(nextHop) ?? [])]
    ofLane.delete(nextHop)
    let at = 0
    for (; at < waiting.length && !this.deps.isFull(nextHop, lane); at += 1) {
      const proxy = waiting[at]!
      proxy.open()
      if (proxy.credit > 0) proxy.queue.onCredit(proxy)
    }
    if (at === waiting.length) return
    mark('proxy-waits-longer')
    // Those who were not asked come before the one that filled it.
    const again = ofLane.get(nextHop) ?? []
    ofLane.set(nextHop, new Set([...waiting.slice(at), ...again]))
  }

  /** A broker has said how much it takes of a queue. */
  onGrant(broker: string, grant: QueueGrant): void {
    const queue = this.deps.broker.queues.find(grant.queue)
    const proxy = queue && this.byQueue.get(queue)?.get(broker)
    if (proxy === undefined) {
      mark('grant-for-no-proxy')
      return
    }
    proxy.window.onGrant(grant)
    this.noteRoom(proxy)
    if (proxy.credit > 0 || this.isWaiting(proxy)) return
    proxy.open()
    if (proxy.credit > 0) proxy.queue.onCredit(proxy)
  }

  /** Queues with messages that wait for a grant, by the broker to be asked for it. */
  takeShort(): ReadonlyMap<string, readonly QueueShort[]> {
    const byBroker = new Map<string, QueueShort[]>()
    for (const { broker, queue, window } of this.short) {
      if (window.room > 0 || queue.waiting === 0) continue
      const short = { queue: queue.name, limit: window.limit }
      const known = byBroker.get(broker)
      if (known === undefined) byBroker.set(broker, [short])
      else known.push(short)
    }
    this.short.clear()
    return byBroker
  }

  /** Asks anew for what is waited for: what was said before may be lost. */
  askAgain(): void {
    for (const proxy of this.usedUp) this.short.add(proxy)
    if (this.short.size > 0) this.deps.onShort()
  }

  /**
   * Periodic work: what was sent round too often may try once more, or it would stay for good; and
   * windows that are long used up are looked after.
   */
  sweep(): void {
    const queues = new Set(this.tired)
    this.tired.clear()
    this.tries.clear()
    for (const queue of queues) {
      this.tries.set(queue, queue.waiting)
      queue.backlog?.searchAgain()
    }
    for (const proxy of this.usedUp) {
      proxy.sweepsWithoutRoom += 1
      if (!proxy.isStalled) continue
      mark('proxy-stalled')
      proxy.window.sweep()
      this.noteRoom(proxy)
      // What waited for it may go another way, or it has room now.
      queues.add(proxy.queue)
    }
    if (queues.size > 0) this.refresh(queues)
    this.askAgain()
  }

  /** Adds, changes and removes a queue's proxies; answers them, if any. */
  private update(queue: Queue): ReadonlyMap<string, RemoteConsumer> | undefined {
    const wanted = this.reachableDemand(queue)
    let proxies = this.byQueue.get(queue)
    if (proxies === undefined) {
      if (wanted.length === 0) return undefined
      proxies = new Map()
      this.byQueue.set(queue, proxies)
    }
    this.refreshes += 1
    // All are there, without credit, before the first of them gets any: the cheapest comes first.
    for (const { broker, selectors } of wanted) {
      let proxy = proxies.get(broker)
      if (proxy !== undefined && !areSameSelectors(proxy.selectors, selectors)) {
        mark('proxy-selectors-changed')
        this.takeAway(queue, proxies, proxy)
        proxy = undefined
      }
      if (proxy === undefined) {
        const { onTired } = this
        const place = {
          ...{ queue, proxies, onTired },
          turns: () => this.turns,
          mayTryAgain: () => (this.tries.get(queue) ?? 0) > 0
        }
        proxy = new RemoteConsumer(place, broker, selectors, this.send)
        proxies.set(broker, proxy)
        queue.addConsumer(proxy)
      }
      proxy.refresh = this.refreshes
    }
    if (proxies.size > wanted.length) this.removeUnwanted(queue, proxies)
    for (const wish of wanted) this.setTerms(proxies.get(wish.broker)!, wish)
    queue.consumers.sortRemote()
    if (proxies.size === 0) this.byQueue.delete(queue)
    return proxies
  }

  /** The other brokers with consumers for a queue and a path to them, by name. */
  reachableDemand(queue: Pick<Queue, 'name'>): Wish[] {
    const wishes: Wish[] = []
    const { demand, routes } = this.deps
    const wanting = demand.demandForQueue(queue.name)
    if (wanting.length === 0) return wishes
    const table = routes.for({ kind: 'queue', name: queue.name })
    for (const { broker, weight, selectors } of wanting) {
      const nextHop = table.nextHop(broker)
      if (nextHop === undefined) continue
      wishes.push({ broker, nextHop, cost: table.costTo(broker), weight, selectors })
    }
    return wishes
  }

  private removeUnwanted(queue: Queue, proxies: Map<string, RemoteConsumer>): void {
    for (const proxy of proxies.values()) {
      if (proxy.refresh === this.refreshes) continue
      mark('proxy-taken-away')
      this.takeAway(queue, proxies, proxy)
    }
  }

  private takeAway(
    queue: Queue,
    proxies: Map<string, RemoteConsumer>,
    proxy: RemoteConsumer
  ): void {
    proxies.delete(proxy.broker)
    this.leave(proxy)
    queue.removeConsumer(proxy)
    // Others may take what it was to have.
    queue.backlog?.searchAgain()
  }

  private setTerms(proxy: RemoteConsumer, wish: Wish): void {
    if (proxy.nextHop !== wish.nextHop) {
      if (proxy.nextHop !== '') {
        mark('proxy-by-another-way')
        proxy.queue.backlog?.searchAgain()
        proxy.window.startOver()
      }
      this.stopWaiting(proxy)
      proxy.nextHop = wish.nextHop
    }
    proxy.cost = Math.max(1, wish.cost)
    proxy.isFull = wish.weight === 0
    proxy.window.onWeight(wish.weight)
    this.noteRoom(proxy)
    const mustWait = this.deps.isFull(wish.nextHop)
    if (proxy.isFull) mark('proxy-far-end-full')
    if (mustWait) for (const lane of Object.values(lanes)) this.waitFor(proxy, lane)
    else this.stopWaiting(proxy)
    if (mustWait) proxy.credit = 0
    else proxy.open()
  }

  /** Whether its window has room has changed, or may have. */
  private noteRoom(proxy: RemoteConsumer): void {
    if (proxy.window.room <= 0) {
      this.usedUp.add(proxy)
      return
    }
    this.usedUp.delete(proxy)
    proxy.sweepsWithoutRoom = 0
  }

  /** One more message is on its way to a proxy's broker, which this broker has chosen. */
  private charge(proxy: RemoteConsumer): void {
    proxy.window.take()
    if (proxy.window.room > 0) return
    proxy.credit = 0
    this.usedUp.add(proxy)
    this.short.add(proxy)
    this.deps.onShort()
  }

  private readonly onTired = (queue: Queue): void => {
    this.tired.add(queue)
  }

  private readonly send = (proxy: RemoteConsumer, message: Message): boolean => {
    const isTired = message.redirects === redirectsMax
    // Another broker counts what it has chosen the target of, though it had to wait here.
    const isOurChoice = message.chosenAt < 0
    if (isTired) message.redirects = redirectsMax - 1
    if (this.deps.send(message, proxy.targets) === 'accepted') {
      if (message.redirects >= turnsFrom) this.turns += 1
      if (isTired) this.noteTry(proxy.queue)
      if (isOurChoice) this.charge(proxy)
      return true
    }
    if (isTired) message.redirects = redirectsMax
    this.holdBack(proxy, laneOf(message))
    return false
  }

  private noteTry(queue: Queue): void {
    mark('proxy-tired-message-tries-again')
    this.tries.set(queue, this.tries.get(queue)! - 1)
  }

  /** What is in the way of one proxy is in the way of all behind the same bridge. */
  private holdBack({ queue, nextHop }: RemoteConsumer, lane: Lane): void {
    mark('proxy-held-back')
    for (const proxy of this.byQueue.get(queue)?.values() ?? []) {
      if (proxy.nextHop !== nextHop) continue
      proxy.credit = 0
      this.waitFor(proxy, lane)
    }
  }

  private leave(proxy: RemoteConsumer): void {
    this.stopWaiting(proxy)
    this.usedUp.delete(proxy)
    this.short.delete(proxy)
  }

  private isWaiting(proxy: RemoteConsumer): boolean {
    return this.waitingForRoom.some((ofLane) => ofLane.get(proxy.nextHop)?.has(proxy))
  }

  private waitFor(proxy: RemoteConsumer, lane: Lane): void {
    const ofLane = this.waitingForRoom[lane]
    const waiting = ofLane.get(proxy.nextHop)
    if (waiting === undefined) ofLane.set(proxy.nextHop, new Set([proxy]))
    else waiting.add(proxy)
  }

  private stopWaiting(proxy: RemoteConsumer): void {
    for (const ofLane of this.waitingForRoom) {
      const waiting = ofLane.get(proxy.nextHop)
      if (waiting?.delete(proxy) === true && waiting.size === 0) ofLane.delete(proxy.nextHop)
    }
  }
}

type Waiting = Set<RemoteConsumer>

/** A broker that a queue's messages could go to. */
export interface Wish {
  readonly broker: string
  readonly nextHop: string
  readonly cost: number
  readonly weight: number
  readonly selectors: readonly string[] | undefined
}

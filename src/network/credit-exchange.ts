// What brokers say to each other of how much they take of a queue: carries the grants of the
// intakes here to the brokers that send messages, and theirs to the proxies here, and hands on what
// is said between others. Whatever is lost on the way is said again with the next sweep.

import { mark } from '../base/index.ts'
import type { Broker, Message, Queue } from '../broker/index.ts'
import type { Cancel, Clock } from '../ports/index.ts'
import type { Bridges } from './bridge/index.ts'
import { type Grant, grantQueuesMax, type Short } from './bridge-protocol/index.ts'
import { Intakes, type RemoteConsumers, type SenderGrant } from './forwarding/index.ts'
import type { Routes } from './map/index.ts'

/** No filter of a network connector holds for what brokers say to each other. */
const anything = { kind: 'temp-queue', name: '' } as const

/** After a change of the map: others may follow, and the routes must be known to all. */
const askMs = 200

/** What it needs of the network. */
export interface CreditExchangeDeps {
  readonly broker: Broker
  readonly clock: Clock
  readonly routes: Routes
  readonly self: string
  readonly hopsMax: number
  bridges(): Bridges
  proxies(): RemoteConsumers
}

/** See the top of this file. */
export class CreditExchange {
  readonly intakes: Intakes
  private readonly deps: CreditExchangeDeps
  private isScheduled = false
  private cancelAsking: Cancel | undefined = undefined

  constructor(deps: CreditExchangeDeps) {
    this.deps = deps
    const { clock, broker } = deps
    this.intakes = new Intakes({
      clock,
      findQueue: (name) => broker.queues.find(name),
      tell: (grant) => this.tell(grant)
    })
  }

  readonly onArrival = (message: Message): void => this.intakes.onArrival(message)

  /** Proxies here have used up what they were granted: their brokers hear of it this turn. */
  readonly onProxyShort = (): void => {
    if (this.isScheduled) return
    this.isScheduled = true
    this.deps.clock.endOfTurn(this.ask)
  }

  onQueueRemoved(queue: Queue): void {
    this.intakes.forget(queue)
  }

  /** What was said over bridges that are gone may be lost. */
  onMapChanged(): void {
    if (this.cancelAsking !== undefined) return
    this.cancelAsking = this.deps.clock.schedule(askMs, () => {
      this.cancelAsking = undefined
      this.deps.proxies().askAgain()
    })
  }

  stop(): void {
    this.cancelAsking?.()
  }

  onGrant(grant: Grant): void {
    const { self, proxies } = this.deps
    if (grant.to !== self) this.handOn(grant)
    else for (const granted of grant.queues) proxies().onGrant(grant.from, granted)
  }

  onShort(short: Short): void {
    const { self } = this.deps
    if (short.to !== self) this.handOnShort(short)
    else for (const queue of short.queues) this.intakes.onShort(queue, short.from)
  }

  /** Periodic work. */
  sweep(): void {
    this.intakes.sweep()
  }

  private readonly ask = (): void => {
    this.isScheduled = false
    const { self, hopsMax: hopsLeft, proxies } = this.deps
    for (const [to, queues] of proxies().takeShort()) {
      for (const part of slices(queues)) this.sendShort({ to, from: self, hopsLeft, queues: part })
    }
  }

  private tell({ broker: to, via, queues }: SenderGrant): void {
    const { self: from, hopsMax: hopsLeft } = this.deps
    for (const part of slices(queues)) this.sendGrant({ to, from, hopsLeft, via, queues: part })
  }

  private handOn(grant: Grant): void {
    if (grant.hopsLeft > 1) this.sendGrant({ ...grant, hopsLeft: grant.hopsLeft - 1 })
    else mark('grant-hop-limit')
  }

  private handOnShort(short: Short): void {
    if (short.hopsLeft > 1) this.sendShort({ ...short, hopsLeft: short.hopsLeft - 1 })
    else mark('grant-hop-limit')
  }

  /**
   * Along the way that the messages came, for where bridges carry them one way only there is no
   * route back. Without that bridge, along the routes.
   */
  private sendGrant(grant: Grant): void {
    const { bridges, routes } = this.deps
    const [next = grant.to, ...via] = grant.via
    const direct = bridges().get(next)
    if (direct !== undefined) {
      direct.sendGrant({ ...grant, via })
      return
    }
    mark('grant-by-another-way')
    const nextHop = routes.for(anything).nextHop(grant.to)
    if (nextHop !== undefined)
      bridges()
        .get(nextHop)
        ?.sendGrant({ ...grant, via: [] })
  }

  private sendShort(short: Short): void {
    const { bridges, routes } = this.deps
    const nextHop = routes.for(anything).nextHop(short.to)
    if (nextHop !== undefined) bridges().get(nextHop)?.sendShort(short)
  }
}

function* slices<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length <= grantQueuesMax) yield items
  else {
    for (let at = 0; at < items.length; at += grantQueuesMax) {
      yield items.slice(at, at + grantQueuesMax)
    }
  }
}

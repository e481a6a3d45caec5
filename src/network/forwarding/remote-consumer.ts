// A queue's proxy for the consumers of one other broker: an ordinary consumer of the queue, after
// the local ones in order, whose credit is open while that broker has demand and takes more of
// them, and there is a path and a bridge with room.

import { assert, mark } from '../../base/index.ts'
import type { Consumer, Message, MessageFilter, Queue } from '../../broker/index.ts'
import { filtersOf, passesAny } from '../demand/index.ts'
import { FarWindow } from './far-window.ts'

/** Credit of an open proxy. It is not used up: the bridge's room and the far window bound it. */
export const openCredit = 1

/**
 * A message whose target was changed this often stays where it is until a consumer comes there; it
 * may go once more each time a sweep finds it waiting.
 */
export const redirectsMax = 16

/**
 * A message whose target was changed this often goes to all brokers in turn, not to the cheapest:
 * near ones whose consumers leave it out would send it to each other for ever.
 */
export const turnsFrom = 8

/**
 * What a proxy takes. Not what has come over the bridge to its next hop, as long as there are
 * others ahead: a message that waits for room on its way would wander between brokers instead.
 */
class JourneyFilter implements MessageFilter {
  readonly text = `redirects < ${redirectsMax}, and not back`
  private readonly proxy: RemoteConsumer
  private readonly place: ProxyPlace

  constructor(proxy: RemoteConsumer, place: ProxyPlace) {
    this.proxy = proxy
    this.place = place
  }

  matches(message: Message): boolean {
    const { redirects, brokerPath } = message
    if (!this.proxy.wants(message)) return false
    if (redirects > redirectsMax || (redirects === redirectsMax && !this.place.mayTryAgain())) {
      mark('proxy-message-is-tired')
      this.place.onTired(this.place.queue)
      return false
    }
    if (redirects >= turnsFrom) {
      if (this.isTurnOf(message)) return true
      // Nobody may come by again until the sweep.
      this.place.onTired(this.place.queue)
      return false
    }
    if (brokerPath.length === 0 || !brokerPath.includes(this.proxy.nextHop)) return true
    for (const other of this.place.proxies.values()) {
      if (other.isFull || other.isStalled || brokerPath.includes(other.nextHop)) continue
      if (other.wants(message)) {
        mark('proxy-waits-for-another-way')
        return false
      }
    }
    mark('proxy-sends-back')
    return true
  }

  private isTurnOf(message: Message): boolean {
    const open: RemoteConsumer[] = []
    for (const proxy of this.place.proxies.values()) {
      if (proxy.credit > 0 && proxy.wants(message)) open.push(proxy)
    }
    return open.length > 0 && open[this.place.turns() % open.length] === this.proxy
  }
}

/** Sends a queue's message to the proxy's broker; false if it must stay in its queue. */
export type SendToTarget = (proxy: RemoteConsumer, message: Message) => boolean

/** Where a proxy stands. */
export interface ProxyPlace {
  readonly queue: Queue
  /** All of that queue, itself included. */
  readonly proxies: ReadonlyMap<string, RemoteConsumer>
  /** Rises with each message that goes to brokers in turn. */
  turns(): number
  /** True while messages of that queue that have been sent round too often may go once more. */
  mayTryAgain(): boolean
  /** Told of a message in that queue that has been sent round often, and waits for a sweep. */
  onTired(queue: Queue): void
}

/** One other broker's consumers of one queue, seen from here. */
export class RemoteConsumer implements Consumer {
  readonly queue: Queue
  /** The broker that has the consumers. */
  readonly broker: string
  /** Its address as a target set; shared by all messages sent there. */
  readonly targets: readonly string[]
  readonly filter: MessageFilter
  readonly settlesOnDispatch = true
  credit = 0
  /** Cost of the path there; at least 1, so that local consumers come first. */
  cost: number
  /** First broker on the path there. */
  nextHop: string
  /** The far broker has enough waiting just now. */
  isFull = false
  /** Sweeps that found its window used up, one after the other. */
  sweepsWithoutRoom = 0
  /** What may be on its way to the far broker. */
  readonly window = new FarWindow()
  /** The last refresh of its queue's proxies that found it wanted. */
  refresh = 0
  /** Selectors of the consumers there, if all have one. */
  readonly selectors: readonly string[] | undefined
  readonly isChoosy: boolean
  private readonly filters: readonly MessageFilter[] | undefined
  private readonly send: SendToTarget

  constructor(
    place: ProxyPlace,
    broker: string,
    selectors: readonly string[] | undefined,
    send: SendToTarget
  ) {
    this.queue = place.queue
    this.selectors = selectors
    this.filters = filtersOf(selectors)
    this.isChoosy = this.filters !== undefined
    this.filter = new JourneyFilter(this, place)
    this.broker = broker
    this.targets = [broker]
    this.cost = 1
    this.nextHop = ''
    this.send = send
  }

  get capacity(): number {
    return this.window.capacity
  }

  /** For a sweep and longer it could take nothing: others need not wait for it. */
  get isStalled(): boolean {
    return this.sweepsWithoutRoom > 1
  }

  /** True for a message that a consumer there may take. */
  wants(message: Message): boolean {
    return passesAny(this.filters, message)
  }

  /** Opens its credit, if the far broker takes something. Nothing else may be in its way. */
  open(): void {
    this.credit = this.isFull || this.window.room <= 0 ? 0 : openCredit
  }

  offer(message: Message): boolean {
    return this.send(this, message)
  }

  /** The queue offers a proxy its messages, so that none leaves its place in vain. */
  deliver(message: Message): void {
    assert(this.offer(message), 'a message is delivered to a proxy that takes it')
  }
}

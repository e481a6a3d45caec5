// The forwarding of one broker, `hub`, between a real core, map and table of demand on one side and
// bridges that only note what they are given on the other.

import type { BrokerLimits, Message } from '../../../src/broker/index.ts'
import { lanes } from '../../../src/network/bridge-protocol/index.ts'
import { type DemandEntry, DemandTable } from '../../../src/network/demand/index.ts'
import {
  defaultParkingLimits,
  MessageRouter,
  Parking,
  type ParkingLimits,
  RemoteConsumers
} from '../../../src/network/forwarding/index.ts'
import { NetworkMap, Routes } from '../../../src/network/map/index.ts'
import { BrokerWorld, bodyOf, type MessageFacts } from '../../support/broker-world.ts'
import { recordsOf } from '../map/map-builders.ts'

/** A copy a bridge was given. */
export interface Copy {
  readonly nextHop: string
  readonly body: string
  readonly targets: readonly string[]
  readonly path: readonly string[]
  readonly redirects: number
  readonly message: Message
}

/** What a test varies. */
export interface ForwardingFacts {
  readonly parking?: Partial<ParkingLimits>
  readonly hopsMax?: number
  readonly grownBytesMax?: number
  readonly limits?: Partial<BrokerLimits>
}

/** See the top of this file. */
export class ForwardingWorld extends BrokerWorld {
  readonly map: NetworkMap
  readonly routes: Routes
  readonly table: DemandTable
  parking!: Parking
  router!: MessageRouter
  proxies!: RemoteConsumers
  private readonly facts: ForwardingFacts
  readonly copies: Copy[] = []
  /** Of messages that came for consumers here, the brokers that chose this one. */
  readonly arrivals: (string | undefined)[] = []
  /** How many more copies the bridge to a neighbour takes; absent for no bound. */
  readonly room = new Map<string, number>()
  /** Neighbours without a bridge, whatever the map says. */
  readonly unbridged = new Set<string>()
  private readonly joins = new Map<string, string>()
  private recordSequence = 1
  private readonly versions = new Map<string, number>()

  constructor(joins: readonly string[], facts: ForwardingFacts = {}) {
    super(facts.limits)
    this.map = new NetworkMap({
      broker: 'hub',
      brokerId: 'id-hub',
      incarnation: 1,
      isTransit: true
    })
    this.routes = new Routes(this.map)
    this.table = new DemandTable(({ broker, kind }) => {
      if (kind === 'topic') this.router.places?.onDemandChanged(broker)
    })
    this.facts = facts
    this.build()
    for (const join of joins) this.joins.set(join.split(':')[0]!, join)
    this.tellMap()
  }

  /** Kills the broker, and starts it again on what is on its disk, with the same map and demand. */
  restart(): void {
    this.crash()
    this.build()
    this.router.places?.recover()
    this.tellMap()
  }

  /** Joins two brokers, as 'hub-b' or 'hub-b:5' with a cost. */
  joinUp(...joins: string[]): void {
    for (const join of joins) this.joins.set(join.split(':')[0]!, join)
    this.tellMap()
  }

  /** Parts two brokers, as 'hub-b'. */
  partUp(...joins: string[]): void {
    for (const join of joins) this.joins.delete(join)
    this.tellMap()
  }

  /**
   * Says what a broker wants from now on, as 'queue://orders', 'topic://prices.> 0' or, for ever,
   * 'durable://prices'; with a selector as "queue://orders ? colour = 'red'".
   */
  want(broker: string, ...wishes: string[]): void {
    const version = (this.versions.get(broker) ?? 0) + 1
    this.versions.set(broker, version)
    const entries = wishes.map((text): DemandEntry => {
      const [wish, selector] = text.split(' ? ')
      const choice = selector === undefined ? {} : { selectors: [selector] }
      const [, kind, pattern, weight] = /^(queue|topic|durable):\/\/(\S+)(?: (\d+))?$/.exec(wish!)!
      if (kind === 'durable')
        return { kind: 'topic', pattern: pattern!, weight: 1, isDurable: true }
      return {
        ...{ kind: kind as 'queue' | 'topic', pattern: pattern!, weight: Number(weight ?? 4) },
        ...choice
      }
    })
    this.table.applySnapshot({ broker, incarnation: 1, version, entries })
    this.refresh()
  }

  /** A broker says how many messages it has had from here, and how many more it takes. */
  grant(broker: string, arrived: number, room: number, capacity = 10): void {
    this.proxies.onGrant(broker, { queue: 'orders', arrived, room, capacity })
  }

  /** What the network's facade does when demand changed. */
  refresh(): void {
    this.proxies.refresh(this.broker.queues.named(), this.router.restoreNow)
    this.router.release()
  }

  /** What the facade does when a bridge has room for `count` more. */
  giveRoom(nextHop: string, count: number): void {
    this.room.set(nextHop, count)
    for (const lane of Object.values(lanes)) {
      this.router.onRoom(nextHop, lane)
      this.proxies.onRoom(nextHop, lane)
    }
    this.router.useRoomLeft(nextHop)
    this.router.release()
  }

  /** A message of that kind arrives over a bridge, having crossed those brokers. */
  arrive(facts: MessageFacts & { targets?: string[]; path?: string[] }): Message {
    const message = this.aForwarded(facts)
    message.brokerPath = facts.path ?? ['b']
    this.router.receive(message, facts.targets ?? ['hub'])
    return message
  }

  /** 'b:1>b,c' for each copy given to bridges since the last call. */
  sent(): string[] {
    const sent = this.copies.map(
      ({ nextHop, body, targets }) => `${nextHop}:${body}>${targets.join()}`
    )
    this.copies.length = 0
    return sent
  }

  private build(): void {
    this.parking = new Parking(
      this.clock,
      { ...defaultParkingLimits, ...this.facts.parking },
      (message, reason) => this.broker.discard(message, reason)
    )
    this.router = new MessageRouter({
      ...{ broker: this.broker, clock: this.clock, logger: this.logger },
      demand: this.table,
      routes: this.routes,
      parking: this.parking,
      hopsMax: this.facts.hopsMax ?? 32,
      grownBytesMax: this.facts.grownBytesMax ?? 1024 * 1024,
      patienceMs: this.facts.parking?.patienceMs ?? defaultParkingLimits.patienceMs,
      mapVersion: () => this.map.version,
      onArrival: ({ brokerPath, chosenAt }) => this.arrivals.push(brokerPath[chosenAt]),
      isReachable: (broker) => this.map.isReachable(broker),
      sendOver: (nextHop, message, targets) => this.take(nextHop, message, targets)
    })
    this.proxies = new RemoteConsumers({
      broker: this.broker,
      demand: this.table,
      routes: this.routes,
      send: (message, targets) => this.router.send(message, targets),
      isFull: (nextHop, lane) => this.router.isFull(nextHop, lane),
      onShort: () => {}
    })
    this.broker.join(
      {
        forwardTopic: (message) => this.router.forwardTopic(message),
        forwardTemporary: (message, broker) => this.router.sendFromProducer(message, broker),
        onQueueAdded: (queue) => this.proxies.refresh([queue]),
        onQueueRemoved: (queue) => this.proxies.forget(queue)
      },
      { onConsumerAdded: () => {}, onConsumerRemoved: () => {}, onPressure: () => {} }
    )
  }

  private tellMap(): void {
    this.recordSequence += 1
    const known = new Set(this.map.records().map((record) => record.broker))
    const records = recordsOf(...this.joins.values())
    for (const record of records) {
      known.delete(record.broker)
      if (record.broker === 'hub') this.map.setOwnBridges(record.bridges)
      else this.map.accept({ ...record, sequence: this.recordSequence })
    }
    for (const broker of known) {
      if (broker === 'hub') this.map.setOwnBridges([])
      else
        this.map.accept({ ...this.map.record(broker)!, sequence: this.recordSequence, bridges: [] })
    }
    this.router.onMapChanged()
    this.proxies.refresh(this.broker.queues.named(), this.router.restoreNow)
    this.router.retryParked()
    this.router.release()
  }

  private take(
    nextHop: string,
    message: Message,
    targets: readonly string[]
  ): 'accepted' | 'full' | 'no-bridge' {
    if (this.unbridged.has(nextHop)) return 'no-bridge'
    const room = this.room.get(nextHop) ?? Number.POSITIVE_INFINITY
    if (room === 0) return 'full'
    this.room.set(nextHop, room - 1)
    const { brokerPath: path, redirects } = message
    this.copies.push({ nextHop, body: bodyOf(message), targets, path, redirects, message })
    return 'accepted'
  }
}

// One broker's part in the network: its bridges, the map, demand, and the way messages take between
// brokers. It is the core's forwarder and the bridges' owner, and does nothing itself that one of
// its parts does.

import { assert, mark } from '../base/index.ts'
import type {
  Broker,
  FlowGate,
  Forwarder,
  Message,
  NonDeliveryReason,
  Queue
} from '../broker/index.ts'
import type {
  Cancel,
  Clock,
  Logger,
  Random,
  StreamConnection,
  StreamHandlers,
  StreamTransport
} from '../ports/index.ts'
import {
  type Bridge,
  Bridges,
  type BridgesOptions,
  type BridgesOwner,
  type MessageRefusal,
  type NetworkConnectorConfig,
  type Returned
} from './bridge/index.ts'
import {
  type Answer,
  type Digest,
  type Grant,
  type Hello,
  type Inquiry,
  type Lane,
  lanes,
  type Refusal,
  type Short
} from './bridge-protocol/index.ts'
import { ChangedQueues } from './changed-queues.ts'
import { CreditExchange } from './credit-exchange.ts'
import { CustodyStore } from './custody/index.ts'
import { CustodyInquiries } from './custody-inquiries.ts'
import {
  type DemandChange,
  type DemandMark,
  DemandTable,
  KeptDemand,
  LocalDemand
} from './demand/index.ts'
import { DemandSync } from './demand-sync.ts'
import {
  defaultParkingLimits,
  MessageRouter,
  Parking,
  type ParkingLimits,
  RemoteConsumers,
  redirectsMax
} from './forwarding/index.ts'
import { type BrokerRecord, NetworkMap, Routes, validateFilter } from './map/index.ts'
import { MapSync } from './map-sync.ts'
import { PastLives } from './past-lives.ts'

/** Who this broker is to others. */
export interface NetworkIdentity {
  readonly network: string
  readonly broker: string
  /** 32 hexadecimal digits, made once for the broker's data or, without any, its life. */
  readonly brokerId: string
  readonly incarnation: number
  /** The life before, as the broker's data tells; undefined if that is new, or none is kept. */
  readonly previousIncarnation?: number | undefined
  readonly isTransit: boolean
}

/** Options of the network part. */
export interface NetworkOptions {
  readonly bridges: BridgesOptions
  readonly parking?: ParkingLimits
  /** Bridges a message may cross between two choices of its target. */
  readonly hopsMax: number
  /** Digests are compared this often, besides at each new bridge. */
  readonly repairMs: number
}

/** What the network part is made of. */
export interface NetworkDependencies {
  readonly broker: Broker
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly transport: StreamTransport
}

/** Facts found missing are asked for after this long; then after twice as long, and so on. */
const askMsMin = 100
/** They are looked for once the map has not changed for a while; or after this long in any case. */
const restlessMsMax = 1_000

/** Acknowledgements are held back while more than this share of it waits for full bridges. */
const congestedShare = 0.25
/**
 * Producers of what a broker wants, which has come in reach with much parked for it, are held back
 * while more than this share, in bytes, has come since, above what has left.
 */
const drainingShare = 0.125

/** What was kept here for a broker that never returns, and is not any more. */
export interface Forgotten {
  /** Topics its durable subscriptions wanted. */
  readonly topics: number
  /** Messages that were parked for it. */
  readonly messages: number
}

/** See the top of this file. */
export class Network implements Forwarder, BridgesOwner {
  readonly identity: NetworkIdentity
  readonly map: NetworkMap
  readonly demand: DemandTable
  readonly localDemand: LocalDemand
  readonly routes: Routes
  readonly bridges: Bridges
  readonly router: MessageRouter
  readonly parking: Parking
  private readonly broker: Broker
  private readonly clock: Clock
  private readonly logger: Logger
  readonly options: NetworkOptions
  private readonly parkingLimits: ParkingLimits
  private readonly mapSync: MapSync
  private readonly demandSync: DemandSync
  readonly remoteConsumers: RemoteConsumers
  private readonly credit: CreditExchange
  private readonly keptDemand: KeptDemand | undefined = undefined
  private readonly pastLives: PastLives
  private readonly inquiries: CustodyInquiries
  private readonly changedQueues = new ChangedQueues()
  private isMapChanged = false
  private isChangeScheduled = false
  private cancelRepair: Cancel = () => {}
  private cancelTrust: Cancel = () => {}
  private cancelAsking: Cancel | undefined = undefined
  private askMs = askMsMin

  constructor(deps: NetworkDependencies, identity: NetworkIdentity, options: NetworkOptions) {
    const { broker, clock, logger } = deps
    this.broker = broker
    this.clock = clock
    this.logger = logger
    this.identity = identity
    this.options = options
    this.pastLives = new PastLives(logger, identity)
    this.parkingLimits = options.parking ?? defaultParkingLimits
    this.map = new NetworkMap(identity)
    this.routes = new Routes(this.map)
    this.localDemand = new LocalDemand(identity.broker, identity.incarnation)
    this.demand = new DemandTable((change) => this.onDemandChanged(change))
    const { store, destinations } = broker
    const custody = store.isWanted ? new CustodyStore({ store, clock, destinations }) : undefined
    if (store.isWanted) this.keptDemand = new KeptDemand(store, this.demand)
    const giveUp = (message: Message, reason: NonDeliveryReason): void =>
      broker.discard(message, reason)
    this.parking = new Parking(clock, this.parkingLimits, giveUp)
    this.credit = this.newCredit()
    this.router = new MessageRouter({
      ...{ broker, clock, logger },
      demand: this.demand,
      routes: this.routes,
      parking: this.parking,
      hopsMax: options.hopsMax,
      grownBytesMax: this.parkingLimits.bytesMax * drainingShare,
      patienceMs: this.parkingLimits.patienceMs,
      mapVersion: () => this.map.version,
      onArrival: this.credit.onArrival,
      isReachable: (name) => this.map.isReachable(name),
      sendOver: (nextHop, message, targets) => this.sendOver(nextHop, message, targets)
    })
    this.remoteConsumers = this.newRemoteConsumers()
    this.bridges = new Bridges(
      { ...deps, destinations: broker.destinations, custody },
      identity,
      options.bridges,
      this
    )
    this.mapSync = new MapSync(
      { map: this.map, bridges: () => this.bridges, clock, logger },
      {
        onMapChanged: () => this.onMapChanged(),
        onNameTaken: (by) => this.onNameTaken(by)
      }
    )
    this.inquiries = new CustodyInquiries({
      clock,
      routes: this.routes,
      bridges: () => this.bridges,
      self: identity,
      hopsMax: options.hopsMax
    })
    this.demandSync = new DemandSync({
      clock,
      logger,
      local: this.localDemand,
      table: this.demand,
      self: identity.broker,
      bridges: () => this.bridges,
      isReachable: (name) => this.map.isReachable(name)
    })
    broker.join(this, this.demandSync)
  }

  /** Messages that wait for a way, in memory or on disk. */
  get parkedMessages(): number {
    return this.parking.length + (this.router.places?.length ?? 0)
  }

  /** Their size. */
  get parkedBytes(): number {
    return this.parking.bytesHeld + (this.router.places?.bytesHeld ?? 0)
  }

  /** Goes on with what an earlier life owed other brokers. Before {@link start}. */
  recover(): void {
    this.keptDemand?.recover()
    this.bridges.recover()
    this.router.places?.recover()
  }

  /** Starts the connectors; listeners may accept from now on. */
  start(connectors: readonly NetworkConnectorConfig[]): void {
    for (const connector of connectors) this.bridges.addConnector(connector)
    const { patienceMs } = this.parkingLimits
    this.cancelTrust = this.clock.schedule(patienceMs, () => this.router.trustDemand())
    this.scheduleRepair()
  }

  /** Says goodbye on every bridge; `done` follows within two seconds. */
  stop(done: () => void): void {
    this.cancelRepair()
    this.cancelTrust()
    this.cancelAsking?.()
    this.mapSync.stop()
    this.inquiries.stop()
    this.credit.stop()
    this.bridges.stop(done)
  }

  /** For a listener's `accept`. */
  readonly accept = (connection: StreamConnection): StreamHandlers | undefined =>
    this.bridges.accept(connection)

  // Forwarder

  forwardTopic(message: Message): FlowGate | undefined {
    return this.router.forwardTopic(message)
  }

  forwardTemporary(message: Message, broker: string): FlowGate | undefined {
    return this.router.sendFromProducer(message, broker)
  }

  onQueueAdded(queue: Queue): void {
    this.remoteConsumers.refresh([queue])
  }

  onQueueRemoved(queue: Queue): void {
    this.remoteConsumers.forget(queue)
    this.credit.onQueueRemoved(queue)
  }

  // BridgesOwner

  refuseReason(hello: Hello): Refusal | undefined {
    const fault = validateFilter({ include: hello.include, exclude: hello.exclude })
    if (fault !== undefined) {
      mark('greeting-filter-invalid')
      return { code: 'protocol-error', text: `HELLO: ${fault}` }
    }
    const known = this.map.record(hello.broker)
    if (known === undefined || known.brokerId === hello.brokerId) return undefined
    if (!this.map.isReachable(hello.broker)) {
      mark('greeting-name-free-again')
      this.pastLives.onReplaced(known, hello)
      return undefined
    }
    mark('greeting-name-in-use')
    return {
      code: 'name-in-use',
      text:
        `a broker named "${hello.broker}" (id ${known.brokerId.slice(0, 8)}) is in the network ` +
        `already; give this one (id ${hello.brokerId.slice(0, 8)}) another name`
    }
  }

  onBridgeUp(bridge: Bridge): void {
    bridge.sendDigest(this.digest())
    this.mapSync.onBridgeUp()
  }

  onBridgeDown(_bridge: Bridge, _cause: string): void {
    // What it gives back follows, and finds the map changed.
    this.mapSync.onBridgeDown()
  }

  heldRecord(broker: string): BrokerRecord | undefined {
    return this.map.record(broker)
  }

  heldDemand(broker: string): DemandMark | undefined {
    return this.demand.markOf(broker)
  }

  onRecord(bridge: Bridge, record: BrokerRecord): void {
    this.mapSync.onRecord(bridge, record)
  }

  onOlderRecord(bridge: Bridge, ours: BrokerRecord): void {
    this.mapSync.onOlder(bridge, ours)
  }

  onDigest(bridge: Bridge, digest: Digest): void {
    this.pastLives.onHeard(digest.records)
    this.mapSync.answer(bridge, digest)
    this.demandSync.answer(bridge, digest)
  }

  onDemandSnapshot(...[bridge, snapshot]: Parameters<BridgesOwner['onDemandSnapshot']>): void {
    this.demandSync.onSnapshot(bridge, snapshot)
  }

  onDemandDelta(...[bridge, delta]: Parameters<BridgesOwner['onDemandDelta']>): void {
    this.demandSync.onDelta(bridge, delta)
  }

  onDemandRequest(bridge: Bridge, broker: string): void {
    this.demandSync.onRequest(bridge, broker)
  }

  onInquiry(_bridge: Bridge, inquiry: Inquiry): void {
    this.inquiries.onInquiry(inquiry)
  }

  onAnswer(_bridge: Bridge, answer: Answer): void {
    this.inquiries.onAnswer(answer)
  }

  onGrant(_bridge: Bridge, grant: Grant): void {
    this.credit.onGrant(grant)
  }

  onShort(_bridge: Bridge, short: Short): void {
    this.credit.onShort(short)
  }

  onMessage(
    ...[_bridge, message, targets, flags]: Parameters<BridgesOwner['onMessage']>
  ): MessageRefusal | undefined {
    if (flags !== 0) {
      mark('message-maybe-duplicate')
      message.isMaybeDuplicate = true
    }
    return this.router.receive(message, targets)
  }

  onReturned(items: readonly Returned[]): void {
    const again: Returned[] = []
    for (const item of items) {
      if (item.state === 'in-doubt' || item.flags !== 0) {
        mark('message-returned-in-doubt')
        item.message.isMaybeDuplicate = true
        item.message.isRedelivered = true
      }
      if (item.state === 'too-large' || item.state === 'rejected') this.onNotTaken(item)
      else again.push(item)
    }
    if (this.isMapChanged) this.router.onMapChanged()
    this.router.reroute(again)
    // At once: a message published next must not overtake those that came back.
    if (this.isMapChanged) this.applyChanges()
    else this.router.restoreNow()
  }

  onRoom(peer: string, lane: Lane): void {
    const { router } = this
    router.onRoom(peer, lane)
    const isRoomLeft = !router.isFull(peer, lane)
    this.remoteConsumers.onRoom(peer, lane)
    if (lane === lanes.persistent) router.useRoomLeft(peer)
    // While messages wait for that room, the producers let through would only add to them; but for
    // what has gathered in a long time they do not wait.
    if (isRoomLeft || router.places?.isDraining(peer)) router.release()
  }

  isCongested(): boolean {
    const { places } = this.router
    if (places?.isAnyFull) {
      mark('parked-full-holds-acks')
      return true
    }
    // What has no route does not count: a broker that is gone must not slow down all others.
    const bytes = this.parking.bytesForRoom + (places?.grownBytes ?? 0)
    return bytes > this.parkingLimits.bytesMax * congestedShare
  }

  private newCredit(): CreditExchange {
    const { broker, clock, routes, identity, options } = this
    return new CreditExchange({
      ...{ broker, clock, routes, self: identity.broker, hopsMax: options.hopsMax },
      bridges: () => this.bridges,
      proxies: () => this.remoteConsumers
    })
  }

  private newRemoteConsumers(): RemoteConsumers {
    const { broker, demand, routes, credit } = this
    return new RemoteConsumers({
      ...{ broker, demand, routes },
      send: (message, targets) => this.router.send(message, targets),
      isFull: (nextHop, lane) => this.router.isFull(nextHop, lane),
      onShort: credit.onProxyShort
    })
  }

  private sendOver(
    nextHop: string,
    message: Message,
    targets: readonly string[]
  ): 'accepted' | 'full' | 'no-bridge' {
    const bridge = this.bridges.get(nextHop)
    if (bridge === undefined) return 'no-bridge'
    return bridge.sendMessage(message, targets, message.isMaybeDuplicate ? 1 : 0)
  }

  private digest(): Digest {
    return { records: this.map.digest(), demands: this.demandSync.marks() }
  }

  private onDemandChanged({ broker, kind, pattern, isDurable }: DemandChange): void {
    if (kind === 'queue') this.changedQueues.add(pattern)
    else this.router.places?.onDemandChanged(broker)
    if (isDurable === true) this.keptDemand?.note(broker)
    this.scheduleChanges()
  }

  private onMapChanged(): void {
    this.isMapChanged = true
    this.scheduleChanges()
  }

  private scheduleChanges(): void {
    if (this.isChangeScheduled) return
    this.isChangeScheduled = true
    this.clock.endOfTurn(() => {
      this.isChangeScheduled = false
      this.applyChanges()
    })
  }

  /** Brings proxies, parked messages and held-back producers up to date with map and demand. */
  private applyChanges(): void {
    const { isMapChanged, router } = this
    this.isMapChanged = false
    this.keptDemand?.write()
    if (isMapChanged) router.onMapChanged()
    const { queues: all } = this.broker
    const queues = isMapChanged ? [...all.named()] : this.changedQueues.among(all)
    this.changedQueues.clear()
    this.remoteConsumers.refresh(queues, router.restoreNow)
    if (isMapChanged) {
      this.inquiries.ask()
      this.credit.onMapChanged()
      router.retryParked()
      this.askForMissing()
    }
    router.release()
  }

  /** The next broker does not take it: the bridge stands, and only this message fails. */
  private onNotTaken({ message, peer, rejection }: Returned): void {
    const code = rejection === undefined ? 'too-large' : 'rejected'
    if (message.destination.kind !== 'queue') {
      this.broker.discard(message, code)
      return
    }
    this.broker.notDelivered.add(code)
    const text =
      rejection === undefined
        ? `too large for the bridge to ${peer}`
        : `${peer} refused it (${rejection.code}): ${rejection.text}`
    if (this.broker.letters.bury(message, { code, text })) return
    mark('message-dead-letter-not-taken')
    // A dead letter itself waits here for a consumer of this broker, for good.
    message.redirects = redirectsMax + 1
    this.router.reroute([{ message, targets: [] }])
  }

  private scheduleRepair(): void {
    this.cancelRepair = this.clock.schedule(this.options.repairMs, () => {
      const holdMs = this.parkingLimits.patienceMs
      for (const gone of this.map.forgetUnreachable(this.clock.monotonicMs(), holdMs)) {
        mark('map-broker-forgotten')
        this.demand.drop(gone)
        this.logger.info('broker-forgotten', { broker: gone })
      }
      for (const { broker } of this.demand.digest()) {
        if (this.map.record(broker) !== undefined) continue
        mark('demand-without-broker-dropped')
        this.demand.drop(broker)
      }
      this.sendDigests()
      this.scheduleRepair()
    })
  }

  private sendDigests(): void {
    const digest = this.digest()
    for (const bridge of this.bridges.all()) bridge.sendDigest(digest)
  }

  /**
   * Facts are offered to a new bridge only about brokers in reach, and one that comes in reach a
   * moment later is left behind. Whoever sees such a gap does not wait for the next repair.
   */
  private askForMissing(): void {
    if (this.cancelAsking === undefined) this.lookForGaps(0)
  }

  /** While a large map goes on changing, gaps come and go, and to look for them is dear. */
  private lookForGaps(waitedMs: number): void {
    const { askMs } = this
    const { version } = this.map
    this.cancelAsking = this.clock.schedule(askMs, () => {
      this.cancelAsking = undefined
      if (this.map.version !== version && waitedMs < restlessMsMax) {
        this.lookForGaps(waitedMs + askMs)
        return
      }
      if (!this.isMissingFacts()) {
        this.askMs = askMsMin
        return
      }
      mark('map-missing-facts-asked-for')
      this.sendDigests()
      this.askMs = Math.min(askMs * 2, this.options.repairMs)
      this.lookForGaps(0)
    })
  }

  /** True if a broker in reach has unknown demand, or a bridge to one without a record here. */
  private isMissingFacts(): boolean {
    const { map, demand, identity } = this
    for (const broker of map.reachable()) {
      if (broker !== identity.broker && demand.version(broker) === undefined) return true
      for (const { peer } of map.record(broker)!.bridges) {
        if (map.record(peer) === undefined) return true
      }
    }
    return false
  }

  /**
   * Nothing is kept any more for a broker that never returns: its durable subscriptions are struck
   * out, and what is parked for it is given up. Should it come after all, it is welcome, and says
   * what it wants. Not for one that is in reach.
   */
  forget(broker: string): Forgotten {
    assert(!this.map.isReachable(broker), 'a broker in reach is not given up')
    mark('demand-broker-forgotten')
    const topics = this.demand.durablesOf(broker).size
    this.demand.forget(broker)
    this.keptDemand?.write()
    const messages = this.router.places?.forget(broker) ?? 0
    this.logger.warn('broker-given-up', { broker, topics, messages })
    return { topics, messages }
  }

  /** Periodic work: gives up what waited too long for a route. */
  sweep(): void {
    this.router.sweep()
    this.remoteConsumers.sweep()
    this.credit.sweep()
  }

  private onNameTaken(by: BrokerRecord): void {
    const reason =
      `broker "${by.broker}" exists twice in network "${this.identity.network}"; this one, the ` +
      'earlier, closes its bridges and tries again until the name is free'
    this.logger.error('leaving-network', { reason })
    for (const bridge of this.bridges.all()) bridge.close('name-in-use', reason)
  }
}

// Where messages with targets go next. A message carries the set of brokers it is for; here the set
// is split by next hop on this broker's map, one copy per next hop, so that each target stands in
// exactly one branch and there is no duplicate by construction. The hop limit and the broker path
// are the last guard: what trips them starts a new journey, at once a few times, then parked first,
// and only so often. What finds no way waits: in memory, or where there is a store and it is
// persistent, in a place for each of its targets. Invariant: a message that found no room is not
// overtaken by a later one that waits in the same way.

import { mark } from '../../base/index.ts'
import type { Broker, Destination, Message, MessageFilter } from '../../broker/index.ts'
import { FlowGate, patternMatches } from '../../broker/index.ts'
import type { Clock, Logger } from '../../ports/index.ts'
import type { MessageRefusal } from '../bridge/index.ts'
import { type Lane, laneOf, lanes } from '../bridge-protocol/index.ts'
import { type DemandTable, passesAny } from '../demand/index.ts'
import { DuplicateWindow } from '../duplicate-window.ts'
import type { Routes } from '../map/index.ts'
import type { Parking } from './parking.ts'
import type { ParkedMessage } from './parking-lot.ts'
import type { WayFault } from './parking-place.ts'
import { type NoWay, ParkingPlaces } from './parking-places.ts'
import { redirectsMax } from './remote-consumer.ts'
import { type Branch, splitTargets } from './split-targets.ts'

/** What a topic's destination led to, as of one state of demand and map. */
interface TopicBranches {
  readonly demandGeneration: number
  readonly mapVersion: number
  readonly branches: readonly Branch[]
  /** Some target in reach has as much waiting as it should. */
  readonly isHeldBack: boolean
  /** Targets that want only what one of their filters matches. */
  readonly choosy: ReadonlyMap<string, readonly MessageFilter[]> | undefined
}

/** What the router needs around it. */
export interface MessageRouterDependencies {
  readonly broker: Broker
  readonly clock: Clock
  readonly logger: Logger
  readonly demand: DemandTable
  readonly routes: Routes
  readonly parking: Parking
  readonly hopsMax: number
  /** What may come for one broker, above what leaves, before producers wait: bytes on disk. */
  readonly grownBytesMax: number
  /** How long what is not wanted by durable subscriptions waits for filters to let it through. */
  readonly patienceMs: number
  mapVersion(): number
  /** A queue's message has come that another broker has sent to consumers of this one. */
  onArrival(message: Message): void
  isReachable(broker: string): boolean
  /** Hands a copy to the bridge to `nextHop`; unless 'accepted' it was not taken. */
  sendOver(
    nextHop: string,
    message: Message,
    targets: readonly string[]
  ): 'accepted' | 'full' | 'no-bridge'
}

/** A message a bridge gave back. */
export interface ReturnedMessage {
  readonly message: Message
  readonly targets: readonly string[]
}

/** Messages that go back before others that wait for the same target. */
interface Returning {
  readonly messages: Message[]
  readonly why: NoWay
}

/** Topics whose branches are remembered; beyond this the memory starts anew. */
const topicsRememberedMax = 65_536
/**
 * New journeys a message starts at once when it would go where it has been: two brokers whose maps
 * differ for a moment hand it to each other, and one of them knows better when it comes back. Later
 * ones wait in the parking first.
 */
export const promptJourneysMax = 8

/** Routes messages between brokers. */
export class MessageRouter {
  /** Where producers wait while brokers behind their topic have enough, or a bridge is full. */
  readonly gate = new FlowGate('other brokers')
  /** Copies handed to bridges. */
  forwarded = 0
  /** Duplicates recognised and not delivered again. */
  duplicates = 0
  /** Where persistent messages wait; undefined where nothing survives the process. */
  readonly places: ParkingPlaces | undefined
  private readonly deps: MessageRouterDependencies
  private readonly self: string
  private readonly topics = new Map<Destination, TopicBranches>()
  private readonly window = new DuplicateWindow()
  /** By lane: neighbours whose bridge was found full and has not told of room since. */
  private readonly fullHops = [new Set<string>(), new Set<string>()] as const
  private toRestore: Message[] = []
  /** Whether what waits in places is the first to use the next room; it takes turns with queues. */
  private arePlacesFirst = false
  /** True until every broker has had its time to say what it wants. */
  private mayDemandBeMissing = true

  constructor(deps: MessageRouterDependencies) {
    this.deps = deps
    this.self = deps.broker.identity.name
    this.places = deps.broker.store.isWanted ? this.newPlaces(deps) : undefined
  }

  /** Sends a message published here to every other broker whose subscribers want its topic. */
  forwardTopic(message: Message): FlowGate | undefined {
    const { branches, isHeldBack, choosy } = this.branchesOf(message.destination)
    let gate = isHeldBack ? this.gate : undefined
    for (const { nextHop, targets } of branches) {
      const wanting =
        choosy === undefined
          ? targets
          : targets.filter((target) => passesAny(choosy.get(target), message))
      if (wanting.length > 0) gate = this.sendOrKeep(message, nextHop, wanting) ?? gate
    }
    if (gate !== undefined) mark('route-producer-held-back')
    return gate
  }

  /** Sends a producer's message to one broker; answers the gate to wait at, if any. */
  sendFromProducer(message: Message, target: string): FlowGate | undefined {
    const nextHop = this.deps.routes.for(message.destination).nextHop(target)
    return this.sendOrKeep(message, nextHop, [target])
  }

  /**
   * Sends a queue's message to the one broker a proxy stands for. 'full': it was not sent, and
   * stays in its queue; the proxy must wait for room or another route.
   */
  send(message: Message, targets: readonly string[]): 'accepted' | 'full' {
    const nextHop = this.deps.routes.for(message.destination).nextHop(targets[0]!)
    if (nextHop === undefined || this.fullHops[laneOf(message)].has(nextHop)) {
      mark('route-queue-message-stays')
      return 'full'
    }
    if (this.isBeenThrough(message, nextHop)) this.startJourney(message)
    const { chosenAt } = message
    if (chosenAt < 0) message.chosenAt = message.brokerPath.length
    if (this.sendBranch(nextHop, message, targets) !== undefined) {
      if (chosenAt < 0) message.chosenAt = chosenAt
      return 'full'
    }
    // Should it ever come back, it is no duplicate of itself.
    if (message.hasTravelled) this.window.forget(message.origin, message.sequence)
    return 'accepted'
  }

  /** True while nothing more goes to that neighbour, of one lane or of any. */
  isFull(nextHop: string, lane?: Lane): boolean {
    if (lane !== undefined) return this.fullHops[lane].has(nextHop)
    return this.fullHops.every((hops) => hops.has(nextHop))
  }

  /**
   * Takes a message from a bridge: delivers it here if it is for us, and sends it on to others.
   * @returns why it is not taken: its sender keeps it
   */
  receive(message: Message, targets: readonly string[]): MessageRefusal | undefined {
    if (!targets.includes(this.self)) {
      if (this.isBehindOthers(message)) this.deps.broker.acceptForwarded(message)
      else this.sendOn(message, targets)
      return undefined
    }
    if (targets.length === 1 && !this.deps.broker.hasPlaceFor(message)) {
      mark('route-message-refused')
      return { code: 'no-room', text: `${this.self} has as many queues as its destinationsMax` }
    }
    this.deliver(message)
    if (targets.length === 1) return undefined
    this.sendOn(
      message,
      targets.filter((target) => target !== this.self)
    )
    return undefined
  }

  /**
   * Takes messages back that a bridge could not hand over, oldest first, and finds them another
   * way: a queue's messages through the queue here, with the next `restoreNow`; others to those of
   * their targets that still want them.
   */
  reroute(items: readonly ReturnedMessage[]): void {
    const returning = new Map<string, Returning>()
    for (const { message, targets } of items) {
      if (message.destination.kind === 'queue') {
        mark('route-queue-message-came-back')
        this.toRestore.push(message)
        continue
      }
      const wanted = this.stillWanted(message, targets)
      if (wanted.length === 0) continue
      mark('route-split-again')
      if (this.waitsInPlaces(message)) this.sendBack(message, wanted, returning)
      else this.sendOn(message, wanted)
    }
    for (const [target, { messages, why }] of returning) {
      this.places!.restore(messages, target, why)
    }
  }

  /** Puts a queue's messages that came back into their queues, before anything newer leaves. */
  readonly restoreNow = (): void => {
    if (this.toRestore.length === 0) return
    const byQueue = new Map<Destination, Message[]>()
    for (const message of this.toRestore) {
      const messages = byQueue.get(message.destination)
      if (messages === undefined) byQueue.set(message.destination, [message])
      else messages.push(message)
    }
    this.toRestore = []
    for (const [queue, messages] of byQueue) this.deps.broker.takeBack(queue, messages)
  }

  /** From now on a broker that has not said what it wants, wants nothing. */
  trustDemand(): void {
    this.mayDemandBeMissing = false
    this.places?.onDemandTrusted()
  }

  /** The map changed: what was full may be gone. `retryParked` follows. */
  onMapChanged(): void {
    for (const hops of this.fullHops) hops.clear()
  }

  /** A lane of the bridge to `nextHop` has room again: what waited for it goes first. */
  onRoom(nextHop: string, lane: Lane): void {
    this.fullHops[lane].delete(nextHop)
    if (lane === lanes.persistent) {
      this.arePlacesFirst = !this.arePlacesFirst
      if (this.arePlacesFirst) this.places?.onRoom(nextHop)
    }
    this.retry(this.deps.parking.takeForRoom(nextHop))
  }

  /** Queues have taken what they wanted of the room on the bridge to `nextHop`. */
  useRoomLeft(nextHop: string): void {
    this.places?.onRoom(nextHop)
  }

  /** The map changed: everything that waits is tried again. */
  retryParked(): void {
    const { parking } = this.deps
    this.places?.onMapChanged()
    if (parking.length === 0) return
    this.retryRouteless()
    for (const nextHop of parking.hopsWaitedFor()) this.retry(parking.takeForRoom(nextHop))
  }

  /** Periodic work: gives up what waited too long, and tries again what has no route. */
  sweep(): void {
    this.deps.parking.sweep()
    this.places?.sweep()
    // A guard may have stopped a message after the last change of the map.
    this.retryRouteless()
  }

  /** Producers held back by the network may go on and look again. */
  release(): void {
    this.gate.open()
  }

  private retryRouteless(): void {
    this.retry(this.deps.parking.takeForRoute())
  }

  private retry(waiting: readonly ParkedMessage[]): void {
    for (const parked of waiting) {
      const { message, reason, untilMs } = parked
      if (this.deps.parking.giveUpIfExpired(parked)) continue
      const wanted = this.stillWanted(message, parked.targets)
      if (wanted.length === 0) continue
      const isStopped = reason === 'path-loop' || reason === 'hop-limit'
      mark('route-parked-tried-again')
      if (isStopped && !this.startJourney(message)) {
        mark('route-redirects-over')
        for (const _ of wanted) this.deps.broker.discard(message, 'redirect-limit')
      } else this.sendOn(message, wanted, untilMs)
    }
  }

  /**
   * The targets that still want a topic's message; replies keep theirs. For a while after the start
   * of this broker a target that nothing is known of has not said that it does not, and messages of
   * the life before must not be given up for it.
   */
  private stillWanted(message: Message, targets: readonly string[]): readonly string[] {
    if (message.destination.kind !== 'topic') return targets
    const wanted = targets.filter((target) => this.isWanted(message, target))
    const gone = targets.length - wanted.length
    if (gone > 0) mark('route-demand-gone')
    for (let i = 0; i < gone; i += 1) this.deps.broker.discard(message, 'no-demand')
    return wanted
  }

  private isWanted({ destination }: Message, target: string): boolean {
    const { demand } = this.deps
    if (destination.kind !== 'topic') return true
    if (demand.brokersForTopic(destination.name).has(target)) return true
    return this.mayDemandBeMissing && demand.version(target) === undefined
  }

  private deliver(message: Message): void {
    const { origin, sequence } = message
    if (message.destination.kind === 'queue') {
      this.deps.onArrival(message)
      message.chosenAt = -1
    }
    if (this.window.seen(origin, sequence) === true) {
      // A topic's message comes here once: the later copy, flagged or not, is one too many.
      // A queue's message may come again by right; only one that says so may be dropped.
      if (message.isMaybeDuplicate || message.destination.kind === 'topic') {
        mark('duplicate-dropped-by-window')
        this.duplicates += 1
        return
      }
      mark('duplicate-queue-message-by-right')
      message.isRedelivered = true
    }
    this.window.record(origin, sequence)
    this.deps.broker.acceptForwarded(message)
  }

  /**
   * Sends a message on that is no proxy's; what finds no way is kept.
   * @param untilMs when it is given up, for one that has been parked before
   */
  private sendOn(message: Message, targets: readonly string[], untilMs?: number): void {
    const table = this.deps.routes.for(message.destination)
    if (targets.length === 1) {
      this.sendOrKeep(message, table.nextHop(targets[0]!), targets, untilMs)
      return
    }
    for (const branch of splitTargets(targets, (target) => table.nextHop(target))) {
      this.sendOrKeep(message, branch.nextHop, branch.targets, untilMs)
    }
  }

  /** Sends a message, or keeps it; answers the gate its producer should wait at, if any. */
  private sendOrKeep(
    message: Message,
    nextHop: string | undefined,
    targets: readonly string[],
    untilMs?: number
  ): FlowGate | undefined {
    if (this.waitsInPlaces(message)) return this.sendOrPark(message, nextHop, targets)
    const reason = nextHop === undefined ? 'no-route' : this.sendBranch(nextHop, message, targets)
    if (reason === undefined) return undefined
    const giveUpMs = untilMs ?? this.deps.parking.untilMs()
    this.keep({ message, targets, reason, untilMs: giveUpMs }, nextHop)
    // A broker that is gone holds nobody back: its bridge may never have room again.
    return nextHop === undefined ? undefined : this.gate
  }

  private waitsInPlaces({ destination, isPersistent }: Message): boolean {
    return isPersistent && this.places !== undefined && destination.kind !== 'queue'
  }

  /** As `sendOrKeep`, for what waits in places: for each target behind what waits there. */
  private sendOrPark(
    message: Message,
    nextHop: string | undefined,
    targets: readonly string[]
  ): FlowGate | undefined {
    const places = this.places!
    const isBehind = places.isAnyBusy && targets.some((target) => places.isBusy(target))
    let reason: WayFault | undefined
    if (nextHop === undefined) reason = 'no-route'
    else if (isBehind) reason = this.isFull(nextHop, lanes.persistent) ? 'bridge-full' : 'no-route'
    else reason = this.sendBranch(nextHop, message, targets)
    if (reason === undefined) return undefined
    let gate: FlowGate | undefined
    // All targets of a branch wait together, and one copy goes to them all.
    for (const target of targets) gate = this.park(message, target, { reason, nextHop }) ?? gate
    return gate
  }

  private park(message: Message, target: string, why: NoWay): FlowGate | undefined {
    mark('parked-in-place')
    const gate = this.places!.park(message.copy(), target, why)
    return gate === 'wait' ? this.gate : gate
  }

  /** Sends a message that came back: to each target, or before what waits for that. */
  private sendBack(
    message: Message,
    targets: readonly string[],
    returning: Map<string, Returning>
  ): void {
    const table = this.deps.routes.for(message.destination)
    for (const { nextHop, targets: behind } of splitTargets(targets, (to) => table.nextHop(to))) {
      const free = behind.filter((target) => !returning.has(target))
      let reason: WayFault | undefined
      if (nextHop === undefined) reason = 'no-route'
      else if (free.length > 0) reason = this.sendBranch(nextHop, message, free)
      for (const target of behind) {
        let waiting = returning.get(target)
        if (waiting === undefined) {
          if (reason === undefined) continue
          waiting = { messages: [], why: { reason, nextHop } }
          returning.set(target, waiting)
        }
        waiting.messages.push(message.copy())
      }
    }
  }

  private newPlaces(deps: MessageRouterDependencies): ParkingPlaces {
    const { broker, clock, logger, demand, routes, grownBytesMax, patienceMs } = deps
    return new ParkingPlaces({
      ...{ broker, clock, logger, grownBytesMax, patienceMs },
      isReachable: (target) => deps.isReachable(target),
      nextHop: ({ destination }, target) => routes.for(destination).nextHop(target),
      isWanted: (message, target) => this.isWanted(message, target),
      isWantedForLong: ({ destination: { kind, name } }, target) => {
        if (kind !== 'topic') return false
        for (const pattern of demand.durablesOf(target)) {
          if (patternMatches(pattern, name)) return true
        }
        return false
      },
      wantsNothingForLong: (target) => demand.durablesOf(target).size === 0,
      isFull: (nextHop) => this.isFull(nextHop, lanes.persistent),
      forward: (message, { nextHop, targets }, isEager) => {
        if (isEager && this.isBeenThrough(message, nextHop)) this.startJourneyAgain(message)
        return this.sendBranch(nextHop, message, targets)
      },
      onEased: () => this.release()
    })
  }

  /** Hands a copy to a bridge; answers why not, if it was not taken. */
  private sendBranch(
    nextHop: string,
    message: Message,
    targets: readonly string[]
  ): WayFault | undefined {
    if (message.brokerPath.length > 0 && this.isBeenThrough(message, nextHop)) {
      const isLoop = message.brokerPath.includes(nextHop)
      if (message.redirects >= promptJourneysMax || !this.startJourney(message)) {
        mark(isLoop ? 'route-path-loop' : 'route-hop-limit')
        return isLoop ? 'path-loop' : 'hop-limit'
      }
    }
    const fullHops = this.fullHops[laneOf(message)]
    if (fullHops.has(nextHop)) return 'bridge-full'
    const outcome = this.deps.sendOver(nextHop, message, targets)
    if (outcome === 'no-bridge') {
      mark('route-bridge-gone')
      return 'no-route'
    }
    if (outcome === 'full') {
      mark('route-bridge-full')
      fullHops.add(nextHop)
      return 'bridge-full'
    }
    this.forwarded += 1
    return undefined
  }

  /** No way on just now: a queue's message goes to the queue here, others wait in the parking. */
  private keep(parked: ParkedMessage, nextHop: string | undefined): void {
    const { broker, parking } = this.deps
    const { message, reason } = parked
    if (message.destination.kind === 'queue') {
      if (reason === 'path-loop' || reason === 'hop-limit') broker.notDelivered.add(reason)
      mark('route-queue-message-kept-here')
      broker.acceptForwarded(message)
    } else if (reason === 'bridge-full') parking.parkForRoom(parked, nextHop!)
    else parking.parkForRoute(parked)
  }

  /**
   * True while earlier messages of that queue wait here on their way, as those do that found no
   * room: they may be held back for longer than the bridge is full, and would be overtaken.
   */
  private isBehindOthers({ destination }: Message): boolean {
    if (destination.kind !== 'queue') return false
    const queue = this.deps.broker.queues.find(destination.name)
    return queue !== undefined && queue.waiting > 0 && queue.consumers.local.length === 0
  }

  /** True if the message has crossed `nextHop` or as many brokers as it may. */
  private isBeenThrough({ brokerPath }: Message, nextHop: string): boolean {
    return brokerPath.length >= this.deps.hopsMax || brokerPath.includes(nextHop)
  }

  /** Lets a message go where it has been before, as it must when the network changes under it. */
  private startJourney(message: Message): boolean {
    if (message.redirects >= redirectsMax) return false
    mark('route-new-journey')
    message.brokerPath = []
    if (message.chosenAt > 0) message.chosenAt = 0
    message.redirects += 1
    return true
  }

  /** As above, for one that has waited for it: it is never given up, but waits between journeys. */
  private startJourneyAgain(message: Message): void {
    if (message.redirects >= redirectsMax) {
      mark('parked-message-is-tired')
      message.redirects = redirectsMax - 1
    }
    this.startJourney(message)
  }

  private branchesOf(topic: Destination): TopicBranches {
    const { demand } = this.deps
    const mapVersion = this.deps.mapVersion()
    const demandGeneration = demand.topicGeneration
    const known = this.topics.get(topic)
    if (known?.demandGeneration === demandGeneration && known.mapVersion === mapVersion) {
      return known
    }
    const table = this.deps.routes.for(topic)
    const wanting = [...demand.brokersForTopic(topic.name)]
    const branches = splitTargets(wanting, (target) => table.nextHop(target))
    const full = demand.brokersFullOfTopic(topic.name)
    // One that is out of reach gets nothing anyway, and cannot say when it has room.
    const isHeldBack = branches.some(
      ({ nextHop, targets }) => nextHop !== undefined && targets.some((target) => full.has(target))
    )
    const choosy = demand.choosyForTopic(topic.name)
    const fresh = { branches, demandGeneration, mapVersion, isHeldBack, choosy }
    if (this.topics.size >= topicsRememberedMax) this.topics.clear()
    this.topics.set(topic, fresh)
    return fresh
  }
}

// Where messages with targets go next. A message carries the set of brokers it is for; here the set
// is split by next hop on this broker's map, one copy per next hop, so that each target stands in
// exactly one branch and there is no duplicate by construction. The hop limit and the broker path
// are the last guard; what trips them is parked with its reason and starts a new journey when the
// map has changed.

import type { Broker, Destination, Message, NonDeliveryReason } from '../../broker/index.ts'
import { FlowGate } from '../../broker/index.ts'
import type { DemandTable } from '../demand/index.ts'
import { DuplicateWindow } from '../duplicate-window.ts'
import type { Routes } from '../map/index.ts'
import type { ParkedMessage, Parking } from './parking.ts'

/** Part of a target set that leaves by the same bridge. */
interface Branch {
  readonly nextHop: string
  readonly targets: readonly string[]
}

/** What a topic's destination led to, as of one state of demand and map. */
interface TopicBranches {
  readonly demandGeneration: number
  readonly mapVersion: number
  readonly branches: readonly Branch[]
  /** Targets with demand and no path just now. */
  readonly unreachable: readonly string[]
  /** Some target has as much waiting as it should. */
  readonly isHeldBack: boolean
}

/** What the router needs around it. */
export interface MessageRouterDependencies {
  readonly broker: Broker
  readonly demand: DemandTable
  readonly routes: Routes
  readonly parking: Parking
  readonly hopsMax: number
  mapVersion(): number
  /** Hands a copy to the bridge to `nextHop`; unless 'accepted' it was not taken. */
  sendOver(
    nextHop: string,
    message: Message,
    targets: readonly string[]
  ): 'accepted' | 'full' | 'no-bridge'
  /** Runs a task when this turn's input is handled. */
  endOfTurn(task: () => void): void
}

/** A message a bridge gave back. */
export interface ReturnedMessage {
  readonly message: Message
  readonly targets: readonly string[]
}

/** Topics whose branches are remembered; beyond this the memory starts anew. */
const topicsRememberedMax = 65_536

/** Routes messages between brokers. */
export class MessageRouter {
  /** Where producers wait while brokers behind their topic have enough, or a bridge is full. */
  readonly gate = new FlowGate('other brokers')
  /** Copies handed to bridges, and messages taken from them for this broker. */
  forwarded = 0
  private readonly deps: MessageRouterDependencies
  private readonly self: string
  private readonly topics = new Map<Destination, TopicBranches>()
  private readonly window = new DuplicateWindow()
  private toRestore: Message[] = []
  /** Neighbours whose bridges were full; messages for them wait until there is room again. */
  private readonly fullHops = new Set<string>()
  /** Duplicates recognised and not delivered again. */
  duplicates = 0

  constructor(deps: MessageRouterDependencies) {
    this.deps = deps
    this.self = deps.broker.identity.name
  }

  /** Sends a message published here to every other broker whose subscribers want its topic. */
  forwardTopic(message: Message): FlowGate | undefined {
    const { branches, unreachable, isHeldBack } = this.branchesOf(message.destination)
    let isFull = isHeldBack
    for (const { nextHop, targets } of branches) {
      if (this.sendBranch(nextHop, message, targets) === 'full') isFull = true
    }
    if (unreachable.length > 0) this.deps.parking.park(message, unreachable, 'no-route')
    return isFull ? this.gate : undefined
  }

  /** Sends a message to the brokers it is for. 'full': it went back to where it can wait. */
  send(message: Message, targets: readonly string[]): 'accepted' | 'full' {
    const table = this.deps.routes.for(message.destination)
    if (targets.length === 1) {
      const nextHop = table.nextHop(targets[0]!)
      if (nextHop !== undefined) return this.sendBranch(nextHop, message, targets)
      this.keep(message, targets, 'no-route')
      return 'full'
    }
    const { branches, unreachable } = splitByNextHop(targets, (target) => table.nextHop(target))
    let outcome: 'accepted' | 'full' = 'accepted'
    for (const branch of branches) {
      if (this.sendBranch(branch.nextHop, message, branch.targets) === 'full') outcome = 'full'
    }
    if (unreachable.length > 0) this.keep(message, unreachable, 'no-route')
    return outcome
  }

  /** Sends a message to one broker, for the producer of it; answers the gate to wait at, if any. */
  sendFromProducer(message: Message, target: string): FlowGate | undefined {
    return this.send(message, [target]) === 'full' ? this.gate : undefined
  }

  /**
   * Takes a message from a bridge: delivers it here if it is for us, and sends it on to the rest.
   */
  receive(message: Message, targets: readonly string[]): void {
    const fault = this.findGuardFault(message)
    if (targets.length === 1 && targets[0] === this.self) {
      this.deliver(message)
      return
    }
    let others = targets
    if (targets.includes(this.self)) {
      others = targets.filter((target) => target !== this.self)
      this.deliver(message)
    }
    if (message.destination.kind === 'queue') this.carry(message, others, fault)
    else if (fault === undefined) this.send(message, others)
    else this.keep(message, others, fault)
  }

  /**
   * Sends a queue's message on that is for another broker. What cannot go on now waits in the queue
   * here, behind those that came before it.
   */
  private carry(
    message: Message,
    targets: readonly string[],
    fault: NonDeliveryReason | undefined
  ): void {
    const { broker, routes } = this.deps
    const nextHop = routes.for(message.destination).nextHop(targets[0]!)
    const obstacle =
      fault ?? (nextHop === undefined ? 'no-route' : this.trySend(nextHop, message, targets))
    if (obstacle === undefined) return
    if (obstacle === 'path-loop' || obstacle === 'hop-limit') broker.notDelivered.add(obstacle)
    broker.queues.get(message.destination).enqueue(message, true)
  }

  /**
   * Takes messages back that a bridge could not hand over, oldest first, and finds them another
   * way: a queue's messages through the queue here, others to those of their targets that still
   * want them.
   */
  reroute(items: readonly ReturnedMessage[]): void {
    for (const { message, targets } of items) {
      if (message.destination.kind === 'queue') {
        this.restoreLater(message)
        continue
      }
      const wanted = this.stillWanted(message, targets)
      if (wanted.length > 0) this.send(message, wanted)
    }
  }

  /** The map or the demand changed: what waits for a way is tried again. */
  retryParked(): void {
    this.fullHops.clear()
    if (this.deps.parking.length === 0) return
    for (const parked of this.deps.parking.takeAll()) this.retry(parked)
  }

  /** Producers held back by the network may go on and look again. */
  release(): void {
    this.gate.open()
  }

  private retry(parked: ParkedMessage): void {
    const { message } = parked
    const wanted = this.stillWanted(message, parked.targets)
    if (wanted.length === 0) return
    const table = this.deps.routes.for(message.destination)
    if (!wanted.some((target) => table.nextHop(target) !== undefined)) {
      this.deps.parking.putBack({ ...parked, targets: wanted })
      return
    }
    if (parked.reason !== 'bridge-full') {
      message.brokerPath = []
      message.redirects += 1
    }
    this.send(message, wanted)
  }

  /** The targets that still want a topic's message; queue messages and replies keep theirs. */
  private stillWanted(message: Message, targets: readonly string[]): readonly string[] {
    if (message.destination.kind !== 'topic') return targets
    const wanting = this.deps.demand.brokersForTopic(message.destination.name)
    const wanted = targets.filter((target) => wanting.has(target))
    const gone = targets.length - wanted.length
    for (let i = 0; i < gone; i += 1) this.deps.broker.discard(message, 'no-demand')
    return wanted
  }

  private deliver(message: Message): void {
    const { origin, sequence } = message
    if (message.isMaybeDuplicate && this.window.seen(origin, sequence) === true) {
      this.duplicates += 1
      return
    }
    this.window.record(origin, sequence)
    this.deps.broker.acceptForwarded(message)
  }

  private sendBranch(
    nextHop: string,
    message: Message,
    targets: readonly string[]
  ): 'accepted' | 'full' {
    const obstacle = this.trySend(nextHop, message, targets)
    if (obstacle === undefined) return 'accepted'
    this.keep(message, targets, obstacle)
    return obstacle === 'path-loop' ? 'accepted' : 'full'
  }

  /** Hands a message to the bridge to `nextHop`, or says what is in its way. */
  private trySend(
    nextHop: string,
    message: Message,
    targets: readonly string[]
  ): NonDeliveryReason | undefined {
    if (message.brokerPath.length > 0 && message.brokerPath.includes(nextHop)) return 'path-loop'
    // Whatever came before and waits for room on that bridge must not be overtaken.
    if (this.fullHops.has(nextHop)) return 'bridge-full'
    const outcome = this.deps.sendOver(nextHop, message, targets)
    if (outcome === 'no-bridge') return 'no-route'
    if (outcome === 'full') {
      this.fullHops.add(nextHop)
      return 'bridge-full'
    }
    this.forwarded += 1
    return undefined
  }

  /** No way on just now: a queue's message goes to the queue here, others wait in the parking. */
  private keep(message: Message, targets: readonly string[], reason: NonDeliveryReason): void {
    const { broker, parking } = this.deps
    if (message.destination.kind !== 'queue') {
      parking.park(message, targets, reason)
      return
    }
    if (reason === 'path-loop' || reason === 'hop-limit') broker.notDelivered.add(reason)
    this.restoreLater(message)
  }

  /** At the end of the turn: the queue may be in the middle of dispatching this very message. */
  private restoreLater(message: Message): void {
    if (this.toRestore.length === 0) this.deps.endOfTurn(this.restoreAll)
    this.toRestore.push(message)
  }

  private readonly restoreAll = (): void => {
    const byQueue = new Map<Destination, Message[]>()
    for (const message of this.toRestore) {
      const messages = byQueue.get(message.destination)
      if (messages === undefined) byQueue.set(message.destination, [message])
      else messages.push(message)
    }
    this.toRestore = []
    const { queues } = this.deps.broker
    for (const [destination, messages] of byQueue) queues.get(destination).restore(messages)
  }

  private findGuardFault(message: Message): NonDeliveryReason | undefined {
    const { brokerPath } = message
    if (brokerPath.length >= this.deps.hopsMax) return 'hop-limit'
    if (brokerPath.length > 1 && brokerPath.includes(this.self)) return 'path-loop'
    return undefined
  }

  private branchesOf(topic: Destination): TopicBranches {
    const { demand } = this.deps
    const mapVersion = this.deps.mapVersion()
    const known = this.topics.get(topic)
    if (known?.demandGeneration === demand.generation && known.mapVersion === mapVersion) {
      return known
    }
    const wanting = [...demand.brokersForTopic(topic.name)]
    const table = this.deps.routes.for(topic)
    const split = splitByNextHop(wanting, (target) => table.nextHop(target))
    const fresh = {
      ...split,
      demandGeneration: demand.generation,
      mapVersion,
      isHeldBack: wanting.some((target) => demand.isTopicFull(target, topic.name))
    }
    if (this.topics.size >= topicsRememberedMax) this.topics.clear()
    this.topics.set(topic, fresh)
    return fresh
  }
}

function splitByNextHop(
  targets: readonly string[],
  nextHopOf: (target: string) => string | undefined
): { readonly branches: readonly Branch[]; readonly unreachable: readonly string[] } {
  const byNextHop = new Map<string, string[]>()
  const unreachable: string[] = []
  for (const target of targets) {
    const nextHop = nextHopOf(target)
    if (nextHop === undefined) {
      unreachable.push(target)
      continue
    }
    const together = byNextHop.get(nextHop)
    if (together === undefined) byNextHop.set(nextHop, [target])
    else together.push(target)
  }
  const branches = [...byNextHop].map(([nextHop, together]) => ({ nextHop, targets: together }))
  return { branches, unreachable }
}

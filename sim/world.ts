// A simulated world: brokers by name, the links between them, clients, and the faults that happen
// to them. Time passes only in `runFor`, `settle` and `finish`; between events nothing moves.
// Whatever happens is told to the ledger and to every judge; the first complaint ends the run.

import type { Cancel } from '../src/ports/index.ts'
import type { Station } from '../src/station/index.ts'
import { allCheckers } from './checkers/index.ts'
import { findStuck } from './checkers/no-stuck.ts'
import { components, findStopping, findUnsettled } from './convergence.ts'
import { SimNetwork, type SimPathQuality } from './fakes/index.ts'
import type { ConsumerPlan, Leaving, ProducerPlan, ScenarioPlan, SimEvent } from './plan/index.ts'
import type { Prng } from './prng.ts'
import { SimScheduler } from './scheduler.ts'
import { SimBroker, type SimBrokerSettings, stompPort } from './sim-broker.ts'
import { SimFailure } from './sim-failure.ts'
import type { SimLink, SimTopology } from './topologies.ts'
import { watchStation } from './watch-station.ts'
import type { Checker, Pending, Watcher } from './watcher.ts'
import { SimConsumer } from './workload/consumer.ts'
import { Ledger, type LedgerSession, type MessageRecord } from './workload/ledger.ts'
import { SimProducer } from './workload/producer.ts'
import type { Receipt, WorkloadPort } from './workload/workload-port.ts'

/** What a world is made of. */
export interface SimWorldOptions {
  readonly seed: string | number
  readonly plan: ScenarioPlan
  /** Who watches besides the judges. */
  readonly watch?: (world: SimWorld) => readonly Watcher[]
  /** Spoils a station before it starts, to see that a judge notices. */
  readonly sabotage?: (station: Station, name: string, world: SimWorld) => void
}

/** Checkers look at the world after each slice of time, in milliseconds. */
const sliceMs = 50
/** Longest time for brokers to agree after a fault. */
const settleMsMax = 60_000
/** Longest time for everything to be delivered once nothing fails any more. */
const drainMsMax = 120_000
/** What a stable message may take to arrive. */
const graceMs = 3_000
/** How long everything is watched doing nothing. */
const restMs = 12_000

/** See the top of this file. */
export class SimWorld implements WorkloadPort {
  readonly scheduler: SimScheduler
  readonly network: SimNetwork
  readonly topology: SimTopology
  readonly settings: SimBrokerSettings
  readonly ledger = new Ledger()
  readonly brokers = new Map<string, SimBroker>()
  readonly producers = new Map<string, SimProducer>()
  readonly consumers = new Map<string, SimConsumer>()
  readonly plan: ScenarioPlan
  readonly checkers: readonly Checker[]
  /** The judges, and whoever else watches. */
  readonly watchers: readonly Watcher[]
  private readonly options: SimWorldOptions
  private readonly cutLinks = new Set<SimLink>()
  private readonly complaints: string[] = []
  private isStableNow = false
  private phases = 0
  private components: readonly string[][] | undefined = undefined
  private wasDisturbed = false

  constructor(options: SimWorldOptions) {
    const { seed, plan, watch } = options
    const { topology, settings, isResplitting, isFifo = false } = plan
    this.options = options
    this.plan = plan
    this.topology = topology
    this.settings = settings
    this.scheduler = new SimScheduler({ seed, isFifo })
    this.network = new SimNetwork(this.scheduler, { isResplitting })
    this.checkers = allCheckers(this, (checker, text) => this.complain(checker, text))
    this.watchers = [...this.checkers, ...(watch?.(this) ?? [])]
    const ground = { scheduler: this.scheduler, network: this.network, topology, settings }
    for (const name of topology.brokers) {
      this.network.host(name)
      this.brokers.set(name, new SimBroker(name, ground))
    }
    for (const [at, { a, b }] of topology.links.entries()) {
      const quality = plan.qualities[at]
      if (quality !== undefined) this.network.setQuality(a, b, quality)
    }
  }

  /** True in a stable phase: no fault now, and none that is not overcome. */
  get isStable(): boolean {
    return this.isStableNow
  }

  /** Number of the stable phase, from 1; 0 between stable phases. */
  get phase(): number {
    return this.isStableNow ? this.phases : 0
  }

  /** True if nothing has failed since that message was taken. */
  hadNoFault(record: MessageRecord): boolean {
    return record.isStable && record.phase === this.phase
  }

  /** Brokers that are up and joined by whole links to a broker, itself included. */
  reachableFrom(name: string): readonly string[] {
    this.components ??= components(this)
    return this.components.find((group) => group.includes(name)) ?? []
  }

  /** True as long as nothing has failed since the world first settled. */
  get isCalm(): boolean {
    return !this.wasDisturbed
  }

  get nowMs(): number {
    return this.scheduler.nowMs
  }

  broker(name: string): SimBroker {
    const broker = this.brokers.get(name)
    if (broker === undefined) throw new Error(`no broker is called "${name}" in this world`)
    return broker
  }

  /** Brokers that are up. */
  upBrokers(): SimBroker[] {
    return [...this.brokers.values()].filter((broker) => broker.isUp)
  }

  /** True if the link is cut on purpose. */
  isCut(link: SimLink): boolean {
    return this.cutLinks.has(link)
  }

  // What happens to brokers and links. Everything here ends a stable phase.

  startAll(): void {
    for (const name of this.topology.brokers) this.start(name)
  }

  start(name: string): void {
    this.disturb()
    this.broker(name).start((station) => {
      watchStation(this, name, station)
      this.options.sabotage?.(station, name, this)
    })
  }

  /** Kills a broker's process. */
  crash(name: string): void {
    this.loseMemory(name)
    this.broker(name).crash()
  }

  /** Stops a broker in an orderly way; it is down once it has said goodbye to everybody. */
  stop(name: string): void {
    this.disturb()
    this.broker(name).stop(() => this.crash(name))
  }

  /** Switches a broker's machine off: silence, until it starts again. */
  losePower(name: string): void {
    this.loseMemory(name)
    this.broker(name).losePower()
    // Their heart-beats would tell clients; here they are told at once.
    for (const producer of this.producers.values()) producer.onSilence(name)
    for (const consumer of this.consumers.values()) consumer.onSilence(name)
  }

  /** Cuts the link between two brokers: silence both ways, nobody is told. */
  cut(a: string, b: string): void {
    this.disturb()
    this.cutLinks.add(this.link(a, b))
    this.network.cut(a, b)
  }

  /** Cuts the way from `a` to `b` only: `b` hears nothing of `a`, which hears all of `b`. */
  cutOneWay(a: string, b: string): void {
    this.disturb()
    this.cutLinks.add(this.link(a, b))
    this.network.cut(a, b, 'one-way')
  }

  heal(a: string, b: string): void {
    this.disturb()
    this.cutLinks.delete(this.link(a, b))
    this.network.heal(a, b)
  }

  /** Cuts every link of a broker. */
  isolate(name: string): void {
    for (const { a, b } of this.linksOf(name)) this.cut(a, b)
  }

  /** Heals every link of a broker. */
  rejoin(name: string): void {
    for (const { a, b } of this.linksOf(name)) this.heal(a, b)
  }

  healAll(): void {
    for (const { a, b } of [...this.cutLinks]) this.heal(a, b)
  }

  /** Resets the connections between two brokers; both may dial again at once. */
  reset(a: string, b: string): void {
    this.disturb()
    this.network.reset(a, b)
  }

  /** Breaks the connections between two brokers at `a` only. */
  halfOpen(a: string, b: string): void {
    this.disturb()
    this.network.halfOpen(a, b)
  }

  /** Changes how good a link is, both ways. */
  setQuality(a: string, b: string, quality: Partial<SimPathQuality>): void {
    this.disturb()
    this.network.setQuality(a, b, quality)
  }

  /** Cuts every link between brokers of different groups and heals the others. */
  partition(groups: readonly (readonly string[])[]): void {
    const groupOf = (name: string): number => groups.findIndex((group) => group.includes(name))
    for (const { a, b } of this.topology.links) {
      if (groupOf(a) === groupOf(b)) this.heal(a, b)
      else this.cut(a, b)
    }
  }

  /** Tells all who watch that an event of the timeline is about to happen. */
  happen(event: SimEvent): void {
    for (const watcher of this.watchers) watcher.onEvent?.(event)
  }

  // Clients.

  addProducer(plan: ProducerPlan): SimProducer {
    this.ledger.addProducer(plan)
    const producer = new SimProducer(this, plan)
    this.producers.set(plan.name, producer)
    return producer
  }

  addConsumer(plan: ConsumerPlan): SimConsumer {
    this.disturb()
    const consumer = new SimConsumer(this, plan)
    this.consumers.set(plan.name, consumer)
    return consumer
  }

  /** Sends a client to another broker. */
  move(client: string, broker: string, leaving: Leaving): void {
    this.disturb()
    const moved = this.consumers.get(client) ?? this.producers.get(client)
    moved?.moveTo(broker, leaving)
  }

  /** Resets a client's connection; it comes back by itself. */
  dropClient(client: string): void {
    this.disturb()
    const dropped = this.consumers.get(client) ?? this.producers.get(client)
    dropped?.drop()
  }

  /** Ends a consumer for good. */
  stopConsumer(name: string, leaving: Leaving): void {
    this.disturb()
    this.consumers.get(name)!.stop(leaving)
    this.consumers.delete(name)
  }

  /** Brings a client of the plan that is not there. */
  arrive(client: string): void {
    const consumer = this.plan.consumers.find(({ name }) => name === client)
    if (consumer !== undefined && !this.consumers.has(client)) this.addConsumer(consumer)
  }

  /** Ends a client for good. */
  leave(client: string, leaving: Leaving): void {
    if (this.consumers.has(client)) this.stopConsumer(client, leaving)
    else this.producers.get(client)?.stop()
  }

  // Time.

  /**
   * Lets virtual time pass, rounded up to whole milliseconds.
   * @throws SimFailure at the first complaint
   */
  runFor(spanMs: number): void {
    const untilMs = Math.ceil(this.nowMs + spanMs)
    while (this.nowMs < untilMs) {
      this.scheduler.runUntil(Math.min(untilMs, this.nowMs + sliceMs))
      for (const watcher of this.watchers) watcher.inspect?.()
      if (this.complaints.length > 0) throw new SimFailure(this.complaints)
    }
  }

  /** Runs until brokers and clients have got over all faults; a stable phase begins. */
  settle(): void {
    // What has just happened is noticed by nobody yet.
    this.runFor(sliceMs)
    this.runUntilNothing(() => findUnsettled(this), settleMsMax)
    this.isStableNow = true
    this.phases += 1
    this.scheduler.trace('stable', 0, 0)
    for (const watcher of this.watchers) watcher.onStable?.()
  }

  /**
   * The liveness phase: stops producers, ends all faults, and runs until everything is delivered
   * and quiet, and for some time longer; then the judges have their last word.
   */
  finish(_ending: Partial<ScenarioPlan> = {}): void {
    for (const producer of this.producers.values()) producer.stop()
    this.healAll()
    this.runUntilNothing(() => findStopping(this), settleMsMax)
    for (const broker of this.brokers.values()) if (!broker.isUp) this.start(broker.name)
    this.settle()
    this.runUntilNothing(() => findUnsettled(this) ?? findStuck(this), drainMsMax)
    for (const watcher of this.watchers) watcher.onQuiet?.()
    this.runFor(restMs)
    for (const watcher of this.watchers) watcher.atRest?.()
    if (this.complaints.length > 0) throw new SimFailure(this.complaints)
  }

  // WorkloadPort

  after(delayMs: number, task: () => void): Cancel {
    return this.scheduler.after(delayMs, task)
  }

  random(label: string): Prng {
    return this.scheduler.random.fork(label)
  }

  trace(label: string, a: string | number, b: string | number): void {
    this.scheduler.trace(label, a, b)
  }

  dial(...[{ client, broker }, timeoutMs, done]: Parameters<WorkloadPort['dial']>): Cancel {
    const address = { carrier: 'tcp', path: '/', subprotocols: [], host: broker } as const
    const transport = this.network.transport(client)
    return transport.dial({ ...address, port: stompPort }, timeoutMs, done)
  }

  openSession(session: LedgerSession): void {
    this.scheduler.trace('session', session.id, session.broker)
    this.ledger.openSession(session)
  }

  closeSession(id: string, isForGood = false): void {
    this.scheduler.trace('session-end', id, 0)
    this.ledger.closeSession(id, isForGood)
  }

  delivered(key: string, receipt: Receipt): void {
    this.scheduler.trace('delivered', receipt.session, key)
    const record = this.ledger.get(key)
    if (record === undefined) {
      this.complain('ledger', `${receipt.consumer} got ${key}, which no broker took`)
      return
    }
    const delivery = { record, ...receipt }
    this.ledger.deliver(delivery)
    for (const watcher of this.watchers) watcher.onDelivered?.(delivery)
  }

  acknowledged(key: string): void {
    this.ledger.acknowledge(key)
  }

  refused(key: string): void {
    this.ledger.refuse(key)
  }

  /** Ends the stable phase, if there is one. */
  private disturb(): void {
    this.components = undefined
    if (!this.isStableNow) return
    this.wasDisturbed = true
    this.scheduler.trace('unstable', 0, 0)
    this.ledger.endStablePhase(this.nowMs, graceMs)
    this.isStableNow = false
    for (const watcher of this.watchers) watcher.onUnstable?.()
  }

  /** Runs until nothing is pending any more, or complains about what still is. */
  private runUntilNothing(find: () => Pending | undefined, msMax: number): void {
    const untilMs = this.nowMs + msMax
    for (let pending = find(); pending !== undefined; pending = find()) {
      if (this.nowMs >= untilMs) {
        this.complain(pending.checker, `after ${msMax} ms without faults: ${pending.text}`)
      }
      this.runFor(sliceMs)
    }
  }

  private loseMemory(name: string): void {
    this.disturb()
    if (!this.broker(name).isUp) return
    this.ledger.loseMemory(name)
    for (const watcher of this.watchers) watcher.onCrash?.(name)
  }

  private complain(checker: string, text: string): void {
    this.scheduler.trace('complaint', checker, text)
    if (this.complaints.length < 20) this.complaints.push(`${checker}: ${text}`)
  }

  private link(a: string, b: string): SimLink {
    const found = this.topology.links.find(
      (link) => (link.a === a && link.b === b) || (link.a === b && link.b === a)
    )
    if (found === undefined) throw new Error(`${this.topology.name} has no link ${a}-${b}`)
    return found
  }

  private linksOf(name: string): SimLink[] {
    return this.topology.links.filter(({ a, b }) => a === name || b === name)
  }
}

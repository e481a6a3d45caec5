// A simulated world: brokers by name, the links between them, and clients. What goes wrong with
// brokers and links, its faults do. Time passes only in `runFor`, `settle` and `finish`; between
// events nothing moves. Whatever happens is told to the ledger and to every judge; the first
// complaint ends the run.

import type { Cancel } from '../src/ports/index.ts'
import { allCheckers } from './checkers/index.ts'
import { findUnsettled } from './convergence.ts'
import type { EffectiveSettings } from './effective-settings.ts'
import { endAsIs, endHealed } from './endings.ts'
import { SimNetwork, type StoreStep } from './fakes/index.ts'
import { LinkQualities } from './link-qualities.ts'
import type { ConsumerPlan, Leaving, ProducerPlan, ScenarioPlan, SimEvent } from './plan/index.ts'
import { PoisonedBridges } from './poisoned-bridges.ts'
import type { Prng } from './prng.ts'
import { type FilteredDestination, Reachability } from './reachability.ts'
import type { BridgeSample, BrokerSample, ObservedWorld } from './report/observed-world.ts'
import { sampleBroker } from './sample-broker.ts'
import { SimScheduler } from './scheduler.ts'
import { SimBroker, type SimBrokerSettings, stompPort } from './sim-broker.ts'
import { clientHost, SimClients } from './sim-clients.ts'
import { SimFailure } from './sim-failure.ts'
import { SimLinks } from './sim-links.ts'
import { runThrough, type Slices } from './slices.ts'
import { StablePhases } from './stable-phases.ts'
import { longestReconnectMs, type SimLink, type SimTopology } from './topologies.ts'
import { WaitingMessages } from './waiting-messages.ts'
import type { Checker, Pending, Watcher } from './watcher.ts'
import type { SimConsumer } from './workload/consumer.ts'
import { Ledger, type LedgerSession, type MessageRecord } from './workload/ledger.ts'
import type { SimProducer } from './workload/producer.ts'
import type { Receipt, WorkloadPort } from './workload/workload-port.ts'
import { WorldFaults } from './world-faults.ts'
import { type SimWorldOptions, settleMsMaxDefault } from './world-options.ts'

/** Those who watch look at the world after each slice of time, in milliseconds. */
const sliceMs = 50
/** Of a world with more brokers judges look after every second slice, and so on. */
const brokersPerLook = 64
/** Longest time for everything to be delivered once nothing fails any more, unless planned. */
const drainMsMaxDefault = 120_000

/** How a world ends. */
type Ending = Partial<Pick<ScenarioPlan, 'ending' | 'drainMsMax'>>

/** See the top of this file. */
export class SimWorld implements WorkloadPort, ObservedWorld {
  readonly scheduler: SimScheduler
  readonly network: SimNetwork
  readonly topology: SimTopology
  /** What all brokers have in common; see {@link settingsOf}. */
  readonly settings: SimBrokerSettings
  readonly links: SimLinks
  readonly ledger = new Ledger()
  readonly brokers = new Map<string, SimBroker>()
  readonly clients: SimClients
  /** What can happen to brokers and links. */
  readonly faults: WorldFaults
  readonly qualities: LinkQualities
  readonly plan: ScenarioPlan
  readonly checkers: readonly Checker[]
  /** The judges, and whoever else watches. */
  readonly watchers: readonly Watcher[]
  /** Links given bytes that are no frame. */
  readonly poisoned: PoisonedBridges
  /** True if the end came before everything that can be delivered was. */
  isCutShort = false
  private readonly judges: readonly Checker[]
  private readonly inspectors: readonly Watcher[]
  /** Slices between two looks of the judges. */
  private readonly judgedEvery: number
  private readonly deliveryWatchers: readonly Watcher[]
  private readonly reach: Reachability
  private readonly complaints: string[] = []
  private readonly phases: StablePhases
  private startedAtMs: number | undefined = undefined
  private progressMs = 0
  private slices = 0

  constructor(options: SimWorldOptions) {
    const { seed, plan, watch, sabotage } = options
    const { topology, settings, isResplitting, isFifo = false } = plan
    this.plan = plan
    this.topology = topology
    this.settings = settings
    this.scheduler = new SimScheduler({ seed, isFifo })
    this.network = new SimNetwork(this.scheduler, {
      isResplitting,
      onStep: (host, step) => this.faults.onStep(host, step)
    })
    this.checkers = allCheckers(this, (checker, text) => this.complain(checker, text))
    this.watchers = [...this.checkers, ...(watch?.(this) ?? [])]
    this.judges = this.checkers.filter(({ inspect }) => inspect !== undefined)
    const judges = new Set<Watcher>(this.checkers)
    this.inspectors = this.watchers.filter((one) => one.inspect !== undefined && !judges.has(one))
    this.judgedEvery = Math.ceil(topology.brokers.length / brokersPerLook)
    this.deliveryWatchers = this.watchers.filter(({ onDelivered }) => onDelivered !== undefined)
    this.phases = new StablePhases(this)
    this.links = new SimLinks(topology)
    this.reach = new Reachability(this)
    this.poisoned = new PoisonedBridges(this)
    this.clients = new SimClients({
      ...{ port: this, plan },
      onProducer: (producer) => this.ledger.addProducer(producer),
      onDisturbed: () => this.disturb(),
      onBreak: (session) => this.ledger.loseUnread(session)
    })
    const { scheduler, network, links } = this
    const onUpOrDown = () => this.changed()
    const ground = {
      ...{ scheduler, network, topology, links, settings, onUpOrDown },
      onStoreStep: (name: string, step: StoreStep) => this.faults.onStep(name, step)
    }
    this.faults = new WorldFaults(this, ground, sabotage)
    for (const name of topology.brokers) {
      this.network.host(name)
      this.brokers.set(name, new SimBroker(name, ground, plan.overrides?.[name]))
    }
    this.qualities = new LinkQualities({
      ...{ network, links: topology.links, planned: plan.qualities },
      resets: {
        after: (delayMs, task) => this.scheduler.after(delayMs, task),
        random: (label) => this.random(label),
        onReset: (link) => this.faults.onRandomReset(link)
      }
    })
  }

  /** Longest time for brokers to agree: those that wait long between two dials need longer. */
  get settleMsMax(): number {
    const longestMs = longestReconnectMs(this.topology, this.settings.reconnect)
    return Math.max(settleMsMaxDefault, 2 * longestMs + settleMsMaxDefault / 2)
  }

  /** What a broker is set to, its overrides included. */
  settingsOf(broker: string): EffectiveSettings {
    return this.broker(broker).settings
  }

  /** True in a stable phase: no fault now, and none that is not overcome. */
  get isStable(): boolean {
    return this.phases.isStable
  }

  /** Number of the stable phase, from 1; 0 between stable phases. */
  get phase(): number {
    return this.phases.current
  }

  /** True if nothing has failed since that message was taken. */
  hadNoFault(record: MessageRecord): boolean {
    return record.isStable && record.phase === this.phase
  }

  /** Groups of brokers at work that are joined by whole links. */
  components(): readonly (readonly string[])[] {
    return this.reach.components()
  }

  /**
   * Brokers at work that are joined by whole links to a broker, itself included; with a destination
   * those that its messages get to, as filters, one-way links and brokers that carry nothing for
   * others let them.
   */
  reachableFrom(name: string, destination?: FilteredDestination): readonly string[] {
    if (destination === undefined) return this.reach.joinedTo(name)
    return this.reach.reachableFrom(name, destination)
  }

  /** True if messages would get there with everything at work and whole that is not gone. */
  mayReach(from: string, to: string, destination: FilteredDestination): boolean {
    return this.reach.isPossible(from, to, destination)
  }

  /** For {@link Reachability}: the end that dialled the bridge over a link. */
  diallerOf({ a, b }: SimLink): string | undefined {
    const bridge = this.broker(a).station?.network.bridges.get(b)
    return bridge === undefined ? undefined : bridge.isDialler ? a : b
  }

  /** True if a broker is up and not paused. */
  isAtWork(name: string): boolean {
    return this.broker(name).isAtWork
  }

  /** True if a broker is not there yet, and nobody expects it. */
  isAwaited(name: string): boolean {
    return this.plan.overrides?.[name]?.isLate === true && this.broker(name).lifeCount === 0
  }

  /** What brokers hold just now. */
  waitingMessages(): WaitingMessages {
    return new WaitingMessages(this)
  }

  /** How often to look at the whole world, in milliseconds: a large one less often. */
  get lookMs(): number {
    return sliceMs * this.judgedEvery
  }

  /** True as long as nothing has failed since the world first settled. */
  get isCalm(): boolean {
    return this.phases.isCalm
  }

  get nowMs(): number {
    return this.scheduler.nowMs
  }

  broker(name: string): SimBroker {
    const broker = this.brokers.get(name)
    if (broker === undefined) throw new Error(`no broker is called "${name}" in this world`)
    return broker
  }

  /** Brokers that are up and not paused. */
  upBrokers(): SimBroker[] {
    return [...this.brokers.values()].filter((broker) => broker.isAtWork)
  }

  /** True if the link is cut on purpose. */
  isCut(link: SimLink): boolean {
    return this.links.isCut(link)
  }

  get producers(): Map<string, SimProducer> {
    return this.clients.producers
  }

  get consumers(): Map<string, SimConsumer> {
    return this.clients.consumers
  }

  // ObservedWorld

  get atWorkMs(): number {
    return this.startedAtMs ?? 0
  }

  samples(): readonly BrokerSample[] {
    return [...this.brokers.values()].map(sampleBroker)
  }

  placeOf({ name, at }: ProducerPlan | ConsumerPlan): string {
    return this.clients.get(name)?.at ?? at
  }

  /** Tells all who watch that an event of the timeline is about to happen. */
  happen(event: SimEvent): void {
    for (const watcher of this.watchers) watcher.onEvent?.(event)
  }

  // Clients; see SimClients.

  addProducer(plan: ProducerPlan): SimProducer {
    return this.clients.addProducer(plan)
  }

  addConsumer(plan: ConsumerPlan): SimConsumer {
    return this.clients.addConsumer(plan)
  }

  /** Sends a client to another broker, or away from one and back; does nothing without it. */
  move(client: string, broker: string, leaving: Leaving): void {
    this.clients.move(client, this.broker(broker).name, leaving)
  }

  /** Ends a consumer for good. */
  stopConsumer(name: string, leaving: Leaving): void {
    this.clients.stopConsumer(name, leaving)
  }

  /** Resets a client's connection; it comes back by itself. */
  dropClient(client: string): void {
    if (!this.clients.drop(client)) return
    for (const broker of this.topology.brokers) this.network.reset(clientHost(client), broker)
  }

  // Time.

  /**
   * Lets virtual time pass, rounded up to whole milliseconds.
   * @throws SimFailure at the first complaint
   */
  runFor(spanMs: number): void {
    runThrough(this.runInSlices(spanMs))
  }

  /** {@link runFor}, slice by slice. */
  *runInSlices(spanMs: number): Slices {
    const untilMs = Math.ceil(this.nowMs + spanMs)
    while (this.nowMs < untilMs) {
      this.scheduler.runUntil(Math.min(untilMs, this.nowMs + sliceMs))
      this.inspect()
      this.failIfComplained()
      const mayBegin = this.plan.isAutoSettling === true && this.startedAtMs !== undefined
      if (mayBegin && this.phases.isLookDue() && !findUnsettled(this)) this.becomeStable()
      yield
    }
  }

  /** Runs until brokers and clients have got over all faults; a stable phase begins. */
  settle(): void {
    runThrough(this.settleInSlices())
  }

  /** {@link settle}, slice by slice. */
  *settleInSlices(): Slices {
    // What has just happened is noticed by nobody yet.
    yield* this.runInSlices(sliceMs)
    yield* this.untilNothing(() => findUnsettled(this), this.settleMsMax)
    this.startedAtMs ??= this.nowMs
    this.becomeStable()
  }

  /**
   * Stops producers and ends as the plan says: with everything healed, started, delivered and
   * quiet, or as it is. The judges have their last word.
   * @throws SimFailure if one of them complains, or it does not come to an end
   */
  finish(ending: Ending = {}): void {
    runThrough(this.finishInSlices(ending))
  }

  /** {@link finish}, slice by slice. */
  *finishInSlices(ending: Ending): Slices {
    const { drainMsMax = drainMsMaxDefault } = ending
    for (const producer of this.producers.values()) producer.stop()
    this.progressMs = this.nowMs
    yield* ending.ending === 'as-is' ? endAsIs(this, drainMsMax) : endHealed(this, drainMsMax)
    this.failIfComplained()
  }

  /** When a message last came to where it had not been delivered before. */
  get lastProgressMs(): number {
    return this.progressMs
  }

  /** Runs until nothing is pending any more, or complains about what still is. */
  *untilNothing(find: () => Pending | undefined, msMax: number): Slices {
    const untilMs = this.nowMs + msMax
    for (let pending = find(); pending !== undefined; pending = find()) {
      if (this.nowMs >= untilMs) {
        const isBefore = this.startedAtMs === undefined
        const what = isBefore ? 'the network is not at work' : 'without faults'
        this.complain(pending.checker, `after ${msMax} ms ${what}: ${pending.text}`)
      }
      yield* this.runInSlices(this.lookMs)
    }
  }

  /** A bridge came or went. */
  onBridge(broker: string, peer: string, isUp: boolean, last?: BridgeSample): void {
    if (this.reach.dependsOnDiallers) this.changed()
    // Where loops are slow or lines are bad, bridges may break with no further fault.
    if (!isUp && this.isImpaired) this.disturb()
    for (const watcher of this.watchers) watcher.onBridge?.(broker, peer, isUp, last)
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
    const transport = this.network.transport(clientHost(client))
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
    const copies = record.expected.get(receipt.session)?.copies ?? record.deliveries
    if (copies === 0) this.progressMs = this.nowMs
    this.ledger.deliver(delivery)
    for (const watcher of this.deliveryWatchers) watcher.onDelivered?.(delivery)
  }

  acknowledged(key: string): void {
    this.ledger.acknowledge(key)
  }

  refused(key: string): void {
    this.ledger.refuse(key)
  }

  /** Takes a complaint; the slice of time in which it came ends the run. */
  complain(checker: string, text: string): void {
    this.scheduler.trace('complaint', checker, text)
    if (this.complaints.length < 20) this.complaints.push(`${checker}: ${text}`)
  }

  private failIfComplained(): void {
    if (this.complaints.length > 0) throw new SimFailure(this.complaints)
  }

  /** Large worlds are judged less often, so that judging does not take longer than the run. */
  private inspect(): void {
    this.slices += 1
    if (this.slices % this.judgedEvery === 0) for (const judge of this.judges) judge.inspect?.()
    for (const watcher of this.inspectors) watcher.inspect?.()
  }

  /** Ends the stable phase, if there is one. */
  disturb(): void {
    this.reach.forget()
    this.phases.end()
  }

  /** For {@link Reachability}: true if a broker was taken out for good. */
  isGone(name: string): boolean {
    return this.faults.isRemoved(name)
  }

  /** A broker was taken out for good. */
  lostForGood(): void {
    this.reach.forgetAll()
  }

  /** What is whole and at work is not what it was. */
  changed(): void {
    this.reach.forget()
  }

  private becomeStable(): void {
    // While a store fails, clients that wait for it are turned away, again and again; while it is
    // slow, everything takes longer than is promised.
    for (const broker of this.brokers.values()) if (broker.hasBadDisk) return
    this.phases.begin()
  }

  /** True while bridges may break by themselves. */
  private get isImpaired(): boolean {
    if (this.qualities.areBad) return true
    for (const { slowness } of this.brokers.values()) if (slowness !== 1) return true
    return false
  }
}

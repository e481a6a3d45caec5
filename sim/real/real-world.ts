// A world of real broker processes, as clients, judges and those who measure see it: time is the
// machine's, faults are made by proxies and signals, and what brokers hold is what they answer when
// asked. It books what it sees from outside in the same ledger as the simulated world.

import type { StatusReport } from '../../src/admin/index.ts'
import { patternMatches } from '../../src/broker/index.ts'
import { createStreamTransport, createSystemClock } from '../../src/platform/index.ts'
import type { Cancel, StreamTransport } from '../../src/ports/index.ts'
import { exactlyOnceTopic } from '../checkers/exactly-once-topic.ts'
import type { JudgedWaiting, JudgedWorld } from '../checkers/judged-world.ts'
import { orderPerProducer } from '../checkers/order-per-producer.ts'
import { queueOnce } from '../checkers/queue-once.ts'
import type { ConsumerPlan, Leaving, ProducerPlan, ScenarioPlan, SimEvent } from '../plan/index.ts'
import { Prng } from '../prng.ts'
import type { BrokerSample, ObservedWorld } from '../report/observed-world.ts'
import type { SimLink, SimTopology } from '../topologies.ts'
import type { Checker, Watcher } from '../watcher.ts'
import { SimConsumer } from '../workload/consumer.ts'
import { Ledger, type LedgerSession, type MessageRecord } from '../workload/ledger.ts'
import { SimProducer } from '../workload/producer.ts'
import type { Receipt, WorkloadPort } from '../workload/workload-port.ts'
import type { BrokerProcess, LogRecord } from './broker-process.ts'
import { type CountedReason, CustodyGuess } from './custody-guess.ts'
import type { FaultLink } from './fault-link.ts'
import { ProducerTap, type SentMessage } from './producer-tap.ts'
import { type FilteredDestination, groupsOf, reachOf } from './reach.ts'
import type { RealGround } from './real-ground.ts'
import { sampleOf } from './real-sample.ts'
import { waitingKeys } from './real-waiting.ts'
import { StatusClient, type TimedReport } from './status-client.ts'

/** A message that left its producer, with what was true then. */
type Unbooked = Pick<MessageRecord, 'key' | 'kind' | 'destination' | 'origin' | 'phase'> & {
  readonly sentAtMs: number
  readonly known: ReadonlySet<string>
  readonly reachable: readonly string[]
}

/** What a stable message may take to arrive; as in the simulator. */
const graceMs = 3_000
/** Reports asked for so soon after a fault may not tell of it. */
const noticeMs = 300
/** How long a broker may take to answer for its report. */
const askMsMax = 1_500
/** Lateness that clients make up for. */
const catchUpMsMax = 250
const complaintsMax = 20
/** Reasons that say nothing of a message anybody misses. */
const harmlessReasons = new Set(['subscriber-gone', 'temp-queue-gone', 'temp-queue-full'])

/** See the top of this file. */
export class RealWorld implements WorkloadPort, ObservedWorld, JudgedWorld {
  readonly plan: ScenarioPlan
  readonly topology: SimTopology
  readonly ledger = new Ledger()
  readonly producers = new Map<string, SimProducer>()
  readonly consumers = new Map<string, SimConsumer>()
  readonly checkers: readonly Checker[]
  readonly complaints: string[] = []
  /** Bridges that went down in a stable phase, when nothing had been done to them. */
  readonly surprises: string[] = []
  /** Things that were seen to happen. */
  events = 0
  /** 0 until it is known: reports count from then. */
  atWorkMs = 0
  private readonly beganMs = performance.now()
  private readonly chance: Prng
  private readonly clock = createSystemClock()
  private readonly transport: StreamTransport = createStreamTransport()
  private readonly guess: CustodyGuess
  private readonly statusClients = new Map<string, StatusClient>()
  private readonly reports = new Map<string, TimedReport>()
  private readonly asking = new Map<string, Promise<void>>()
  private readonly unbooked = new Map<string, Unbooked>()
  private readonly taps = new Map<string, ProducerTap>()
  private readonly dropping = new Map<string, () => void>()
  private readonly leavingOrderly = new Set<string>()
  /** Counts of messages given up, by broker, life and reason. */
  private readonly givenUp = new Map<string, CountedReason>()
  private waiting: ReadonlySet<string> | undefined = undefined
  private ground!: RealGround
  private watchers: readonly Watcher[]
  private isStableNow = false
  private isOver = false
  private phases = 0
  private disturbedAtMs = 0
  /** When the running task of a client was due; undefined while none runs. */
  private taskDueMs: number | undefined = undefined
  private components: string[][] | undefined = undefined
  private readonly reach = new Map<string, readonly string[]>()

  constructor(plan: ScenarioPlan, seed: string) {
    this.plan = plan
    this.topology = plan.topology
    this.chance = new Prng(`${seed}/${plan.name}/real`)
    this.guess = new CustodyGuess(plan.topology, this.ledger)
    const complain = (checker: string, text: string): void => this.complain(checker, text)
    this.checkers = [
      exactlyOnceTopic(this, complain),
      queueOnce(this, complain),
      orderPerProducer(this, complain)
    ]
    this.watchers = this.checkers
  }

  /** Puts the world on its ground; before that nothing can be done in it. */
  standOn(ground: RealGround): void {
    this.ground = ground
    const now = (): number => this.nowMs
    for (const { name, ports } of ground.brokers.values()) {
      const clientPorts = { clock: this.clock, transport: this.transport }
      this.statusClients.set(name, new StatusClient(name, ports.stomp, clientPorts, now))
    }
  }

  /** Lets others watch, after the judges. */
  addWatchers(watchers: readonly Watcher[]): void {
    this.watchers = [...this.watchers, ...watchers]
  }

  // The world as it is.

  get nowMs(): number {
    return performance.now() - this.beganMs
  }

  get isStable(): boolean {
    return this.isStableNow
  }

  /** Number of the stable phase, from 1; 0 between stable phases. */
  get phase(): number {
    return this.isStableNow ? this.phases : 0
  }

  get brokers(): ReadonlyMap<string, BrokerProcess> {
    return this.ground.brokers
  }

  get links(): readonly FaultLink[] {
    return this.ground.links
  }

  hadNoFault(record: MessageRecord): boolean {
    return record.isStable && record.phase === this.phase
  }

  waitingMessages(): JudgedWaiting {
    this.waiting ??= waitingKeys(this.ledger, this.reports.values())
    const keys = this.waiting
    return { has: ({ key }) => keys.has(key), hasCopy: () => false }
  }

  isUp(broker: string): boolean {
    return this.ground.brokers.get(broker)?.isUp ?? false
  }

  /** Groups of brokers that are up and joined by whole links. */
  groups(): readonly (readonly string[])[] {
    this.components ??= groupsOf(
      this.topology.brokers.filter((name) => this.isUp(name)),
      this.links.filter(({ isCut }) => !isCut).map(({ link }) => [link.a, link.b])
    )
    return this.components
  }

  /** Brokers that messages for a destination get to from one, as things are, itself included. */
  reachableFrom(broker: string, destination: FilteredDestination): readonly string[] {
    if (!this.isUp(broker)) return []
    const key = `${broker} ${destination.kind} ${destination.name}`
    let answer = this.reach.get(key)
    if (answer === undefined) {
      const whole = new Set(this.links.filter(({ isCut }) => !isCut).map(({ link }) => link))
      const isWhole = (link: SimLink): boolean =>
        whole.has(link) && this.isUp(link.a) && this.isUp(link.b)
      answer = reachOf(this.topology, broker, destination, isWhole)
      this.reach.set(key, answer)
    }
    return answer
  }

  samples(): readonly BrokerSample[] {
    // The last report of a broker that has died goes when all have been told of its death.
    return this.topology.brokers.map((name) =>
      sampleOf(name, this.isUp(name) || this.reports.has(name), this.reports.get(name)?.report)
    )
  }

  placeOf(client: ProducerPlan | ConsumerPlan): string {
    return (this.consumers.get(client.name) ?? this.producers.get(client.name))?.at ?? client.at
  }

  /** A broker's report if it is younger than the last fault. */
  freshReport(broker: string): StatusReport | undefined {
    const timed = this.reports.get(broker)
    if (timed === undefined || timed.askedAtMs < this.disturbedAtMs + noticeMs) return undefined
    return timed.report
  }

  /** Fresh reports of all brokers that are up. */
  freshReports(): [string, StatusReport][] {
    return this.topology.brokers.flatMap((name): [string, StatusReport][] => {
      const report = this.isUp(name) ? this.freshReport(name) : undefined
      return report === undefined ? [] : [[name, report]]
    })
  }

  /** Asks every broker that can answer; kept when all have, or their time is over. */
  async askAll(): Promise<void> {
    const asked = [...this.brokers.values()].filter((one) => one.isReady && !one.isPaused)
    await Promise.all(asked.map(({ name }) => this.ask(name)))
  }

  // What happens to it.

  /** Tells all who watch that an event of the timeline is about to happen. */
  happen(event: SimEvent): void {
    this.events += 1
    for (const watcher of this.watchers) watcher.onEvent?.(event)
  }

  /** Something is done to the network: a stable phase ends. */
  disturb(): void {
    this.components = undefined
    this.reach.clear()
    this.disturbedAtMs = this.nowMs
    if (!this.isStableNow) return
    this.ledger.endStablePhase(this.nowMs, graceMs)
    this.isStableNow = false
    for (const watcher of this.watchers) watcher.onUnstable?.()
  }

  /** Everything has been got over: a stable phase begins. */
  becomeStable(): void {
    if (this.isStableNow) return
    if (this.atWorkMs === 0) this.atWorkMs = this.nowMs
    this.isStableNow = true
    this.phases += 1
    for (const watcher of this.watchers) watcher.onStable?.()
  }

  /** A slice of time has passed. */
  inspect(): void {
    for (const watcher of this.watchers) watcher.inspect?.()
  }

  /** The last word of the judges. */
  rest(): void {
    for (const watcher of this.watchers) watcher.onQuiet?.()
    for (const watcher of this.watchers) watcher.atRest?.()
  }

  /** Nothing that happens from now on is of interest. */
  end(): void {
    this.isOver = true
    for (const producer of this.producers.values()) producer.stop()
    for (const consumer of this.consumers.values()) consumer.stop('abrupt')
    for (const drop of this.dropping.values()) drop()
    for (const client of this.statusClients.values()) client.close()
  }

  complain(checker: string, text: string): void {
    if (this.complaints.length < complaintsMax) this.complaints.push(`${checker}: ${text}`)
  }

  onLog(broker: string, { event, peer }: LogRecord): void {
    if (this.isOver || (event !== 'bridge-up' && event !== 'bridge-down')) return
    const isUp = event === 'bridge-up'
    this.events += 1
    if (this.isStableNow && !isUp) {
      this.surprises.push(`${Math.round(this.nowMs)} ms: ${broker} lost its bridge to ${peer}`)
      this.disturb()
    }
    for (const watcher of this.watchers) watcher.onBridge?.(broker, String(peer), isUp)
  }

  /** A broker's process is gone, and its memory with it. */
  onEnded(broker: string): void {
    if (this.isOver) return
    this.disturb()
    for (const watcher of this.watchers) watcher.onCrash?.(broker)
    this.guess.excuseDead(broker)
    this.statusClients.get(broker)?.close()
    this.reports.delete(broker)
  }

  // Clients.

  addProducer(plan: ProducerPlan): void {
    this.producers.set(plan.name, new SimProducer(this, plan))
  }

  addConsumer(plan: ConsumerPlan): void {
    this.disturb()
    this.consumers.set(plan.name, new SimConsumer(this, plan))
  }

  move(client: string, to: string, leaving: Leaving): void {
    this.disturb()
    if (leaving === 'orderly') this.leavingOrderly.add(client)
    const found = this.consumers.get(client) ?? this.producers.get(client)
    found?.moveTo(to, leaving)
  }

  arrive(client: string): void {
    const consumer = this.plan.consumers.find(({ name }) => name === client)
    if (consumer !== undefined && !this.consumers.has(client)) this.addConsumer(consumer)
    const producer = this.plan.producers.find(({ name }) => name === client)
    if (producer === undefined) return
    const known = this.producers.get(client)
    if (known === undefined) this.addProducer(producer)
    else known.comeBack()
  }

  leave(client: string, leaving: Leaving): void {
    this.disturb()
    if (leaving === 'orderly') this.leavingOrderly.add(client)
    this.consumers.get(client)?.stop(leaving)
    this.consumers.delete(client)
    this.producers.get(client)?.leave(leaving)
  }

  /** Resets a client's connection; it comes back by itself. */
  dropClient(client: string): void {
    this.disturb()
    this.dropping.get(client)?.()
  }

  /** Heart-beats of a broker whose machine is off would be missed; here clients hear at once. */
  silence(broker: string): void {
    for (const producer of this.producers.values()) producer.onSilence(broker)
    for (const consumer of this.consumers.values()) consumer.onSilence(broker)
  }

  /** Takes for taken what producers wrote on connections that still stand. */
  confirmAll(): void {
    for (const tap of this.taps.values()) tap.confirmAll()
  }

  /** Makes the excuses that can only be made at the end. */
  excuseAtEnd(): void {
    this.guess.excuseCutShort()
    const counted = [...this.givenUp.values()]
    this.guess.excuseGivenUp(counted, (record, { broker, reason }) => {
      for (const watcher of this.watchers) watcher.onGivenUp?.(record, { broker, reason })
    })
  }

  // WorkloadPort

  after(delayMs: number, task: () => void): Cancel {
    // Timers are late, never early. What a late task schedules counts from when it was due, or
    // clients would be slower the busier the machine is.
    const dueMs = (this.taskDueMs ?? this.nowMs) + delayMs
    const run = (): void => {
      if (this.isOver) return
      this.taskDueMs = Math.max(dueMs, this.nowMs - catchUpMsMax)
      try {
        task()
      } finally {
        this.taskDueMs = undefined
      }
    }
    const timer = setTimeout(run, Math.max(0, dueMs - this.nowMs))
    return () => clearTimeout(timer)
  }

  random(label: string): Prng {
    return this.chance.fork(label)
  }

  /** Real runs leave no trace to hash. */
  trace(): void {}

  dial(...[{ client, broker }, timeoutMs, done]: Parameters<WorkloadPort['dial']>): Cancel {
    const { port, plan } = { port: this.brokers.get(broker)!.ports.stomp, plan: this.plan }
    const endpoint = { carrier: 'tcp', host: '127.0.0.1', path: '/', subprotocols: [] } as const
    const producer = plan.producers.find(({ name }) => name === client)
    return this.transport.dial({ ...endpoint, port }, timeoutMs, (result) => {
      if (result instanceof Error) return done(result)
      this.dropping.set(client, () => result.destroy())
      if (producer === undefined) return done(result)
      const tap = new ProducerTap(result, producer.version, {
        onSent: (message) => this.onSent(message, broker),
        onTaken: (key) => this.book(key)
      })
      this.taps.set(client, tap)
      const handlers = done(tap)
      return handlers === undefined ? undefined : tap.listening(handlers)
    })
  }

  openSession(session: LedgerSession): void {
    this.guess.onOpened(session, this.nowMs)
    this.ledger.openSession(session)
  }

  closeSession(...call: Parameters<WorkloadPort['closeSession']>): void {
    const [id] = call
    const [consumer = id] = id.split(/[#@]/)
    this.guess.onClosed(id, this.nowMs, !this.leavingOrderly.delete(consumer))
    this.ledger.closeSession(...call)
  }

  delivered(key: string, receipt: Receipt): void {
    this.events += 1
    const record = this.ledger.get(key) ?? this.book(key)
    if (record === undefined) {
      this.complain('ledger', `${receipt.consumer} got ${key}, which nobody sent`)
      return
    }
    const delivery = { record, ...receipt }
    this.ledger.deliver(delivery)
    for (const watcher of this.watchers) watcher.onDelivered?.(delivery)
  }

  acknowledged(key: string): void {
    this.ledger.acknowledge(key)
  }

  private onSent({ key, destination: written }: SentMessage, origin: string): void {
    const [, kind, destination] = written.split('/')
    if ((kind !== 'queue' && kind !== 'topic') || destination === undefined) return
    const { nowMs: sentAtMs, phase } = this
    const known = kind === 'topic' ? this.knownTo(origin, destination) : new Set<string>()
    const reachable = this.reachableFrom(origin, { kind, name: destination })
    this.unbooked.set(key, {
      ...{ key, kind, destination, origin, phase },
      ...{ sentAtMs, known, reachable }
    })
  }

  /** A broker has the message, as its receipt or its delivery shows. */
  private book(key: string): MessageRecord | undefined {
    const sent = this.unbooked.get(key)
    if (sent === undefined) return this.ledger.get(key)
    this.unbooked.delete(key)
    this.events += 1
    const { kind, destination, origin, sentAtMs: acceptedAtMs, known, reachable } = sent
    // A phase that ended meanwhile has been looked through already.
    const phase = sent.phase === this.phase ? sent.phase : 0
    const facts = { key, kind, destination, origin, acceptedAtMs, phase }
    const record = this.ledger.accept(facts, { known, reachable })
    for (const watcher of this.watchers) watcher.onAccepted?.(record)
    return record
  }

  /**
   * Brokers of which the origin has said that it knows they want the topic, in a report younger
   * than their youngest subscription to it.
   */
  private knownTo(origin: string, topic: string): ReadonlySet<string> {
    const known = new Set<string>()
    const timed = this.reports.get(origin)
    // Whom filters keep a topic from is known to want it, and is owed nothing.
    const possible = reachOf(this.topology, origin, { kind: 'topic', name: topic }, () => true)
    for (const { broker, entries } of timed?.report.demand ?? []) {
      if (!possible.includes(broker)) continue
      const youngestMs = this.guess.youngestMs(broker, topic)
      if (youngestMs === undefined || youngestMs > timed!.askedAtMs) continue
      const isWanted = entries.some(
        ({ kind, pattern }) => kind === 'topic' && patternMatches(pattern, topic)
      )
      if (isWanted) known.add(broker)
    }
    return known
  }

  private ask(broker: string): Promise<void> {
    let asking = this.asking.get(broker)
    if (asking === undefined) {
      asking = this.askNow(broker).finally(() => this.asking.delete(broker))
      this.asking.set(broker, asking)
    }
    return asking
  }

  private async askNow(broker: string): Promise<void> {
    const timed = await this.statusClients.get(broker)!.ask(askMsMax)
    if (timed === undefined || !this.isUp(broker) || this.isOver) return
    this.reports.set(broker, timed)
    this.waiting = undefined
    const { incarnation, notDelivered = [] } = timed.report
    for (const { reason, count } of notDelivered) {
      if (harmlessReasons.has(reason)) continue
      this.givenUp.set(`${broker} ${incarnation} ${reason}`, { broker, reason, count })
    }
  }
}

// Watches a run and makes its report. It looks at brokers a few hundred times in a run, however
// long that is, and keeps of each message only what is still open; it changes nothing.
//
// What happens before the network is at work does not count, but for bridges made.

import { patternMatches } from '../../src/broker/index.ts'
import type { ConsumerPlan, ProducerPlan, ScenarioPlan, SimEvent } from '../plan/index.ts'
import type { Delivery, Watcher } from '../watcher.ts'
import type { GiveUp, MessageRecord } from '../workload/ledger.ts'
import { BridgeMeter } from './bridge-meter.ts'
import { BrokerMeter } from './broker-meter.ts'
import { checkExpectations } from './check-expectations.ts'
import { DestinationTally, destinationOf } from './destination-tally.ts'
import { FateBook } from './fate-book.ts'
import { FaultMeter } from './fault-meter.ts'
import { type Flow, FlowTable } from './flow-table.ts'
import { bucketOf, LatencyHistogram, rounded } from './latency-histogram.ts'
import type { BridgeSample, BrokerSample, ObservedWorld } from './observed-world.ts'
import { OrderMeter } from './order-meter.ts'
import type { Report } from './report.ts'
import { SeriesRecorder } from './series-recorder.ts'
import { WaysLeft } from './ways-left.ts'

/** What a recorder cannot see by itself. */
export type RunFacts = Pick<Report, 'seed' | 'traceHash' | 'realMs' | 'events' | 'mode'> & {
  readonly complaints: readonly string[]
  /** True if somebody ended the run before its end. */
  readonly wasCalledOff?: boolean
  /** When producers stopped, if it was not when the plan says; since the network was at work. */
  readonly endedMs?: number
}

/** What a run may take after its timeline, for the length of slices. */
const afterwardsMs = 15_000
const queuePrefix = '/queue/'
const deadLetterQueue = `${queuePrefix}DLQ`

/** The shared one, or that of one destination. */
function isDeadLetterQueue(destination: string): boolean {
  return destination === deadLetterQueue || destination.startsWith(`${deadLetterQueue}.`)
}

/** Everything that counts from when the network is at work. */
interface Counts {
  readonly brokers: BrokerMeter
  readonly series: SeriesRecorder
  /** By kind, then by name. */
  readonly tallies: Readonly<Record<MessageRecord['kind'], Map<string, DestinationTally>>>
  readonly latency: LatencyHistogram
  readonly order: OrderMeter
  readonly faults: readonly FaultMeter[]
}

/** See the top of this file. */
export class RunRecorder implements Watcher {
  private readonly world: ObservedWorld
  private readonly plan: ScenarioPlan
  private readonly producers: ReadonlyMap<string, ProducerPlan>
  private readonly consumers: ReadonlyMap<string, ConsumerPlan>
  private readonly present: Set<string>
  private readonly bridges: BridgeMeter
  private readonly ways: WaysLeft
  private readonly flows = new FlowTable()
  private readonly fates = new FateBook()
  /** Of what was taken before the network was at work: it takes its place in queues, no more. */
  private readonly earlier = new DestinationTally('', false)
  private counts: Counts
  private fromMs: number
  private stepsLeft: number
  private lastStepMs: number | undefined = undefined
  private isSettling = false

  constructor(world: ObservedWorld, plan: ScenarioPlan) {
    const { topology } = world
    this.world = world
    this.plan = plan
    this.producers = new Map(plan.producers.map((one) => [one.name, one]))
    this.consumers = new Map(plan.consumers.map((one) => [one.name, one]))
    this.present = new Set(
      plan.consumers.filter(({ isLate }) => isLate !== true).map(({ name }) => name)
    )
    this.bridges = new BridgeMeter(topology.links)
    const late = Object.entries(plan.overrides ?? {}).filter(([, { isLate }]) => isLate === true)
    this.ways = new WaysLeft(
      topology,
      late.map(([broker]) => broker)
    )
    this.fromMs = world.atWorkMs
    this.stepsLeft = plan.timeline.length
    this.counts = this.newCounts()
  }

  /** The report of all that happened until now. To be called once, at the end. */
  finish(facts: RunFacts): Report {
    const atMs = this.advance()
    const { world, plan, counts } = this
    const samples = this.look(atMs)
    this.fates.finish(world.nowMs, samples, facts.wasCalledOff)
    const { queue, topic } = counts.tallies
    const tallies = [...queue.values(), ...topic.values()]
    for (const tally of tallies) tally.endGap(world.nowMs)
    const { endedMs, complaints, ...known } = facts
    const report: Report = {
      scenario: plan.name,
      about: plan.about,
      topology: world.topology.name,
      ...known,
      runMs: rounded(atMs),
      endedMs: rounded(endedMs ?? this.endedMs(atMs)),
      brokers: counts.brokers.report(atMs),
      bridges: this.bridges.report(atMs),
      destinations: tallies
        .map((tally) => tally.report())
        .sort((one, other) => (one.destination < other.destination ? -1 : 1)),
      faults: counts.faults.map((fault) => fault.report(atMs)),
      series: counts.series.finish(atMs, samples, this.bridges.bytes),
      expectations: [],
      complaints,
      latencyMs: counts.latency.percentiles()
    }
    return { ...report, expectations: checkExpectations(report, plan.expectations ?? []) }
  }

  // Watcher

  onEvent(event: SimEvent): void {
    const atMs = this.advance()
    this.ways.onEvent(event)
    if (event.kind === 'arrive') this.present.add(event.client)
    if (event.kind === 'leave') this.present.delete(event.client)
    this.stepsLeft -= 1
    this.lastStepMs = atMs
    this.isSettling = event.kind === 'settle'
  }

  onStable(): void {
    if (this.isSettling) this.lastStepMs = this.advance()
    this.isSettling = false
  }

  onAccepted(record: MessageRecord): void {
    const atMs = this.advance()
    const { fates } = this
    if (record.acceptedAtMs < this.fromMs) {
      fates.accept(record, this.earlier)
      return
    }
    const { brokers, series, faults } = this.counts
    const tally = this.tallyOf(record)
    tally.accepted += 1
    brokers.onAccepted(record.origin)
    series.onAccepted(atMs)
    fates.accept(record, tally)
    for (const fault of faults) fault.onAccepted(record)
  }

  onDelivered(delivery: Delivery): void {
    const { record, consumer } = delivery
    const atMs = this.advance()
    if (this.isDeadLetter(delivery)) return
    const { fates } = this
    const { nowMs } = this.world
    if (record.acceptedAtMs < this.fromMs) {
      fates.deliver(delivery, this.earlier, nowMs)
      return
    }
    const { brokers, series, order, faults, latency } = this.counts
    const tally = this.tallyOf(record)
    // Before it is booked: it may have been the last that was due.
    tally.endGap(nowMs)
    const kind = fates.deliver(delivery, tally, nowMs)
    if (kind === 'dead-letter') return
    tally.countDelivery(nowMs)
    series.onDelivered(atMs)
    const plan = this.consumers.get(consumer)
    if (plan !== undefined) brokers.onDelivered(this.world.placeOf(plan))
    if (kind === 'repeated') order.countRepeated(delivery, tally)
    else {
      if (order.isOutOfOrder(delivery)) tally.outOfOrder += 1
      const latencyMs = nowMs - record.acceptedAtMs
      const bucket = bucketOf(latencyMs)
      tally.latency.add(latencyMs, bucket)
      latency.add(latencyMs, bucket)
      series.onLatency(atMs, latencyMs, bucket)
      // A body is never shorter than its key.
      const bodyBytes = this.producers.get(record.producer)?.bodyBytes ?? 0
      tally.deliveredBytes += Math.max(bodyBytes, record.key.length + 1)
    }
    const flow = this.flows.onDelivered(delivery, nowMs)
    const acceptedMs = record.acceptedAtMs - this.fromMs
    for (const fault of faults) fault.onDelivered(delivery, flow, acceptedMs, atMs)
  }

  onGivenUp(record: MessageRecord, giveUp: GiveUp): void {
    this.advance()
    this.fates.giveUp(record, giveUp)
  }

  onDeadLettered(record: MessageRecord, broker: string): void {
    this.advance()
    this.fates.deadLetter(record, broker)
  }

  onBridge(broker: string, peer: string, isUp: boolean, last?: BridgeSample): void {
    const atMs = this.advance()
    this.bridges.onBridge({ broker, peer, isUp }, atMs, last)
    this.noteReach([broker, peer], atMs)
    if (isUp) return
    for (const fault of this.counts.faults) fault.onBridgeDown(broker, peer, atMs)
  }

  onCrash(broker: string): void {
    const atMs = this.advance()
    // What its bridges have sent is never seen again.
    this.bridges.read(this.world.samples())
    this.bridges.onCrash(broker, atMs)
    const { links } = this.world.topology
    const peers = links.flatMap(({ a, b }) => (a === broker ? [b] : b === broker ? [a] : []))
    this.noteReach([broker, ...peers], atMs)
    this.counts.brokers.setInReach(broker, false, atMs)
  }

  inspect(): void {
    const atMs = this.advance()
    const { series } = this.counts
    if (!series.isDue(atMs)) return
    this.fates.review(this.world.nowMs)
    series.sample(atMs, this.look(atMs), this.bridges.bytes)
  }

  /** Time since the network was at work. Everything begins anew when it is. */
  private advance(): number {
    const { world } = this
    if (!Object.is(world.atWorkMs, this.fromMs)) this.begin()
    const atMs = world.nowMs - this.fromMs
    for (const fault of this.counts.faults) fault.advance(atMs, world.nowMs)
    return atMs
  }

  private begin(): void {
    const { world } = this
    const samples = world.samples()
    this.fromMs = world.atWorkMs
    const atMs = world.nowMs - this.fromMs
    this.bridges.read(samples)
    this.bridges.begin(atMs)
    this.counts = this.newCounts()
    for (const { broker, isUp } of samples) {
      this.counts.brokers.setInReach(broker, this.bridges.isInReach(broker) ?? isUp, atMs)
    }
  }

  private newCounts(): Counts {
    const { world, plan, flows, ways } = this
    const ground = { flows, ways, endsOf: (flow: Flow) => this.endsOf(flow) }
    return {
      brokers: new BrokerMeter(world.topology.brokers),
      series: new SeriesRecorder(plannedMs(plan) + afterwardsMs, world.topology.brokers),
      tallies: { queue: new Map(), topic: new Map() },
      latency: new LatencyHistogram(),
      order: new OrderMeter(),
      faults: (plan.faults ?? []).map((span) => new FaultMeter(span, ground))
    }
  }

  private look(atMs: number): readonly BrokerSample[] {
    const samples = this.world.samples()
    this.bridges.read(samples)
    this.counts.brokers.read(samples, atMs)
    for (const { broker, isUp } of samples) {
      // Bridges tell at once; without any, this is how it is known.
      if (this.bridges.isInReach(broker) !== undefined) continue
      this.counts.brokers.setInReach(broker, isUp, atMs)
    }
    return samples
  }

  private noteReach(brokers: readonly string[], atMs: number): void {
    for (const broker of brokers) {
      const isInReach = this.bridges.isInReach(broker)
      if (isInReach !== undefined) this.counts.brokers.setInReach(broker, isInReach, atMs)
    }
  }

  private tallyOf(record: MessageRecord): DestinationTally {
    const { kind, destination } = record
    const tallies = this.counts.tallies[kind]
    let tally = tallies.get(destination)
    if (tally === undefined) {
      const isAwaited = kind === 'topic' || this.hasConsumer(destination)
      tally = new DestinationTally(destinationOf(record), isAwaited)
      tallies.set(destination, tally)
    }
    return tally
  }

  /** Where brokers do not mark them: somebody reads the dead-letter queue. */
  private isDeadLetter({ record, consumer, isDeadLetter }: Delivery): boolean {
    if (isDeadLetter !== undefined) return isDeadLetter
    const isReader = isDeadLetterQueue(this.consumers.get(consumer)?.destination ?? '')
    return isReader && !isDeadLetterQueue(destinationOf(record))
  }

  private hasConsumer(queue: string): boolean {
    return this.plan.consumers.some((one) => takes(one, queue))
  }

  private endsOf({ producer, consumer, destination }: Flow): { from: string; to: string[] } {
    const { world, present } = this
    const consumers = this.plan.consumers.filter(
      (one) =>
        present.has(one.name) &&
        (consumer === undefined ? takes(one, destination) : one.name === consumer)
    )
    return {
      from: world.placeOf(this.producers.get(producer)!),
      to: consumers.map((one) => world.placeOf(one))
    }
  }

  /** When the plan's course was over; the whole run if it never was. */
  private endedMs(atMs: number): number {
    const { plan, stepsLeft, lastStepMs, isSettling } = this
    if (stepsLeft > 0 || isSettling) return atMs
    return Math.min(atMs, (lastStepMs ?? 0) + plan.thenMs)
  }
}

function takes({ destination }: ConsumerPlan, queue: string): boolean {
  return (
    destination.startsWith(queuePrefix) &&
    patternMatches(destination.slice(queuePrefix.length), queue)
  )
}

function plannedMs({ timeline, thenMs }: ScenarioPlan): number {
  return timeline.reduce((sum, { afterMs }) => sum + afterMs, thenMs)
}

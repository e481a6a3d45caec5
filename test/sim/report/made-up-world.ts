// A world in which only happens what a test says: the ledger is real, the brokers are not there.

import type { ScenarioPlan } from '../../../sim/plan/index.ts'
import type { BrokerSample, ObservedWorld } from '../../../sim/report/observed-world.ts'
import type { Report } from '../../../sim/report/report.ts'
import { type RunFacts, RunRecorder } from '../../../sim/report/run-recorder.ts'
import { chain } from '../../../sim/topologies.ts'
import { Ledger, type MessageRecord } from '../../../sim/workload/ledger.ts'
import { aConsumer, aProducer } from '../small-world.ts'
import { aPlan } from './observed.ts'

/** What a delivery has that is not usual. */
interface DeliveryFacts {
  readonly consumer?: string
  readonly isRedelivered?: boolean
  readonly isDeadLetter?: boolean
}

/** Two brokers, a and b; producer p at a; consumers c and d at b. */
export class MadeUpWorld {
  readonly recorder: RunRecorder
  readonly plan: ScenarioPlan
  nowMs = 1_000
  samples: BrokerSample[] = []
  private readonly ledger = new Ledger()
  private sent = 0

  constructor(destination: string, plan: Partial<ScenarioPlan> = {}) {
    const topology = chain(2)
    this.plan = aPlan({
      topology,
      producers: [aProducer({ at: 'a', destination, bodyBytes: 100 })],
      consumers: ['c', 'd'].map((name) => aConsumer({ name, at: 'b', destination })),
      ...plan
    })
    const world: ObservedWorld = {
      atWorkMs: 1_000,
      topology,
      ledger: this.ledger,
      samples: () => this.samples,
      placeOf: ({ at }) => at,
      ...{ nowMs: 0 }
    }
    Object.defineProperty(world, 'nowMs', { get: () => this.nowMs })
    this.recorder = new RunRecorder(world, this.plan)
  }

  /** The subscription of a consumer begins. */
  subscribe(consumer: string): void {
    const { destination } = this.plan.consumers.find(({ name }) => name === consumer)!
    const [, kind, pattern] = destination.split('/')
    this.ledger.openSession({
      ...{ id: `${consumer}#1`, consumer, broker: 'b', isAuto: false },
      ...{ kind: kind === 'topic' ? 'topic' : 'queue', pattern: pattern! }
    })
  }

  unsubscribe(consumer: string): void {
    this.ledger.closeSession(`${consumer}#1`)
  }

  /** Broker a takes the next message. */
  accept(isKnown = true): MessageRecord {
    this.sent += 1
    const [, kind, destination] = this.plan.producers[0]!.destination.split('/')
    const record = this.ledger.accept(
      {
        ...{ key: `p.${this.sent}`, kind: kind === 'topic' ? 'topic' : 'queue' },
        ...{ destination: destination!, origin: 'a', acceptedAtMs: this.nowMs, phase: 0 }
      },
      { known: new Set(isKnown ? ['b'] : []), reachable: ['a', 'b'] }
    )
    this.recorder.onAccepted(record)
    return record
  }

  deliver(record: MessageRecord, facts: DeliveryFacts = {}): void {
    const { consumer = 'c', isRedelivered = false, isDeadLetter } = facts
    const delivery = { record, consumer, session: `${consumer}#1`, isRedelivered }
    this.ledger.deliver(delivery)
    this.recorder.onDelivered(isDeadLetter === undefined ? delivery : { ...delivery, isDeadLetter })
  }

  acknowledge({ key }: MessageRecord): void {
    this.ledger.acknowledge(key)
  }

  giveUp(record: MessageRecord, broker: string, reason: string): void {
    this.ledger.discard(record, { broker, reason }, true)
    this.recorder.onGivenUp(record, { broker, reason })
  }

  crash(broker: string): void {
    this.ledger.loseMemory(broker, { kind: 'memory' })
    this.recorder.onCrash(broker)
  }

  /** Time passes; those who watch look at the world. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 50) {
      this.nowMs += Math.min(50, left)
      this.recorder.inspect()
    }
  }

  holds(broker: string, queue: string, messages: number): void {
    const nothing = { waitingBytes: 0, storeBytes: 0, bridges: [] }
    const queues = [{ queue, messages }]
    this.samples = [{ broker, isUp: true, waiting: messages, queues, ...nothing }]
  }

  /** A broker holds messages in no queue that has a name. */
  parks(broker: string, messages: number): void {
    const nothing = { waitingBytes: 0, storeBytes: 0, bridges: [], queues: [] }
    this.samples = [{ broker, isUp: true, waiting: messages, ...nothing }]
  }

  finish(facts: Pick<RunFacts, 'wasCalledOff'> = {}): Report {
    return this.recorder.finish({
      ...{ seed: 'made-up', traceHash: '', realMs: 0, events: 0 },
      ...{ mode: 'simulated', complaints: [] },
      ...facts
    })
  }
}

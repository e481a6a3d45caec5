// The clients of a world by name: who is there, who comes, moves and goes.

import type { ConsumerPlan, Leaving, ProducerPlan } from './plan/index.ts'
import { SimConsumer } from './workload/consumer.ts'
import { SimProducer } from './workload/producer.ts'
import type { WorkloadPort } from './workload/workload-port.ts'

/** What clients need of a world, and what they tell it. */
export interface ClientsGround {
  readonly port: WorkloadPort
  readonly plan: {
    readonly producers: readonly ProducerPlan[]
    readonly consumers: readonly ConsumerPlan[]
  }
  /** A producer is about to come. */
  onProducer(plan: ProducerPlan): void
  /** A consumer is about to come, move or go. */
  onDisturbed(): void
  /** The connection that a subscription stands on is about to break. */
  onBreak(session: string): void
}

/** See the top of this file. */
export class SimClients {
  readonly producers = new Map<string, SimProducer>()
  readonly consumers = new Map<string, SimConsumer>()
  private readonly ground: ClientsGround
  /** Subscriptions that consumers had before they left, by name. */
  private readonly sessionsBefore = new Map<string, number>()

  constructor(ground: ClientsGround) {
    this.ground = ground
  }

  /** The client of that name, if it is there. */
  get(name: string): SimConsumer | SimProducer | undefined {
    return this.consumers.get(name) ?? this.producers.get(name)
  }

  /** The machine of a broker is off. */
  onSilence(broker: string): void {
    for (const producer of this.producers.values()) producer.onSilence(broker)
    for (const consumer of this.consumers.values()) consumer.onSilence(broker)
  }

  addProducer(plan: ProducerPlan): SimProducer {
    this.ground.onProducer(plan)
    const producer = new SimProducer(this.ground.port, plan)
    this.producers.set(plan.name, producer)
    return producer
  }

  addConsumer(plan: ConsumerPlan): SimConsumer {
    this.ground.onDisturbed()
    const { name } = plan
    const consumer = new SimConsumer(this.ground.port, plan, this.sessionsBefore.get(name) ?? 0)
    this.consumers.set(name, consumer)
    return consumer
  }

  /** Sends a client to another broker, or away from one and back; does nothing without it. */
  move(name: string, broker: string, leaving: Leaving): void {
    const found = this.get(name)
    if (found === undefined) return
    this.ground.onDisturbed()
    if (leaving === 'abrupt') this.breakSession(name)
    found.moveTo(broker, leaving)
  }

  /** Ends a consumer for good. */
  stopConsumer(name: string, leaving: Leaving): void {
    this.ground.onDisturbed()
    if (leaving === 'abrupt') this.breakSession(name)
    const consumer = this.consumers.get(name)!
    this.sessionsBefore.set(name, consumer.sessions)
    consumer.stop(leaving)
    this.consumers.delete(name)
  }

  /** Brings a client of the plan that is not there. */
  arrive(client: string): void {
    const { plan } = this.ground
    const consumer = plan.consumers.find(({ name }) => name === client)
    if (consumer !== undefined && !this.consumers.has(client)) this.addConsumer(consumer)
    const producer = plan.producers.find(({ name }) => name === client)
    if (producer === undefined) return
    const known = this.producers.get(client)
    if (known === undefined) this.addProducer(producer)
    else known.comeBack()
  }

  /** Ends a client for good. */
  leave(name: string, leaving: Leaving): void {
    if (this.consumers.has(name)) this.stopConsumer(name, leaving)
    else this.producers.get(name)?.leave(leaving)
  }

  /** A client's connection is about to be reset; false without it. */
  drop(name: string): boolean {
    if (this.get(name) === undefined) return false
    this.ground.onDisturbed()
    this.breakSession(name)
    return true
  }

  /** A consumer reads and says nothing until it wakes, or its connection ends. */
  stall(name: string): void {
    const consumer = this.consumers.get(name)
    if (consumer === undefined) return
    this.ground.onDisturbed()
    consumer.stall()
  }

  wake(name: string): void {
    const consumer = this.consumers.get(name)
    if (consumer === undefined) return
    this.ground.onDisturbed()
    consumer.wake()
  }

  wakeAll(): void {
    for (const consumer of this.consumers.values()) consumer.wake()
  }

  /** A client says what ends its connection. */
  misspeak(name: string, what: 'bytes' | 'frame'): void {
    if (this.drop(name)) this.get(name)!.misspeak(what)
  }

  private breakSession(name: string): void {
    const session = this.consumers.get(name)?.sessionId
    if (session !== undefined) this.ground.onBreak(session)
  }
}

/** A client has a host of its own, even if it is called as a broker is. */
export function clientHost(client: string): string {
  return `client ${client}`
}

// One broker's core on virtual time, for tests: its clock, store and log are simulated, its
// consumers note what they are given, and messages are built from what matters to a test.

import { SimClock, SimLogger, SimStore } from '../../sim/fakes/index.ts'
import { SimScheduler } from '../../sim/scheduler.ts'
import { assert } from '../../src/base/index.ts'
import {
  Broker,
  type BrokerIdentity,
  type BrokerLimits,
  type BrokerRules,
  type Consumer,
  type DeadLetterRules,
  type DeliveryPolicy,
  type DestinationKind,
  defaultBrokerLimits,
  defaultDeadLetter,
  defaultRedelivery,
  type FlowGate,
  type LimitRules,
  Message,
  type MessageFilter,
  messageOrigin,
  type QueueEntry,
  type RedeliveryRules,
  type SubscribeOptions,
  type Subscription
} from '../../src/broker/index.ts'

/** What a test says of a message; the rest is of no matter. */
export interface MessageFacts {
  readonly kind?: DestinationKind
  readonly to?: string
  readonly body?: string
  /** Header lines as they are encoded, each with its newline. */
  readonly headers?: string
  readonly isPersistent?: boolean
  readonly expiresInMs?: number
  readonly priority?: number
}

/** One delivery a {@link TestConsumer} was given. */
export interface Delivery {
  readonly body: string
  readonly message: Message
  readonly entry: QueueEntry | undefined
  readonly isRedelivered: boolean
}

/** A consumer that notes deliveries and keeps those it owes an acknowledgement. */
export class TestConsumer implements Consumer {
  credit: number
  /** Changed by tests of proxies only. */
  cost: number
  readonly filter: MessageFilter | undefined
  readonly settlesOnDispatch: boolean
  readonly capacity: number
  readonly deliveries: Delivery[] = []
  readonly unsettled: QueueEntry[] = []
  subscription: Subscription | undefined = undefined
  /** For tests that keep track of durable subscriptions. */
  durableName = ''
  /** Set to see each delivery as it is made. */
  onDelivery: (delivery: Delivery) => void = () => {}

  constructor(facts: ConsumerFacts = {}) {
    this.credit = facts.credit ?? 1_000_000
    this.cost = facts.cost ?? 0
    this.filter = facts.filter
    this.settlesOnDispatch = facts.settles ?? false
    this.capacity = facts.capacity ?? 10
  }

  deliver(message: Message, entry: QueueEntry | undefined, isRedelivered: boolean): void {
    assert(this.credit >= 0, 'a consumer is never given more than its credit')
    const delivery = { body: bodyOf(message), message, entry, isRedelivered }
    this.deliveries.push(delivery)
    if (entry !== undefined) this.unsettled.push(entry)
    this.onDelivery(delivery)
  }

  /** Bodies delivered so far; those flagged redelivered have an 'r' before them. */
  bodies(): string[] {
    return this.deliveries.map(({ body, isRedelivered }) => `${isRedelivered ? 'r' : ''}${body}`)
  }

  /** What was delivered since the last call. */
  taken(): string[] {
    const bodies = this.bodies()
    this.deliveries.length = 0
    return bodies
  }

  /** Grants more deliveries as the owner of a consumer must. */
  grant(credit: number): void {
    const before = this.credit
    this.credit += credit
    if (before === 0 && this.credit > 0) this.subscription?.onCredit()
  }

  /** Acknowledges the oldest `count` deliveries, without new credit. */
  ack(count = 1): void {
    for (const entry of this.unsettled.splice(0, count)) entry.queue.settle(entry)
  }

  /** Its connection dies, and that counts. */
  loseConnection(): void {
    const entries = this.unsettled.splice(0)
    this.credit = 0
    this.subscription?.lose(entries)
    this.subscription = undefined
  }

  /** Leaves: what it owes goes back. */
  die(maySeen = true): void {
    const entries = this.unsettled.splice(0)
    this.credit = 0
    this.subscription?.close(entries, maySeen)
    this.subscription = undefined
  }
}

/** What a test says of a consumer. */
export interface ConsumerFacts {
  readonly credit?: number
  readonly cost?: number
  readonly filter?: MessageFilter | undefined
  /** True for a consumer that settles as it is given messages. */
  readonly settles?: boolean
  /** Deliveries it says that it takes at once; 10, as its demand does. */
  readonly capacity?: number
}

/** What a test says of a subscription. */
export type SubscriptionFacts = Partial<Omit<SubscribeOptions, 'consumer'>>

/** What a broker that is not alone in its world stands on. */
export interface BrokerGround {
  readonly scheduler?: SimScheduler
  readonly name?: string
  readonly incarnation?: number
  readonly policies?: readonly DeliveryPolicy[]
  readonly rules?: BrokerRules
}

/** See the top of this file. */
export class BrokerWorld {
  readonly scheduler: SimScheduler
  clock: SimClock
  store: SimStore
  readonly logger: SimLogger
  broker: Broker
  /** Changes of demand the broker told: '+queue://orders 10', '-…', 'full …', 'room …'. */
  readonly demand: string[] = []
  private identity: BrokerIdentity
  private readonly limits: BrokerLimits
  private readonly policies: readonly DeliveryPolicy[]
  private readonly rules: BrokerRules
  private readonly remoteOrigin = messageOrigin('elsewhere', 1)
  private remoteSequence = 0

  constructor(limits: Partial<BrokerLimits> = {}, ground: BrokerGround = {}) {
    const { name = 'hub', incarnation = 1, policies = [], rules = {} } = ground
    this.policies = policies
    this.rules = rules
    this.identity = { name, incarnation }
    // Its store is a durable one: what a test says of a queue's size is meant for such.
    const { queueMessagesMax, queueBytesMax } = { ...defaultBrokerLimits, ...limits }
    this.limits = {
      ...defaultBrokerLimits,
      ...{ storedQueueMessagesMax: queueMessagesMax, storedQueueBytesMax: queueBytesMax },
      ...limits
    }
    this.scheduler = ground.scheduler ?? new SimScheduler({ seed: 1, isFifo: true })
    this.clock = new SimClock(this.scheduler, { name })
    this.store = new SimStore(this.scheduler, { name })
    this.logger = new SimLogger({ nowMs: () => this.clock.monotonicMs() })
    this.broker = this.newBroker()
  }

  /**
   * Crashes the broker, and starts it again on what its store has on disk.
   * @param beforeRecovery what a station does before it goes on with that
   */
  crash(beforeRecovery: (broker: Broker) => void = () => {}): void {
    const { name, incarnation } = this.identity
    const image = this.store.crash()
    this.clock.stop()
    this.identity = { name, incarnation: incarnation + 1 }
    this.clock = new SimClock(this.scheduler, { name })
    this.store = new SimStore(this.scheduler, { name, image })
    this.broker = this.newBroker()
    beforeRecovery(this.broker)
    this.broker.recover()
  }

  /** Begins anew with the store there is. */
  renew(): void {
    this.broker = this.newBroker()
  }

  private newBroker(): Broker {
    const { clock, logger, store, identity, limits, policies } = this
    return new Broker({ clock, logger, store }, identity, limits, { policies, ...this.rules })
  }

  /** Joins the broker to a network that notes demand and forwards nothing. */
  joinNobody(): void {
    this.broker.join(
      {
        forwardTopic: () => undefined,
        forwardTemporary: () => undefined,
        onQueueAdded: () => {},
        onQueueRemoved: () => {}
      },
      {
        onConsumerAdded: (kind, pattern, { weight }) =>
          this.demand.push(`+${kind}://${pattern} ${weight}`),
        onConsumerRemoved: (kind, pattern, { weight }) =>
          this.demand.push(`-${kind}://${pattern} ${weight}`),
        onPressure: (kind, pattern, isFull) =>
          this.demand.push(`${isFull ? 'full' : 'room'} ${kind}://${pattern}`)
      }
    )
  }

  /** A message of this broker; to the queue `orders` unless told otherwise. */
  aMessage(facts: MessageFacts = {}): Message {
    return this.fill(this.broker.newMessage(this.destinationOf(facts)), facts)
  }

  /** A message that another broker accepted and sent here. */
  aForwarded(facts: MessageFacts = {}): Message {
    this.remoteSequence += 1
    const destination = this.destinationOf(facts)
    const message = new Message(destination, this.remoteOrigin, this.remoteSequence)
    message.brokerPath = ['elsewhere']
    return this.fill(message, facts)
  }

  /** Publishes a message of those facts. */
  publish(facts: MessageFacts = {}): FlowGate | undefined {
    return this.broker.publish(this.aMessage(facts))
  }

  /** Publishes one message for each body. */
  publishAll(bodies: Iterable<string>, facts: MessageFacts = {}): void {
    for (const body of bodies) this.publish({ ...facts, body })
  }

  /** Subscribes a new consumer; to the queue `orders` unless told otherwise. */
  subscribe(facts: ConsumerFacts = {}, options: SubscriptionFacts = {}): TestConsumer {
    const isTopic = options.kind === 'topic'
    const consumer = this.consumer(isTopic ? { ...facts, filter: undefined } : facts)
    this.attach(consumer, { filter: facts.filter, ...options })
    return consumer
  }

  /** A consumer that is not subscribed yet. */
  consumer(facts: ConsumerFacts = {}): TestConsumer {
    return new TestConsumer(facts)
  }

  /** Subscribes a consumer; to the queue `orders` unless told otherwise. */
  attach(consumer: TestConsumer, options: SubscriptionFacts = {}): void {
    consumer.subscription = this.broker.subscribe({
      kind: 'queue',
      pattern: 'orders',
      weight: 10,
      ...options,
      consumer
    })
  }

  /** Ends the turn: what was put off until then is done. */
  endTurn(): void {
    this.scheduler.runFor(0)
  }

  /** Lets time pass. */
  run(spanMs: number): void {
    this.scheduler.runFor(spanMs)
  }

  private destinationOf({ kind = 'queue', to = 'orders' }: MessageFacts) {
    return this.broker.destinations.get(kind, to)
  }

  private fill(message: Message, facts: MessageFacts): Message {
    const headers = Buffer.from(facts.headers ?? '')
    message.headers = headers
    message.headersEnd = headers.length
    message.body = Buffer.from(facts.body ?? '')
    message.bodyEnd = message.body.length
    message.isPersistent = facts.isPersistent ?? false
    message.priority = facts.priority ?? 4
    if (facts.expiresInMs !== undefined) {
      message.expiresAtMs = this.clock.monotonicMs() + facts.expiresInMs
    }
    return message
  }
}

/** What a test says of a policy; the rest is as by default, and for the queue `orders`. */
export interface PolicyFacts {
  readonly kind?: DeliveryPolicy['kind']
  readonly pattern?: string
  readonly redelivery?: Partial<RedeliveryRules>
  readonly deadLetter?: Partial<DeadLetterRules>
  readonly limits?: LimitRules
}

/** A policy of those facts. */
export function aPolicy(facts: PolicyFacts = {}): DeliveryPolicy {
  const { kind = 'queue', pattern = 'orders', redelivery, deadLetter, limits } = facts
  return {
    ...{ kind, pattern },
    redelivery: { ...defaultRedelivery, ...redelivery },
    deadLetter: { ...defaultDeadLetter, ...deadLetter },
    limits
  }
}

/** The body as text. */
export function bodyOf(message: Message): string {
  return message.body.toString('utf8', message.bodyStart, message.bodyEnd)
}

/** '1', '2' … up to the last. */
export function numbers(last: number, first = 1): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}`)
}

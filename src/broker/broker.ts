// The core of one broker: queues, topic subscriptions and the messages between them. It knows
// nothing of sockets, client protocols or the network; those hold it and are held through
// interfaces.

import { mark, PostroadError } from '../base/index.ts'
import type { Clock, Logger, MessageStore } from '../ports/index.ts'
import { Admission } from './admission.ts'
import type { BrokerLimits } from './broker-limits.ts'
import type { Consumer, MessageFilter } from './consumer.ts'
import { DeadLetterOffice } from './dead-letter-office.ts'
import { type DeadLetterCause, isDeadLetterQueue } from './dead-letters.ts'
import { checkDestinationName, type Destination, DestinationTable } from './destination.ts'
import {
  durableQueueName,
  forgetDurable,
  isDurableQueueName,
  keepDurable,
  keptDurables
} from './durable-facts.ts'
import type { FlowGate } from './flow-gate.ts'
import type { DemandListener, Forwarder } from './forwarder.ts'
import type { WhenFull } from './limit-rules.ts'
import { MemoryAccount } from './memory-account.ts'
import { Message, type MessageOrigin, messageOrigin } from './message.ts'
import { NonDeliveryCounts, type NonDeliveryReason } from './non-delivery.ts'
import { Queue } from './queue.ts'
import type { QueueContext } from './queue-context.ts'
import type { QueueEntry } from './queue-entry.ts'
import { queueBounds } from './queue-options.ts'
import { Queues } from './queues.ts'
import { Redelivery } from './redelivery.ts'
import { DeliveryPolicies, type DeliveryPolicy } from './redelivery-policy.ts'
import { selectorFilter } from './selector-filter.ts'
import { Spool } from './spool.ts'
import { type DurableCallback, StoreWriter } from './store-writer.ts'
import { Subscription } from './subscription.ts'
import { type DurableName, TopicSubscription } from './topic-subscription.ts'
import { Topics } from './topics.ts'

/** What a broker is made of. */
export interface BrokerDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly store: MessageStore
}

/** Who a broker is: its name in the network and which of its lives this is. */
export interface BrokerIdentity {
  readonly name: string
  readonly incarnation: number
}

/** A wish to receive. */
export interface SubscribeOptions {
  readonly kind: 'queue' | 'topic' | 'temp-queue'
  /** Name, or for queues and topics a pattern. */
  readonly pattern: string
  readonly consumer: Consumer
  /** Deliveries the consumer takes at once; other brokers weigh by it. */
  readonly weight: number
  /** For topics: keeps messages while the subscriber is away. */
  readonly durable?: DurableName | undefined
  /** For topics: which messages to take (a queue's consumer carries its own). */
  readonly filter?: MessageFilter | undefined
}

/** What is done by destination, and what a broker does where that does not say. */
export interface BrokerRules {
  /** What is done with failed deliveries, and bounds, by destination; the first match counts. */
  readonly policies?: readonly DeliveryPolicy[] | undefined
  /** What happens to producers when a queue, the memory or the spool is full; else `wait`. */
  readonly whenFull?: WhenFull | undefined
  /** The same for persistent messages when the store is at its bound; `refuse` if not said. */
  readonly whenStoreFull?: WhenFull | undefined
}

/** Counters of a broker's core since its start. */
export interface BrokerCounters {
  /** Messages accepted from producers of this broker. */
  published: number
  /** Messages accepted from other brokers. */
  received: number
  deadLettered: number
  /** Messages that producers of this broker were told are not taken. */
  refused: number
}

const never = (): boolean => false
/** What is parked for one broker of many is held in memory in small parts only. */
const parkedWindowMessagesMax = 1_024
const parkedWindowBytesMax = 1024 * 1024

/** What a dead letter says. */
const noQueueLeft: DeadLetterCause = {
  code: 'no-room',
  text: 'this broker has no room for another queue (limits.destinationsMax)'
}

/** One broker's core. */
export class Broker {
  readonly identity: BrokerIdentity
  readonly origin: MessageOrigin
  readonly limits: BrokerLimits
  readonly destinations = new DestinationTable()
  readonly queues: Queues
  readonly topics = new Topics()
  readonly memory: MemoryAccount
  readonly spool: Spool
  readonly store: StoreWriter
  /** What becomes of messages that failed. */
  readonly letters: DeadLetterOffice
  readonly notDelivered = new NonDeliveryCounts()
  readonly counters: BrokerCounters = {
    ...{ published: 0, received: 0, deadLettered: 0, refused: 0 }
  }
  private readonly clock: Clock
  private readonly logger: Logger
  private readonly context: QueueContext
  private readonly policies: DeliveryPolicies
  private readonly redelivery: Redelivery
  private readonly admission: Admission
  private forwarder: Forwarder | undefined = undefined
  private demand: DemandListener | undefined = undefined
  private readonly pressedTopics = new Map<string, number>()
  private sequence = 0
  private subscriptionNumber = 0
  private temporaryNumber = 0

  constructor(
    deps: BrokerDependencies,
    identity: BrokerIdentity,
    limits: BrokerLimits,
    { policies = [], whenFull = 'wait', whenStoreFull = 'refuse' }: BrokerRules = {}
  ) {
    const { clock, logger } = deps
    this.clock = clock
    this.logger = logger
    this.identity = identity
    this.limits = limits
    this.origin = messageOrigin(identity.name, identity.incarnation)
    this.memory = new MemoryAccount(clock, limits.memoryBytesMax)
    this.store = new StoreWriter(clock, deps.store, logger)
    this.spool = new Spool({ clock, logger, store: this.store }, limits.spoolBytesMax)
    this.store.onWorkingAgain = () => this.spool.openIfRoom()
    this.policies = new DeliveryPolicies(policies, limits.refusalsMax)
    const { memory, spool, store, destinations } = this
    this.context = {
      ...{ clock, logger, limits, memory, spool, store, destinations, whenFull },
      policies: this.policies,
      discard: (message, reason) => this.discard(message, reason)
    }
    this.redelivery = new Redelivery(deps.clock, this.policies, (entry, cause) => {
      if (this.letters.bury(entry.message, cause)) return
      // A dead letter that is refused as well has nowhere else to go.
      if (isDeadLetterQueue(entry.message.destination)) mark('dead-letter-refused')
      this.discard(entry.message, 'refused')
    })
    this.queues = new Queues(this.context, {
      onAdded: (queue) => this.forwarder?.onQueueAdded(queue),
      onRemoved: (queue) => this.forwarder?.onQueueRemoved(queue),
      onPressure: (name, isPressed) => this.demand?.onPressure('queue', name, isPressed)
    })
    const { queues, topics, counters } = this
    this.letters = new DeadLetterOffice({
      ...{ clock, logger, store, identity, counters, destinations, queues },
      policies: this.policies,
      newMessage: (destination) => this.newMessage(destination),
      route: (message) => this.route(message)
    })
    this.admission = new Admission({
      ...{ memory, spool, store, queues, topics, whenFull, whenStoreFull },
      policies: this.policies
    })
  }

  /** Connects the core with the network. Once, before the first message. */
  join(forwarder: Forwarder, demand: DemandListener): void {
    this.forwarder = forwarder
    this.letters.isNetworked = true
    this.demand = demand
  }

  /** A fresh message with an id of this broker, to be filled and published. */
  newMessage(destination: Destination): Message {
    return new Message(destination, this.origin, ++this.sequence)
  }

  /**
   * Takes a message from a producer of this broker.
   * @param isPrepared true if `prepare` let it pass in this turn: then it is taken in any case
   * @returns the gate the producer must wait at before sending more, if something is full
   * @throws PostroadError what `prepare` throws
   */
  publish(message: Message, isPrepared = false): FlowGate | undefined {
    if (!isPrepared) this.admit(message)
    this.counters.published += 1
    if (this.discardIfExpired(message)) return undefined
    const gate = this.route(message)
    if (this.memory.isFull && !this.admission.refuses(message)) {
      mark('memory-full')
      return this.memory.gate
    }
    if (message.isPersistent && this.store.failure !== undefined) {
      mark('store-is-waited-for')
      return this.store.gate
    }
    return gate
  }

  /**
   * Makes sure that a message can be published, as before a group of them.
   * @throws PostroadError LOCAL_LIMIT_REACHED if it would need one queue too many; LOCAL_QUEUE_FULL
   *   or LOCAL_BROKER_FULL where what is full refuses producers; the code of the store's failure
   *   for a persistent one while the store takes nothing
   */
  prepare(message: Message): void {
    this.admit(message)
    if (message.destination.kind === 'queue') this.queues.get(message.destination)
  }

  /** Why a message would not be taken from a producer just now; undefined if it would. */
  refusalOf(message: Message): PostroadError | undefined {
    return this.admission.refusalOf(message)
  }

  /**
   * Calls back, at once or later, when all that producers sent so far is durable, or with the
   * reason why it is not. Where producers wait for a full store this waits as well.
   * @param isPatient asked when the store fails: true to go on waiting
   */
  whenKept(callback: DurableCallback, isPatient = never): void {
    this.store.whenDurable((error) => {
      const isWaiting = error !== undefined && (isPatient() || this.admission.isWaitedFor(error))
      if (isWaiting) this.whenKept(callback, isPatient)
      else callback(error)
    })
  }

  /**
   * Goes on with what an earlier life left in the store: queues with their messages, and durable
   * subscriptions. Once, before the first message.
   */
  recover(): void {
    if (!this.store.isWanted) return
    const durables = new Map<string, Queue>()
    for (const { name, pattern, selector } of keptDurables(this.store)) {
      const filter = selector === undefined ? undefined : selectorFilter(selector)
      const wish = { pattern, durable: name, filter, weight: 1 }
      const { queue } = this.findOrAddTopicSubscription(wish)
      durables.set(queue.name, queue)
    }
    for (const name of this.store.queues()) {
      if (!isDurableQueueName(name) && name.includes(' ')) continue // of the network
      const queue = isDurableQueueName(name) ? durables.get(name) : this.queues.recovered(name)
      if (queue === undefined) this.logger.warn('stored-queue-unknown', { queue: name })
      else queue.recover(this.store.summary(name)!)
    }
  }

  /** Takes a message another broker sent to consumers of this one. */
  acceptForwarded(message: Message): void {
    this.counters.received += 1
    if (this.discardIfExpired(message)) return
    const { destination } = message
    if (destination.kind === 'topic') this.topics.deliver(message, true)
    else if (destination.kind === 'temp-queue') this.enqueueTemporary(message, true)
    else {
      const queue = this.queues.getIfRoom(destination)
      if (queue !== undefined) queue.enqueue(message, true)
      else {
        mark('queue-limit-dead-letters-forwarded')
        this.letters.bury(message, noQueueLeft)
      }
    }
  }

  /** True if a message from another broker would have a place here. */
  hasPlaceFor({ destination }: Message): boolean {
    return destination.kind !== 'queue' || this.queues.hasPlace(destination)
  }

  /**
   * Takes messages back into their queue that left for other brokers and could not get there.
   * @param messages oldest first
   */
  takeBack(destination: Destination, messages: readonly Message[]): void {
    const queue = this.queues.getIfRoom(destination)
    if (queue !== undefined) queue.restore(messages)
    else {
      mark('queue-limit-dead-letters-returned')
      for (const message of messages) this.letters.bury(message, noQueueLeft)
    }
  }

  /**
   * Counts a message that will not be delivered. What expired in a queue makes a dead letter where
   * the policy says so; whoever takes it out of the store does so in the same turn.
   */
  discard(message: Message, reason: NonDeliveryReason): void {
    if (reason === 'expired') this.letters.buryExpired(message)
    this.notDelivered.add(reason)
    this.logger.debug('not-delivered', { message: message.id, reason })
  }

  /**
   * Attaches a consumer.
   * @throws PostroadError LOCAL_DESTINATION_INVALID for a bad pattern, LOCAL_LIMIT_REACHED for one
   *   subscription too many or a durable subscription that is in use
   */
  subscribe(options: SubscribeOptions): Subscription {
    checkDestinationName(options.pattern, true)
    if (options.kind === 'topic') return this.subscribeToTopic(options)
    const { kind, pattern, consumer, weight } = options
    const wish = { weight, selector: consumer.filter?.text }
    const subscription = this.newSubscription(consumer, () => {
      this.queues.unsubscribe(pattern, subscription)
      if (kind === 'queue') this.demand?.onConsumerRemoved('queue', pattern, wish)
    })
    if (kind === 'temp-queue') {
      subscription.attach(this.queues.temporary(pattern))
      return subscription
    }
    // What may be refused comes first, so that a refusal leaves nothing behind.
    this.queues.prepare(pattern)
    this.demand?.onConsumerAdded('queue', pattern, wish)
    this.queues.subscribe(pattern, subscription)
    return subscription
  }

  /** Deletes a durable subscription and what it holds; answers whether there was one. */
  deleteDurable(name: DurableName): boolean {
    const subscription = this.topics.durable(name)
    if (subscription === undefined) return false
    if (subscription.consumer !== undefined) {
      mark('durable-in-use')
      throw durableInUse(name)
    }
    this.removeTopicSubscription(subscription, 1)
    return true
  }

  /**
   * A queue for messages that wait here for a way to another broker. It is nobody's destination;
   * whoever asks for it takes what is in it, and removes it.
   */
  openParked(name: string): Queue {
    const { limits } = this
    const window = {
      queueWindowMessages: Math.min(limits.queueWindowMessages, parkedWindowMessagesMax),
      queueWindowBytes: Math.min(limits.queueWindowBytes, parkedWindowBytesMax)
    }
    return new Queue(
      { ...this.context, limits: { ...limits, ...window } },
      {
        ...{ kind: 'parked', name, isStored: true, isDurable: true },
        ...queueBounds(this.context, true, { whenFull: 'wait' }),
        onPressure: () => {}
      }
    )
  }

  /** Makes a temporary queue; its name says which broker it is at. */
  createTemporaryQueue(): Queue {
    const { name, incarnation } = this.identity
    const number = ++this.temporaryNumber
    return this.queues.addTemporary(`${name}.${incarnation.toString(36)}.${number}`)
  }

  /** A consumer refused a message: offered again, and after too many refusals dead-lettered. */
  refuse(entry: QueueEntry): void {
    this.redelivery.refuse([entry])
  }

  /** A consumer refused several messages at once. They go back together, in their order. */
  refuseAll(entries: readonly QueueEntry[]): void {
    this.redelivery.refuse(entries)
  }

  /** Periodic work: expiry and queues nobody uses. To be called every few seconds. */
  sweep(): void {
    const nowMs = this.clock.monotonicMs()
    this.queues.sweep(nowMs)
    for (const subscription of this.topics.all()) subscription.queue.sweep(nowMs)
  }

  private admit(message: Message): void {
    const refusal = this.admission.refusalOf(message)
    if (refusal === undefined) return
    this.counters.refused += 1
    throw refusal
  }

  private discardIfExpired(message: Message): boolean {
    const { expiresAtMs } = message
    if (expiresAtMs === 0 || expiresAtMs > this.clock.monotonicMs()) return false
    mark('message-expired-on-arrival')
    this.discard(message, 'expired')
    return true
  }

  private route(message: Message): FlowGate | undefined {
    const { destination } = message
    switch (destination.kind) {
      case 'queue':
        return this.queues.get(destination).enqueue(message, false)
      case 'topic': {
        const gate = this.topics.deliver(message, false)
        return this.forwarder?.forwardTopic(message) ?? gate
      }
      case 'temp-queue':
        return this.enqueueTemporary(message, false)
    }
  }

  private enqueueTemporary(message: Message, isForwarded: boolean): FlowGate | undefined {
    const { name } = message.destination
    const owner = name.slice(0, name.indexOf('.'))
    if (owner !== this.identity.name && this.forwarder !== undefined) {
      return this.forwarder.forwardTemporary(message, owner)
    }
    const queue = this.queues.findTemporary(name)
    if (queue === undefined) {
      mark('temp-queue-gone')
      this.discard(message, 'temp-queue-gone')
    } else if (queue.isFull) {
      // One requester that takes no replies must not hold back the server that answers them all.
      mark('temp-queue-full')
      this.discard(message, 'temp-queue-full')
    } else {
      queue.enqueue(message, isForwarded)
    }
    return undefined
  }

  private subscribeToTopic(options: SubscribeOptions): Subscription {
    const { consumer, durable, weight } = options
    const topicSubscription = this.findOrAddTopicSubscription(options)
    topicSubscription.consumer = consumer
    const subscription = this.newSubscription(consumer, () => {
      topicSubscription.consumer = undefined
      if (durable === undefined) this.removeTopicSubscription(topicSubscription, weight)
    })
    subscription.attach(topicSubscription.queue)
    return subscription
  }

  private newSubscription(consumer: Consumer, onClose: () => void): Subscription {
    return new Subscription(consumer, {
      onClose,
      lose: (unsettled) => this.redelivery.lose(unsettled)
    })
  }

  private findOrAddTopicSubscription(
    options: Pick<SubscribeOptions, 'pattern' | 'durable' | 'filter' | 'weight'>
  ): TopicSubscription {
    const { pattern, durable, filter, weight } = options
    if (durable !== undefined) {
      const existing = this.topics.durable(durable)
      if (existing?.consumer !== undefined) {
        mark('durable-in-use')
        throw durableInUse(durable)
      }
      if (existing !== undefined && isSameWish(existing, pattern, filter)) return existing
      if (existing !== undefined) {
        mark('durable-wish-changed')
        this.removeTopicSubscription(existing, 1)
      }
    }
    if (this.topics.size >= this.limits.destinationsMax) {
      mark('topic-subscriptions-limit-reached')
      throw limitReached('topic subscriptions', this.limits.destinationsMax)
    }
    const isDurable = durable !== undefined
    const wish = { weight: isDurable ? 1 : weight, isDurable, selector: filter?.text }
    this.demand?.onConsumerAdded('topic', pattern, wish)
    const subscription = new TopicSubscription(this.context, {
      pattern,
      durable,
      filter,
      name: subscriptionQueueName(durable, ++this.subscriptionNumber),
      onPressure: (isPressed) => this.onTopicPressure(pattern, isPressed)
    })
    this.topics.add(subscription)
    if (durable !== undefined) keepDurable(this.store, durable, pattern, filter)
    return subscription
  }

  private removeTopicSubscription(subscription: TopicSubscription, weight: number): void {
    this.topics.remove(subscription)
    subscription.remove()
    const { pattern, durable, filter } = subscription
    if (durable !== undefined) forgetDurable(this.store, durable)
    const wish = { weight, isDurable: durable !== undefined, selector: filter?.text }
    this.demand?.onConsumerRemoved('topic', pattern, wish)
  }

  /** Several subscriptions may share a pattern: it is full while any of them is. */
  private onTopicPressure(pattern: string, isPressed: boolean): void {
    const before = this.pressedTopics.get(pattern) ?? 0
    const after = before + (isPressed ? 1 : -1)
    if (after === 0) this.pressedTopics.delete(pattern)
    else this.pressedTopics.set(pattern, after)
    if ((before === 0) !== (after === 0)) this.demand?.onPressure('topic', pattern, after > 0)
  }
}

function isSameWish(
  subscription: TopicSubscription,
  pattern: string,
  filter: MessageFilter | undefined
): boolean {
  return subscription.pattern === pattern && subscription.filter?.text === filter?.text
}

function subscriptionQueueName(durable: DurableName | undefined, number: number): string {
  return durable === undefined ? `${number}` : durableQueueName(durable)
}

function durableInUse(name: DurableName): PostroadError {
  return new PostroadError(
    'LOCAL_LIMIT_REACHED',
    `durable subscription "${name.subscriptionName}" of client "${name.clientId}" is in use by ` +
      'another connection; disconnect that one first, or use another client-id',
    { clientId: name.clientId, subscriptionName: name.subscriptionName }
  )
}

/** The error for one thing too many. */
export function limitReached(what: string, max: number): PostroadError {
  return new PostroadError('LOCAL_LIMIT_REACHED', `this broker holds at most ${max} ${what}`, {
    max
  })
}

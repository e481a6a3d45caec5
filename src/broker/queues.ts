// The queues of one broker, by name: made when first used, removed when long unused; temporary ones
// by their connection. Subscriptions with wildcards attach to matching queues, present and to come.

import { mark, PostroadError } from '../base/index.ts'
import type { Consumer } from './consumer.ts'
import { deadLetterQueueName } from './dead-letters.ts'
import type { Destination } from './destination.ts'
import { hasWildcard, PatternIndex, patternMatches, reservedPrefix } from './destination-pattern.ts'
import { type LimitRules, noLimitRules } from './limit-rules.ts'
import { Queue } from './queue.ts'
import type { QueueContext } from './queue-context.ts'
import { type QueueKind, queueBounds } from './queue-options.ts'
import type { Subscription } from './subscription.ts'

/** An empty queue nobody asks for is removed after this many sweeps without an arrival. */
const idleSweepsMax = 12

/** What the broker wants to hear of its queues. Temporary queues are not reported. */
export interface QueuesListener {
  onAdded(queue: Queue): void
  onRemoved(queue: Queue): void
  onPressure(name: string, isPressed: boolean): void
}

/** The queues of one broker. */
export class Queues {
  private readonly context: QueueContext
  private readonly listener: QueuesListener
  private readonly byName = new Map<string, Queue>()
  private readonly temporaries = new Map<string, Queue>()
  private readonly wildcards = new PatternIndex<Subscription>()

  constructor(context: QueueContext, listener: QueuesListener) {
    this.context = context
    this.listener = listener
  }

  /**
   * The queue of a destination, made if need be. The destination remembers it.
   * @throws PostroadError LOCAL_LIMIT_REACHED for one queue too many
   */
  get(destination: Destination): Queue {
    const cached = destination.cache as Queue | undefined
    if (cached !== undefined && !cached.isRemoved) return cached
    const queue = this.getByName(destination.name)
    destination.cache = queue
    return queue
  }

  /** As `get`, for messages that cannot be refused; undefined for one queue too many. */
  getIfRoom(destination: Destination): Queue | undefined {
    const cached = destination.cache as Queue | undefined
    if (cached !== undefined && !cached.isRemoved) return cached
    const { name } = destination
    return this.byName.has(name) || this.hasRoom(name) ? this.get(destination) : undefined
  }

  /** True if `getIfRoom` would find or make a queue. */
  hasPlace(destination: Destination): boolean {
    const cached = destination.cache as Queue | undefined
    if (cached !== undefined && !cached.isRemoved) return true
    return this.byName.has(destination.name) || this.hasRoom(destination.name)
  }

  find(name: string): Queue | undefined {
    return this.byName.get(name)
  }

  findTemporary(name: string): Queue | undefined {
    return this.temporaries.get(name)
  }

  /** @throws PostroadError LOCAL_DESTINATION_INVALID if there is none of that name here */
  temporary(name: string): Queue {
    const queue = this.temporaries.get(name)
    if (queue !== undefined) return queue
    throw new PostroadError(
      'LOCAL_DESTINATION_INVALID',
      `temporary queue "${name}" does not exist at this broker`,
      { name }
    )
  }

  /**
   * The consumers of this broker that messages to a queue of that name would be offered, whether
   * there is such a queue by now or not.
   */
  consumersFor(name: string): Consumer[] {
    const queue = this.byName.get(name)
    if (queue !== undefined) return queue.consumers.local.map(({ consumer }) => consumer)
    return [...this.wildcards.match(name)].map(({ consumer }) => consumer)
  }

  /** Every queue, temporary ones last. */
  all(): Queue[] {
    return [...this.byName.values(), ...this.temporaries.values()]
  }

  /** Queues other brokers' consumers may attach to. */
  named(): IterableIterator<Queue> {
    return this.byName.values()
  }

  /** The queue of a name that an earlier life had; there is always room for those. */
  recovered(name: string): Queue {
    return this.byName.get(name) ?? this.add(name)
  }

  addTemporary(name: string): Queue {
    if (this.temporaries.size >= this.context.limits.destinationsMax) throw this.noRoom()
    const queue = this.newQueue('temp-queue', name)
    this.temporaries.set(name, queue)
    return queue
  }

  /** Ends a temporary queue with what it holds. */
  removeTemporary(queue: Queue): void {
    if (!this.temporaries.delete(queue.name)) return
    queue.remove((message) => {
      mark('temp-queue-ends-with-messages')
      this.context.discard(message, 'temp-queue-gone')
    })
  }

  /**
   * Makes the queue a subscription will need, unless its pattern has wildcards.
   * @throws PostroadError LOCAL_LIMIT_REACHED for one queue too many
   */
  prepare(pattern: string): void {
    if (!hasWildcard(pattern)) this.getByName(pattern)
  }

  /** Attaches a subscription to the queue of that name or to all that match. */
  subscribe(pattern: string, subscription: Subscription): void {
    if (!hasWildcard(pattern)) {
      subscription.attach(this.getByName(pattern))
      return
    }
    this.wildcards.add(pattern, subscription)
    for (const queue of this.byName.values()) {
      if (patternMatches(pattern, queue.name)) subscription.attachOneOfMany(queue)
    }
  }

  unsubscribe(pattern: string, subscription: Subscription): void {
    if (hasWildcard(pattern)) this.wildcards.remove(pattern, subscription)
  }

  /** Discards expired messages and removes queues long unused. */
  sweep(nowMs: number): void {
    for (const queue of this.all()) {
      queue.sweep(nowMs)
      if (queue.kind === 'queue' && this.isUnused(queue)) this.removeUnused(queue)
    }
  }

  private getByName(name: string): Queue {
    const existing = this.byName.get(name)
    if (existing !== undefined) return existing
    if (!this.hasRoom(name)) throw this.noRoom()
    return this.add(name)
  }

  private add(name: string): Queue {
    const queue = this.newQueue('queue', name)
    this.byName.set(name, queue)
    for (const subscription of this.wildcards.match(name)) subscription.attachOneOfMany(queue)
    this.listener.onAdded(queue)
    return queue
  }

  private newQueue(kind: QueueKind, name: string): Queue {
    return new Queue(this.context, {
      kind,
      name,
      ...queueBounds(this.context, kind === 'queue', this.rulesOf(kind, name)),
      isStored: kind === 'queue',
      isDurable: false,
      onPressure: (isPressed) => {
        if (kind === 'queue') this.listener.onPressure(name, isPressed)
      }
    })
  }

  /** Policies are for the queues of clients. */
  private rulesOf(kind: QueueKind, name: string): LimitRules {
    if (kind !== 'queue') return noLimitRules
    if (name.startsWith(reservedPrefix)) return { whenFull: 'wait' }
    return this.context.policies.limitsOf('queue', name)
  }

  /** Unused: nothing in it, nobody asked for it by name, nothing came for many sweeps. */
  private isUnused(queue: Queue): boolean {
    if (queue.idleSweeps < idleSweepsMax || queue.held > 0) return false
    if (queue.consumers.local.length === 0) return true
    const wild = new Set<Consumer>()
    for (const subscription of this.wildcards.match(queue.name)) wild.add(subscription.consumer)
    return queue.consumers.local.every((slot) => wild.has(slot.consumer))
  }

  private removeUnused(queue: Queue): void {
    this.byName.delete(queue.name)
    for (const subscription of this.wildcards.match(queue.name)) subscription.detach(queue)
    queue.remove(() => {})
    this.listener.onRemoved(queue)
  }

  /** The shared dead-letter queue always has room, or messages would be lost for want of it. */
  private hasRoom(name: string): boolean {
    return this.byName.size < this.context.limits.destinationsMax || name === deadLetterQueueName
  }

  private noRoom(): PostroadError {
    mark('queue-limit-reached')
    const { destinationsMax } = this.context.limits
    return new PostroadError(
      'LOCAL_LIMIT_REACHED',
      `this broker already has ${destinationsMax} queues (limits.destinationsMax)`,
      { destinationsMax }
    )
  }
}

// A topic subscription: a pattern, and a queue of its own for what its consumer has not taken yet.
// A durable one outlives its consumer. A slow consumer paces its producers; one that takes nothing
// at all for the configured patience is cut loose: it loses its oldest messages, nobody else waits.

import { mark } from '../base/index.ts'
import type { Cancel } from '../ports/index.ts'
import type { Consumer, MessageFilter } from './consumer.ts'
import type { FlowGate } from './flow-gate.ts'
import type { Message } from './message.ts'
import { Queue } from './queue.ts'
import type { QueueContext } from './queue-context.ts'
import { queueBounds } from './queue-options.ts'

/** What identifies a durable subscription: one client's name for it. */
export interface DurableName {
  readonly clientId: string
  readonly subscriptionName: string
}

/** What a topic subscription is made of. */
export interface TopicSubscriptionOptions {
  readonly pattern: string
  /** Name of its queue, unique in the broker. */
  readonly name: string
  readonly durable: DurableName | undefined
  readonly filter: MessageFilter | undefined
  /** Other brokers should, or need no longer, hold messages for it back. */
  onPressure(isPressed: boolean): void
}

/**
 * Hard bound of a non-durable subscription's buffer, as a multiple of the mark that holds
 * producers.
 */
const hardBoundFactor = 4
/**
 * The hard bound is never under this many messages: bridges may have that many under way before
 * producers elsewhere hear that they should wait.
 */
const hardBoundMessagesMin = 65_536

/** One subscription to a topic pattern. */
export class TopicSubscription {
  readonly pattern: string
  readonly durable: DurableName | undefined
  readonly filter: MessageFilter | undefined
  readonly queue: Queue
  /** Messages dropped because the consumer was too slow. */
  dropped = 0
  consumer: Consumer | undefined = undefined
  private readonly context: QueueContext
  /** True if it loses its oldest messages as soon as it is full, by its policy. */
  private readonly dropsOldest: boolean
  private isStuck = false
  private cancelPatience: Cancel | undefined = undefined
  private takenAtFull = 0

  private readonly onPressure: (isPressed: boolean) => void
  private isPressing = false

  constructor(context: QueueContext, options: TopicSubscriptionOptions) {
    const { limits } = context
    this.context = context
    this.pattern = options.pattern
    this.onPressure = options.onPressure
    this.durable = options.durable
    this.filter = options.filter
    const isDurable = options.durable !== undefined
    const rules = context.policies.limitsOf('topic', options.pattern)
    this.dropsOldest = !isDurable && rules.whenFull === 'dropOldest'
    this.queue = new Queue(context, {
      kind: 'subscription',
      name: options.name,
      ...(isDurable
        ? queueBounds(context, true, rules)
        : {
            messagesMax: rules.messagesMax ?? limits.topicPendingMessagesMax,
            bytesMax: rules.bytesMax ?? limits.topicPendingBytesMax,
            whenFull: 'wait'
          }),
      isStored: isDurable,
      isDurable,
      onPressure: (isPressed) => this.onQueuePressure(isPressed)
    })
  }

  /** True if its filter lets the message through. */
  wants(message: Message): boolean {
    return this.filter === undefined || this.filter.matches(message)
  }

  /** Takes the message if the filter does; answers the gate producers must wait at, if any. */
  offer(message: Message, isForwarded: boolean): FlowGate | undefined {
    if (!this.wants(message)) return undefined
    const gate = this.queue.enqueue(message, isForwarded)
    if (this.isStuck) this.noteProgress()
    if (gate === undefined || this.durable !== undefined) return gate
    return this.boundSlowConsumer(gate)
  }

  /** Ends the subscription; what waits is dropped. */
  remove(): void {
    this.cancelPatience?.()
    this.press(false)
    this.queue.remove((message) => {
      mark('topic-subscriber-gone')
      this.context.discard(message, 'subscriber-gone')
    })
  }

  private boundSlowConsumer(gate: FlowGate): FlowGate | undefined {
    if (this.dropsOldest) {
      while (this.isOverfull && this.dropOldest('dropped-oldest')) mark('topic-drops-oldest')
      return undefined
    }
    if (this.isStuck) {
      while (this.isOverfull && this.dropOldest('slow-consumer'));
      return undefined
    }
    while (this.isOverHardBound && this.dropOldest('slow-consumer')) {
      mark('topic-hard-bound-reached')
    }
    this.startPatience()
    return gate
  }

  /** Over its bounds, not only at them. */
  private get isOverfull(): boolean {
    const { held, heldBytes, options } = this.queue
    return held > options.messagesMax || heldBytes > options.bytesMax
  }

  private get isOverHardBound(): boolean {
    const { bytes, held, options } = this.queue
    const messagesMax = Math.max(options.messagesMax * hardBoundFactor, hardBoundMessagesMin)
    if (held >= messagesMax) return true
    return bytes >= options.bytesMax * hardBoundFactor
  }

  private onQueuePressure(isPressed: boolean): void {
    if (this.dropsOldest) return
    if (isPressed && this.durable === undefined) this.startPatience()
    this.press(isPressed && !this.isStuck)
  }

  private press(isPressing: boolean): void {
    if (isPressing === this.isPressing) return
    this.isPressing = isPressing
    this.onPressure(isPressing)
  }

  /** Messages the consumer has taken; those that expired or were dropped are none of its doing. */
  private get taken(): number {
    return this.queue.settled - this.queue.expired - this.dropped
  }

  /** A stuck consumer that has taken something is slow again, and paces its producers. */
  private noteProgress(): void {
    if (this.taken <= this.takenAtFull) return
    mark('topic-stuck-consumer-goes-on')
    this.isStuck = false
    this.press(this.queue.isPressed)
    if (this.queue.isPressed || this.queue.isFull) this.startPatience()
  }

  private dropOldest(reason: 'slow-consumer' | 'dropped-oldest'): boolean {
    if (this.queue.ready.head === undefined) return false
    if (reason === 'slow-consumer') mark('topic-slow-consumer-loses')
    // Counted first: whoever asks meanwhile must not take it for the consumer's progress.
    this.dropped += 1
    this.context.discard(this.queue.dropHead()!, reason)
    return true
  }

  private startPatience(): void {
    if (this.cancelPatience !== undefined) return
    this.takenAtFull = this.taken
    this.cancelPatience = this.context.clock.schedule(
      this.context.limits.slowConsumerPatienceMs,
      () => this.endPatience()
    )
  }

  private endPatience(): void {
    this.cancelPatience = undefined
    if (!this.queue.isFull && !this.queue.isPressed) return
    if (this.taken > this.takenAtFull) {
      mark('topic-slow-consumer-is-waited-for')
      this.startPatience()
      return
    }
    mark('topic-consumer-stuck')
    this.isStuck = true
    this.context.logger.warn('slow-consumer', {
      topic: this.pattern,
      pending: this.queue.held,
      consequence: 'its oldest messages are dropped until it takes some'
    })
    this.press(false)
    this.queue.gate.open()
  }
}

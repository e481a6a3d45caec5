// The topic subscriptions of one broker: which ones a topic's messages go to, and the durable ones
// by name. Matching is cached on the destination and dropped when any subscription comes or goes.

import type { Destination } from './destination.ts'
import { PatternIndex } from './destination-pattern.ts'
import type { FlowGate } from './flow-gate.ts'
import type { Message } from './message.ts'
import type { DurableName, TopicSubscription } from './topic-subscription.ts'

/** What a topic's destination remembers: who matched, as of a generation of the subscriptions. */
interface TopicRoute {
  readonly generation: number
  readonly subscriptions: readonly TopicSubscription[]
}

/** Topic subscriptions, by pattern and by durable name. */
export class Topics {
  private readonly index = new PatternIndex<TopicSubscription>()
  private readonly durables = new Map<string, TopicSubscription>()
  private generation = 0

  get size(): number {
    return this.index.size
  }

  add(subscription: TopicSubscription): void {
    this.index.add(subscription.pattern, subscription)
    if (subscription.durable !== undefined) {
      this.durables.set(durableKey(subscription.durable), subscription)
    }
    this.generation += 1
  }

  remove(subscription: TopicSubscription): void {
    this.index.remove(subscription.pattern, subscription)
    if (subscription.durable !== undefined) this.durables.delete(durableKey(subscription.durable))
    this.generation += 1
  }

  durable(name: DurableName): TopicSubscription | undefined {
    return this.durables.get(durableKey(name))
  }

  /** The subscriptions that match a topic, whatever their filters say. */
  subscriptionsFor(name: string): TopicSubscription[] {
    return [...this.index.match(name)]
  }

  /** Every subscription, for read models. */
  all(): TopicSubscription[] {
    return this.index.values()
  }

  /** Gives every matching subscription its copy; answers a gate to wait at, if any is full. */
  deliver(message: Message, isForwarded: boolean): FlowGate | undefined {
    let gate: FlowGate | undefined
    for (const subscription of this.matching(message.destination)) {
      gate = subscription.offer(message, isForwarded) ?? gate
    }
    return gate
  }

  /** The durable subscriptions that take a message. */
  *durablesFor(message: Message): Generator<TopicSubscription> {
    if (this.durables.size === 0) return
    for (const subscription of this.matching(message.destination)) {
      if (subscription.durable !== undefined && subscription.wants(message)) yield subscription
    }
  }

  private matching(topic: Destination): readonly TopicSubscription[] {
    const cached = topic.cache as TopicRoute | undefined
    if (cached !== undefined && cached.generation === this.generation) return cached.subscriptions
    const subscriptions = [...this.index.match(topic.name)]
    topic.cache = { generation: this.generation, subscriptions } satisfies TopicRoute
    return subscriptions
  }
}

function durableKey(name: DurableName): string {
  return `${name.clientId}\n${name.subscriptionName}`
}

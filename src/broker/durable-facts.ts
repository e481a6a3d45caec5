// Durable subscriptions as facts in the store: who asked for what, so that a later life of the
// broker takes messages for them before their consumers are back.

import type { MessageFilter } from './consumer.ts'
import type { StoreWriter } from './store-writer.ts'
import type { DurableName } from './topic-subscription.ts'

const prefix = 'durable '

/** A durable subscription as it is kept. */
export interface KeptDurable {
  readonly name: DurableName
  readonly pattern: string
  /** The filter as its user wrote it. */
  readonly selector: string | undefined
}

/** Name of the queue behind a durable subscription; unique, and no name of a client's queue. */
export function durableQueueName({ clientId, subscriptionName }: DurableName): string {
  // Queues' names hold no spaces. The length tells where the client id ends, whatever both are made
  // of.
  return `${prefix}${clientId.length} ${clientId} ${subscriptionName}`
}

/** True for a name that {@link durableQueueName} made. */
export function isDurableQueueName(queue: string): boolean {
  return queue.startsWith(prefix)
}

/** Notes a durable subscription. */
export function keepDurable(
  store: StoreWriter,
  name: DurableName,
  pattern: string,
  filter: MessageFilter | undefined
): void {
  const kept: KeptDurable = { name, pattern, selector: filter?.text }
  store.setFact(durableQueueName(name), JSON.stringify(kept))
}

/** Notes that one has ended. */
export function forgetDurable(store: StoreWriter, name: DurableName): void {
  store.setFact(durableQueueName(name), undefined)
}

/** The durable subscriptions an earlier life left. */
export function keptDurables(store: StoreWriter): KeptDurable[] {
  return store.factKeys(prefix).map((key) => JSON.parse(store.fact(key)!) as KeptDurable)
}

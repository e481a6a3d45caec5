// Judge: no consumer is given more than it asked for. A client never holds more deliveries than
// its prefetch, by its own count and by its broker's; a proxy for another broker's consumers has no
// more credit than an open one; and in the end all credit is back.

import type { Queue } from '../../src/broker/index.ts'
import type { Checker, Complain } from '../watcher.ts'
import type { SimWorld } from '../world.ts'
import { allQueues, type SubscriptionPeek, subscriptionsOf } from './peek.ts'

const name = 'credit'
/** Credit of a proxy while it may be sent to; room on the bridge is what bounds it. */
const proxyCreditMax = 1

/** Looks at every delivery, and at every consumer after each slice of time. */
export function credit(world: SimWorld, complain: Complain): Checker {
  return {
    name,
    onDelivered({ consumer, record }) {
      const receiver = world.consumers.get(consumer)
      if (receiver === undefined || receiver.plan.ack === 'auto' || !receiver.isSubscribed) return
      const { prefetch } = receiver.plan
      // This delivery comes on top of those it holds.
      if (receiver.unacknowledged < prefetch) return
      const held = receiver.unacknowledged + 1
      complain(
        name,
        `${consumer} holds ${held} deliveries with ${record.key}, it takes ${prefetch}`
      )
    },
    inspect() {
      for (const { name: broker, running } of world.upBrokers()) {
        const look = (queue: Queue): void => {
          const text = findExcess(queue)
          if (text !== undefined) complain(name, `${broker}: ${text} of queue ${queue.name}`)
        }
        for (const queue of running.broker.queues.all()) look(queue)
        for (const { queue } of running.broker.topics.all()) look(queue)
      }
    },
    atRest() {
      for (const broker of world.upBrokers()) {
        for (const queue of allQueues(broker.running)) {
          for (const subscription of subscriptionsOf(queue)) {
            const text = findMissing(subscription)
            if (text !== undefined) complain(name, `${broker.name}: ${text} of queue ${queue.name}`)
          }
        }
      }
    }
  }
}

function findExcess(queue: Queue): string | undefined {
  for (const { consumer } of queue.consumers.local) {
    if (consumer.credit < 0) return `a consumer with credit ${consumer.credit}`
  }
  for (const { consumer } of queue.consumers.remote) {
    const { credit: given } = consumer
    if (given < 0 || given > proxyCreditMax) return `a proxy with credit ${given}`
  }
  for (const subscription of subscriptionsOf(queue)) {
    const { credit: left, unsettledCount, prefetch, settlesOnDispatch } = subscription
    const taken = settlesOnDispatch ? left : left + unsettledCount
    if (taken > prefetch) return `${unsettledCount} deliveries and ${left} more for ${prefetch}`
  }
  return undefined
}

function findMissing(subscription: SubscriptionPeek): string | undefined {
  const { credit: left, unsettledCount, prefetch } = subscription
  if (left + unsettledCount === prefetch) return undefined
  return `credit ${left} of ${prefetch} at rest, with ${unsettledCount} deliveries`
}

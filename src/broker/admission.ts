// Whether a producer of this broker may send what it wants to send. What is full holds producers
// back, as a rule; where the policy of a destination says so it refuses them, with a sentence that
// says what is full and what to do. Messages from other brokers and dead letters do not come here:
// they are never refused.

import { mark, PostroadError } from '../base/index.ts'
import { reservedPrefix } from './destination-pattern.ts'
import type { WhenFull } from './limit-rules.ts'
import type { MemoryAccount } from './memory-account.ts'
import type { Message } from './message.ts'
import type { Queue } from './queue.ts'
import type { Queues } from './queues.ts'
import type { DeliveryPolicies } from './redelivery-policy.ts'
import type { Spool } from './spool.ts'
import { isBoundReached, type StoreWriter } from './store-writer.ts'
import type { Topics } from './topics.ts'

/** What is asked. */
export interface AdmissionParts {
  readonly memory: MemoryAccount
  readonly spool: Spool
  readonly store: StoreWriter
  readonly queues: Queues
  readonly topics: Topics
  readonly policies: DeliveryPolicies
  readonly whenFull: WhenFull
  readonly whenStoreFull: WhenFull
}

/** See the top of this file. */
export class Admission {
  private readonly parts: AdmissionParts
  /** False where everything waits: nobody need ask. */
  private readonly isAnyRefusing: boolean

  constructor(parts: AdmissionParts) {
    this.parts = parts
    this.isAnyRefusing = parts.whenFull === 'refuse' || parts.policies.isAnyRefusing
  }

  /** Why a message is not taken from a producer just now; undefined if it is. */
  refusalOf(message: Message): PostroadError | undefined {
    if (message.isPersistent) {
      const { failure } = this.parts.store
      if (failure !== undefined && !this.isWaitedFor(failure)) return refusedByStore(failure)
    }
    return this.isAnyRefusing ? this.refusalForRoom(message) : undefined
  }

  /** True if who sends there is refused when there is no room, and need not wait. */
  refuses(message: Message): boolean {
    return this.isAnyRefusing && this.whenFullOf(message) === 'refuse'
  }

  /** True for a failure of the store that producers wait for. */
  isWaitedFor(failure: PostroadError): boolean {
    return this.parts.whenStoreFull === 'wait' && isBoundReached(failure)
  }

  private refusalForRoom(message: Message): PostroadError | undefined {
    const { kind, name } = message.destination
    // An operator must be able to ask a full broker how it is.
    if (name.startsWith(reservedPrefix)) return undefined
    if (kind === 'queue') return this.refusalOfQueue(message)
    if (kind === 'topic') {
      for (const { queue, durable } of this.parts.topics.durablesFor(message)) {
        const title = `the durable subscription "${durable!.subscriptionName}"`
        const refusal = this.refusalBy(queue, message, title)
        if (refusal !== undefined) return refusal
      }
    }
    return this.refuses(message) ? this.refusalByMemory() : undefined
  }

  private refusalOfQueue(message: Message): PostroadError | undefined {
    const queue = this.parts.queues.find(message.destination.name)
    if (queue !== undefined) return this.refusalBy(queue, message, `the queue "${queue.name}"`)
    return this.refuses(message) ? this.refusalByMemory() : undefined
  }

  private refusalBy(queue: Queue, message: Message, title: string): PostroadError | undefined {
    if (queue.options.whenFull !== 'refuse') return undefined
    if (queue.isFull) return refusedByQueue(queue, title)
    const isSpooled = !message.isPersistent && queue.mustWaitBehind
    if (isSpooled && this.parts.spool.isFull) return this.refusalBySpool(title)
    return this.refusalByMemory()
  }

  private whenFullOf({ destination }: Message): WhenFull {
    const { policies, whenFull } = this.parts
    const { kind, name } = destination
    if (name.startsWith(reservedPrefix)) return 'wait'
    const rules = kind === 'temp-queue' ? undefined : policies.limitsOf(kind, name)
    return rules?.whenFull === 'dropOldest' ? 'wait' : (rules?.whenFull ?? whenFull)
  }

  private refusalByMemory(): PostroadError | undefined {
    const { memory } = this.parts
    if (!memory.isFull) return undefined
    mark('memory-refuses')
    const { bytesUsed, bytesMax } = memory
    return new PostroadError(
      'LOCAL_BROKER_FULL',
      `this broker holds ${bytesUsed} bytes of messages in memory and takes no more over ` +
        `${bytesMax} (limits.memoryBytesMax): let consumers catch up, then send again; or raise ` +
        'the limit, or set whenFull to wait',
      { bytesUsed, bytesMax }
    )
  }

  private refusalBySpool(title: string): PostroadError {
    mark('store-spool-refuses')
    const { spool, store } = this.parts
    const { bytesUsed, bytesMax } = spool
    const why =
      store.failure === undefined
        ? `is full with ${bytesUsed} of ${bytesMax} bytes (store.spoolMax): let consumers catch up`
        : `cannot be written: ${store.failure.message}`
    return new PostroadError(
      'LOCAL_BROKER_FULL',
      `${title} holds what fits in memory, and the spool for messages that are not persistent ` +
        `${why}; then send again`,
      { bytesUsed, bytesMax }
    )
  }
}

function refusedByStore({ code, message, facts }: PostroadError): PostroadError {
  mark('store-takes-nothing')
  return new PostroadError(code, `persistent messages are not taken now: ${message}`, facts)
}

function refusedByQueue(queue: Queue, title: string): PostroadError {
  mark('queue-refuses')
  const { name, held, heldBytes } = queue
  const { messagesMax, bytesMax } = queue.options
  const isByMessages = held >= messagesMax
  const holds = isByMessages ? `${held} messages` : `${heldBytes} bytes`
  const bound = isByMessages ? `messagesMax is ${messagesMax}` : `bytesMax is ${bytesMax}`
  return new PostroadError(
    'LOCAL_QUEUE_FULL',
    `${title} holds ${holds} and takes no more (${bound}): let its consumers catch ` +
      'up, then send again; or raise the limit of its policy, or set whenFull to wait',
    { queue: name, held, heldBytes, messagesMax, bytesMax }
  )
}

// What becomes of messages that failed: a letter is made of each, and put into a dead-letter queue
// here or sent to the broker that keeps them. Letters can be taken out again, a few at a time.

import { mark } from '../base/index.ts'
import type { Clock, Logger } from '../ports/index.ts'
import type { BrokerCounters, BrokerIdentity } from './broker.ts'
import { DeadLetterDrain, type DrainOutcome, type DrainWish } from './dead-letter-drain.ts'
import {
  type DeadLetterCause,
  deadLetterQueueName,
  deadLetterQueueOf,
  fillDeadLetter,
  fillFromDeadLetter,
  fillFromTravelled,
  isDeadLetterQueue,
  isTravellingQueueName,
  keeperOf,
  queueOfTravelled,
  travellingQueueName
} from './dead-letters.ts'
import type { Destination, DestinationTable } from './destination.ts'
import type { FlowGate } from './flow-gate.ts'
import type { Message } from './message.ts'
import type { Queues } from './queues.ts'
import type { DeliveryPolicies } from './redelivery-policy.ts'
import type { StoreWriter } from './store-writer.ts'

/** What the office needs of its broker. */
export interface DeadLetterOfficeDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly store: StoreWriter
  readonly identity: BrokerIdentity
  readonly counters: BrokerCounters
  readonly destinations: DestinationTable
  readonly queues: Queues
  readonly policies: DeliveryPolicies
  newMessage(destination: Destination): Message
  route(message: Message): FlowGate | undefined
}

/** See the top of this file. One for each broker. */
export class DeadLetterOffice {
  /** True where letters can go to another broker. */
  isNetworked = false
  private readonly deps: DeadLetterOfficeDependencies

  constructor(deps: DeadLetterOfficeDependencies) {
    this.deps = deps
  }

  /**
   * Puts a new message made from one that failed into its dead-letter queue. False for one that was
   * there already, or that is to have none: it is left to the caller.
   */
  bury(failed: Message, cause: DeadLetterCause): boolean {
    const { policies, identity, counters, clock, logger } = this.deps
    const { destination } = failed
    if (destination.kind === 'queue' && isTravellingQueueName(destination.name)) {
      // It cannot get to the broker that is to have it: better here than nowhere.
      mark('dead-letter-stays-here')
      this.keep(failed)
      return true
    }
    if (isDeadLetterQueue(destination)) return false
    const { deadLetter } = policies.of(destination)
    const name = deadLetterQueueOf(destination, deadLetter, cause.code)
    if (name === undefined) return false
    mark('message-dead-lettered')
    const way = this.wayToKeeper(keeperOf(failed, deadLetter))
    const letter = this.deps.newMessage(way ?? this.roomFor(name))
    const { name: broker } = identity
    const queue = way === undefined ? undefined : name
    fillDeadLetter(letter, { ...cause, failed, broker, wallMs: clock.wallMs(), queue })
    counters.deadLettered += 1
    const facts = { message: failed.id, queue: letter.destination.name, reason: cause.text }
    if (cause.code === 'expired') logger.debug('dead-letter', facts)
    else logger.warn('dead-letter', facts)
    this.deps.route(letter)
    return true
  }

  /** Takes a letter that another broker made for this one into its queue here. */
  keep(letter: Message): void {
    const kept = this.deps.newMessage(this.roomFor(queueOfTravelled(letter)))
    fillFromTravelled(kept, letter)
    this.deps.route(kept)
  }

  /**
   * Sends what a dead letter was before it failed to where it was going, as a new message. The
   * letter itself is left to the caller, who settles it in the same turn.
   * @returns the gate to wait at before more is sent there, if something is full
   * @throws PostroadError LOCAL_LIMIT_REACHED if it would need one queue too many
   */
  revive(letter: Message, destination: Destination): FlowGate | undefined {
    const message = this.deps.newMessage(destination)
    fillFromDeadLetter(message, letter)
    return this.deps.route(message)
  }

  /** Takes chosen letters out of a dead-letter queue; `done` is called once, later. */
  drain(wish: DrainWish, done: (outcome: DrainOutcome) => void): DeadLetterDrain {
    const drain = new DeadLetterDrain(this.deps, wish, done)
    drain.start()
    return drain
  }

  /** Letters on their way to a broker that never returns are kept here; `done` follows later. */
  recall(broker: string, done: (letters: number) => void): void {
    const queue = this.deps.queues.find(travellingQueueName(broker))
    if (queue === undefined || queue.held === 0) {
      done(0)
      return
    }
    mark('dead-letters-recalled')
    const take = (letter: Message): boolean => {
      this.keep(letter)
      return true
    }
    const wish = { queue, messagesMax: queue.held, matches: () => true, take }
    this.drain(wish, ({ taken }) => done(taken))
  }

  /** The queue of a name, or where there is no room for that one the shared one. */
  private roomFor(name: string): Destination {
    const { destinations, queues } = this.deps
    const destination = destinations.get('queue', name)
    if (queues.getIfRoom(destination) !== undefined) return destination
    mark('queue-limit-shares-dead-letters')
    return destinations.get('queue', deadLetterQueueName)
  }

  /** The queue that leads to another broker; undefined if letters stay here. */
  private wayToKeeper(keeper: string | undefined): Destination | undefined {
    const { identity, destinations, queues } = this.deps
    const isElsewhere = keeper !== undefined && keeper !== identity.name
    if (!isElsewhere || !this.isNetworked) return undefined
    const way = destinations.get('queue', travellingQueueName(keeper))
    return queues.getIfRoom(way) === undefined ? undefined : way
  }

  /** Makes a letter of an expired message of a queue, if its policy asks for that. */
  buryExpired(message: Message): void {
    const { policies } = this.deps
    const { destination } = message
    if (!policies.isAnyForExpired || destination.kind !== 'queue') return
    if (!policies.of(destination).deadLetter.isForExpired) return
    mark('message-expired-dead-lettered')
    this.bury(message, { code: 'expired', text: 'its time to live ran out' })
  }
}

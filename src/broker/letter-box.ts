// Takes in dead letters that other brokers made for this one. They come as messages of a queue that
// only this broker consumes, and so with custody; each is put into its dead-letter queue and
// settled in the same turn, and both are in one batch of the store.
// Invariant: a letter leaves the one queue only as it enters the other.

import type { Clock } from '../ports/index.ts'
import type { Broker } from './broker.ts'
import type { Consumer } from './consumer.ts'
import { travellingQueueName } from './dead-letters.ts'
import type { Message } from './message.ts'
import type { QueueEntry } from './queue-entry.ts'
import type { Subscription } from './subscription.ts'

/** Letters taken and not put away yet. */
const lettersMax = 256

/** See the top of this file. It serves from its construction on. */
export class LetterBox implements Consumer {
  credit = lettersMax
  readonly filter = undefined
  readonly cost = 0
  readonly settlesOnDispatch = false
  private readonly broker: Broker
  private readonly clock: Clock
  private held: QueueEntry[] = []
  private subscription: Subscription | undefined = undefined

  constructor(broker: Broker, clock: Clock) {
    this.broker = broker
    this.clock = clock
    this.subscription = broker.subscribe({
      kind: 'queue',
      pattern: travellingQueueName(broker.identity.name),
      consumer: this,
      weight: lettersMax
    })
  }

  /** For the queue, which is in the middle of its work: letters are put away when the turn ends. */
  deliver(_letter: Message, entry: QueueEntry | undefined): void {
    this.held.push(entry!)
    if (this.held.length === 1) this.clock.endOfTurn(this.putAway)
  }

  private readonly putAway = (): void => {
    const { held } = this
    this.held = []
    for (const entry of held) {
      this.broker.letters.keep(entry.message)
      entry.queue.settle(entry)
    }
    const wasEmpty = this.credit <= 0
    this.credit += held.length
    if (wasEmpty) this.subscription?.onCredit()
  }
}

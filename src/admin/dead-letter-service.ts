// Answers requests about dead letters, and moves or removes letters for them, one such work at a
// time. Invariant: an answer that says letters were moved or removed is given when that is on disk.

import type { Broker, DeadLetterDrain, Message, Queue } from '../broker/index.ts'
import { formerDestination } from '../broker/index.ts'
import { countLetters, deadLetterQueues, isChosen, shownLetters } from './dead-letter-report.ts'
import type { DeadLetterRequest } from './dead-letter-request.ts'

/** How a retry or a purge went. */
export interface LettersMoved {
  readonly broker: string
  /** Letters that are at their former destination now, or gone. */
  readonly moved: number
  /** Why there are no more: see DrainOutcome. */
  readonly end: 'searched' | 'enough' | 'time' | 'no-room'
}

/** An answer, as JSON. */
export type DeadLetterAnswer = object

/** See the top of this file. */
export class DeadLetterService {
  private readonly broker: Broker
  private underWay: DeadLetterDrain | undefined = undefined

  constructor(broker: Broker) {
    this.broker = broker
  }

  /** Answers, at once or later, once. */
  answer(request: DeadLetterRequest, done: (answer: DeadLetterAnswer) => void): void {
    const { broker } = this
    const { action, choice, limit } = request
    const queue = broker.queues.find(request.queue)
    if (action === 'list') done(deadLetterQueues(broker, limit))
    else if (action === 'show') done(shownLetters(broker, queue, { choice, limit }))
    else if (action === 'count') done(countLetters(broker, queue, choice))
    else this.move(request, queue, done)
  }

  private move(
    { action, choice, limit }: DeadLetterRequest,
    queue: Queue | undefined,
    done: (answer: DeadLetterAnswer) => void
  ): void {
    const { broker } = this
    const { name } = broker.identity
    const { failure } = broker.store
    if (this.underWay !== undefined) {
      done({ error: 'another retry or purge is under way; try again when it is done' })
      return
    }
    if (failure !== undefined) {
      done({ error: `nothing can be moved while the store takes nothing: ${failure.message}` })
      return
    }
    if (queue === undefined) {
      done({ broker: name, moved: 0, end: 'searched' } satisfies LettersMoved)
      return
    }
    const isRetry = action === 'retry'
    const wish = {
      queue,
      messagesMax: limit,
      matches: (letter: Message): boolean =>
        isChosen(choice, letter) &&
        (!isRetry || formerDestination(letter, broker.destinations) !== undefined),
      take: (letter: Message): boolean => !isRetry || this.sendBack(letter)
    }
    this.underWay = broker.letters.drain(wish, ({ taken, end, error }) => {
      this.underWay = undefined
      if (error === undefined) done({ broker: name, moved: taken, end } satisfies LettersMoved)
      else done({ error: `${taken} letters were moved, then: ${error.message}` })
    })
  }

  /** False if there is no room for it now. */
  private sendBack(letter: Message): boolean {
    const { broker } = this
    const destination = formerDestination(letter, broker.destinations)!
    if (broker.memory.isFull) return false
    if (destination.kind === 'queue' && broker.queues.find(destination.name)?.isFull) return false
    broker.letters.revive(letter, destination)
    return true
  }
}

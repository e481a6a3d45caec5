// Asks one broker about its dead letters, over a connection of its own.

import type {
  DeadLetterAction,
  DeadLetterChoice,
  DeadLetterQueueStatus,
  DeadLetterQueues
} from '../../admin/index.ts'
import { BrokerClient, type PlaceOptions } from '../broker-client.ts'

/** Which letters. */
export interface ChoiceOptions {
  readonly queue?: string
  readonly id?: readonly string[]
  readonly reason?: string
  readonly destination?: string
}

/** Queues asked about at once. */
const queuesMax = 1_000

/** See the top of this file. */
export class DeadLetterClient {
  private readonly client: BrokerClient

  private constructor(client: BrokerClient) {
    this.client = client
  }

  /**
   * Connects, does the work, and disconnects.
   * @throws PostroadError saying why one of these failed
   */
  static use<T>(options: PlaceOptions, work: (client: DeadLetterClient) => Promise<T>): Promise<T> {
    return BrokerClient.use(options, (client) => work(new DeadLetterClient(client)))
  }

  /** @throws PostroadError what the broker refuses, or that it does not answer */
  ask<Answer extends object>(action: DeadLetterAction, facts: object = {}): Promise<Answer> {
    return this.client.ask<Answer>({ command: 'dead-letters', action, ...facts })
  }

  /** The dead-letter queues meant: the one named, or all that hold letters. */
  async queues({ queue }: ChoiceOptions): Promise<readonly DeadLetterQueueStatus[]> {
    const { queues } = await this.ask<DeadLetterQueues>('list', { limit: queuesMax })
    return queue === undefined ? queues : queues.filter((one) => one.queue === queue)
  }
}

/** The choice, as requests have it. */
export function choiceOf({ id, reason, destination }: ChoiceOptions): DeadLetterChoice {
  return {
    ...(id === undefined ? {} : { ids: id }),
    ...(reason === undefined ? {} : { reason }),
    ...(destination === undefined ? {} : { destination })
  }
}

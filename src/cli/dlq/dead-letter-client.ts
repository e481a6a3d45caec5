// Asks one broker about its dead letters, over a connection of its own.

import type {
  DeadLetterAction,
  DeadLetterChoice,
  DeadLetterQueueStatus,
  DeadLetterQueues
} from '../../admin/index.ts'
import { ReplyMailbox } from '../../client/index.ts'
import { askBroker } from '../ask-broker.ts'
import { type ConnectedClient, type ConnectionOptions, connectClient } from '../connect-client.ts'
import { brokerOfSession } from '../status/status-command.ts'

/** Where to ask. */
export interface PlaceOptions extends ConnectionOptions {
  readonly broker?: string
}

/** Which letters. */
export interface ChoiceOptions {
  readonly queue?: string
  readonly id?: readonly string[]
  readonly reason?: string
  readonly destination?: string
}

/** Longer than the broker works for one request. */
const answerMsMax = 30_000
/** Queues asked about at once. */
const queuesMax = 1_000

/** See the top of this file. */
export class DeadLetterClient {
  readonly broker: string
  private readonly mailbox: ReplyMailbox

  private constructor(connected: ConnectedClient, broker: string | undefined) {
    this.broker = broker ?? brokerOfSession(connected.client.session)
    this.mailbox = new ReplyMailbox(connected.ports.clock, connected.client)
    void connected.closed.then((error) => {
      if (error !== undefined) this.mailbox.close(error)
    })
  }

  /**
   * Connects, does the work, and disconnects.
   * @throws PostroadError saying why one of these failed
   */
  static async use<T>(
    options: PlaceOptions,
    work: (client: DeadLetterClient) => Promise<T>
  ): Promise<T> {
    const connected = await connectClient(options)
    try {
      return await work(new DeadLetterClient(connected, options.broker))
    } finally {
      connected.client.disconnect()
      await connected.closed
    }
  }

  /** @throws PostroadError what the broker refuses, or that it does not answer */
  ask<Answer extends object>(action: DeadLetterAction, facts: object = {}): Promise<Answer> {
    const request = { command: 'dead-letters', action, ...facts }
    return askBroker<Answer>(this.mailbox, {
      broker: this.broker,
      request,
      timeoutMs: answerMsMax
    })
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

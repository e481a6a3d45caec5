// Asks the admin services of brokers for one command, over a connection of its own.

import { ReplyMailbox } from '../client/index.ts'
import { askBroker } from './ask-broker.ts'
import { type ConnectedClient, type ConnectionOptions, connectClient } from './connect-client.ts'
import { brokerOfSession } from './status/status-command.ts'

/** Where to ask. */
export interface PlaceOptions extends ConnectionOptions {
  readonly broker?: string
}

/** Longer than a broker works for one request. */
const answerMsMax = 30_000

/** See the top of this file. */
export class BrokerClient {
  /** The broker connected to. */
  readonly nearest: string
  /** The broker that is asked if no other is named. */
  readonly broker: string
  private readonly mailbox: ReplyMailbox

  private constructor(connected: ConnectedClient, broker: string | undefined) {
    this.nearest = brokerOfSession(connected.client.session)
    this.broker = broker ?? this.nearest
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
    work: (client: BrokerClient) => Promise<T>
  ): Promise<T> {
    const connected = await connectClient(options)
    try {
      return await work(new BrokerClient(connected, options.broker))
    } finally {
      connected.client.disconnect()
      await connected.closed
    }
  }

  /** @throws PostroadError what the broker refuses, or that it does not answer */
  ask<Answer extends object>(
    request: object,
    broker = this.broker,
    timeoutMs = answerMsMax
  ): Promise<Answer> {
    return askBroker<Answer>(this.mailbox, { broker, request, timeoutMs })
  }
}

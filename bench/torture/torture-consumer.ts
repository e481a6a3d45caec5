// A consumer that acknowledges what it is given, one by one or all up to one, at once or a little
// later, and notes every copy in the ledger.

import type { Prng } from '../../sim/prng.ts'
import type { ReceivedMessage, StompClient, StompClientPorts } from '../../src/client/index.ts'
import type { Copy, Ledger } from './ledger.ts'
import { readBody } from './torture-body.ts'
import { TortureClient } from './torture-client.ts'

/** What a consumer is made of. */
export interface TortureConsumerOptions {
  readonly name: string
  readonly broker: string
  readonly port: number
  readonly destination: string
  /** The queue, or the durable subscription's name, which is its client id, too. */
  readonly audience: string
  readonly isDurable: boolean
  readonly ack: 'client' | 'client-individual'
  readonly prefetch: number
  /** Longest time it takes over a message. */
  readonly workMsMax: number
  readonly ports: StompClientPorts
  readonly random: Prng
  readonly ledger: Ledger
  nowMs(): number
  /** A message from before the start, to see who reaches whom. */
  onProbe(consumer: string, probe: string): void
  onRefused(text: string): void
}

/** Bodies of messages that are no part of the game. */
export const probePrefix = 'probe '

/** See the top of this file. */
export class TortureConsumer {
  readonly options: TortureConsumerOptions
  private readonly client: TortureClient
  private restUntilMs = 0

  constructor(options: TortureConsumerOptions) {
    this.options = options
    const { name, port, ports, random, isDurable, audience, destination } = options
    this.client = new TortureClient({
      ...{ name, port, ports },
      ...(isDurable ? { clientId: audience } : {}),
      delayMs: () => random.integer(20, 400),
      onConnected: (client) => {
        const unsettled: [string, Copy][] = []
        client.subscribe({
          ...{ destination, ack: options.ack, prefetch: options.prefetch },
          ...(isDurable ? { durable: audience } : {}),
          onMessage: (message) => this.onMessage(client, message, unsettled)
        })
      },
      onClosed: (error) => {
        if (error?.code === 'REMOTE_REFUSED') options.onRefused(error.message)
      }
    })
  }

  start(): void {
    this.client.start()
  }

  /** Dies and comes again. */
  drop(): void {
    this.client.drop()
  }

  /** Acknowledges nothing for a while. */
  rest(durationMs: number): void {
    this.restUntilMs = this.options.nowMs() + durationMs
  }

  stop(): void {
    this.client.stop()
  }

  private onMessage(
    client: StompClient,
    message: ReceivedMessage,
    unsettled: [string, Copy][]
  ): void {
    const { options } = this
    const { ledger, audience, name } = options
    if (message.body.subarray(0, probePrefix.length).toString() === probePrefix) {
      options.onProbe(name, message.body.toString())
      client.ack(message)
      return
    }
    const { key, fault } = readBody(message.body)
    if (fault !== undefined) ledger.broken(key, audience, fault)
    const isFlagged = message.headers.some(
      ([header, value]) => header === 'redelivered' && value === 'true'
    )
    const session = this.client.sessions
    const copy = ledger.deliver(key, message.destination, {
      ...{ audience, consumer: name, session, isFlagged },
      ...{ atMs: options.nowMs(), isAcknowledged: false }
    })
    if (copy === undefined) return
    unsettled.push([key, copy])
    this.later(() => {
      if (!client.isConnected || copy.isAcknowledged) return
      client.ack(message)
      if (options.ack === 'client-individual') {
        ledger.acknowledge(key, copy)
        unsettled.splice(
          unsettled.findIndex(([, one]) => one === copy),
          1
        )
        return
      }
      const end = unsettled.findIndex(([, one]) => one === copy)
      for (const [one, older] of unsettled.splice(0, end + 1)) ledger.acknowledge(one, older)
    })
  }

  private later(task: () => void): void {
    const { random, workMsMax, nowMs } = this.options
    const restMs = Math.max(0, this.restUntilMs - nowMs())
    const workMs = random.chance(0.7) ? 0 : random.float() * workMsMax
    if (restMs + workMs === 0) task()
    else setTimeout(task, restMs + workMs)
  }
}

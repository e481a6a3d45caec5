// Asks one real broker for its report, over one client connection that is made again when it is
// gone.

import { adminQueueName, type StatusPart, type StatusReport } from '../../src/admin/index.ts'
import { PostroadError, parseTransportUri } from '../../src/base/index.ts'
import { ReplyMailbox, StompClient, type StompClientPorts } from '../../src/client/index.ts'

/** A report and when it was asked for. */
export interface TimedReport {
  readonly report: StatusReport
  readonly askedAtMs: number
}

const parts: readonly StatusPart[] = [
  'brokers',
  'bridges',
  'demand',
  'queues',
  'topics',
  'notDelivered'
]
const connectTimeoutMs = 2_000

/** See the top of this file. */
export class StatusClient {
  private readonly broker: string
  private readonly port: number
  private readonly ports: StompClientPorts
  private readonly nowMs: () => number
  private connecting: Promise<ReplyMailbox | undefined> | undefined = undefined
  private client: StompClient | undefined = undefined

  constructor(broker: string, port: number, ports: StompClientPorts, nowMs: () => number) {
    this.broker = broker
    this.port = port
    this.ports = ports
    this.nowMs = nowMs
  }

  /** The broker's report; undefined if it does not answer in time. */
  async ask(timeoutMs: number): Promise<TimedReport | undefined> {
    this.connecting ??= this.connect()
    const mailbox = await this.connecting
    if (mailbox === undefined || this.client?.isConnected !== true) {
      this.close()
      return undefined
    }
    const askedAtMs = this.nowMs()
    const body = JSON.stringify({ command: 'status', parts })
    return await new Promise((resolve) => {
      mailbox.request(`/queue/${adminQueueName(this.broker)}`, body, timeoutMs, (answer) => {
        if (answer instanceof PostroadError) resolve(undefined)
        else resolve({ report: JSON.parse(answer.toString('utf8')) as StatusReport, askedAtMs })
      })
    })
  }

  /** Ends the connection; the next question makes another. */
  close(): void {
    const { client } = this
    this.client = undefined
    this.connecting = undefined
    client?.destroy()
  }

  private connect(): Promise<ReplyMailbox | undefined> {
    return new Promise((resolve) => {
      let mailbox: ReplyMailbox | undefined
      const uri = parseTransportUri(`stomp://127.0.0.1:${this.port}`)
      const options = { uri, connectTimeoutMs, heartBeatMs: 0 }
      const client: StompClient = new StompClient(this.ports, options, {
        onConnected: () => {
          mailbox = new ReplyMailbox(this.ports.clock, client)
          resolve(mailbox)
        },
        onDrain: () => {},
        onClosed: (error) => {
          mailbox?.close(error ?? new PostroadError('REMOTE_CLOSED', 'the connection ended'))
          if (this.client === client) this.close()
          resolve(undefined)
        }
      })
      this.client = client
      client.connect()
    })
  }
}

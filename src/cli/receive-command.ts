// `postroad receive`: prints messages as they come, until there are enough, the time is over or
// somebody stops it. Messages go to standard output, everything said about them to standard error.

import type { ReceivedMessage } from '../client/index.ts'
import { type ConnectedClient, type ConnectionOptions, connectClient } from './connect-client.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { messageJson, messageText, type ShownPart } from './message-text.ts'
import { onStopSignal } from './stop-signals.ts'

/** Options of `postroad receive`. */
export interface ReceiveOptions extends ConnectionOptions {
  readonly count?: number
  /** In milliseconds. */
  readonly timeout?: number
  readonly ack: 'auto' | 'client' | 'client-individual'
  readonly prefetch?: number
  readonly selector?: string
  readonly durable?: string
  readonly show: ShownPart
  readonly json?: boolean
  readonly rateDisplay?: boolean
}

/** Deliveries under way at a time unless the user says otherwise. */
const prefetchDefault = 1_000

/** Why receiving ended. */
type End = 'enough' | 'timeout' | 'stopped' | 'closed'

/** Runs the command; answers its exit code. */
export async function receiveCommand(
  destination: string,
  options: ReceiveOptions
): Promise<ExitCode> {
  const connected = await connectClient(options)
  const receiving = new Receiving(connected, options)
  const end = await receiving.run(destination)
  const { received } = receiving
  if (end === 'closed') {
    const error = await connected.closed
    if (error !== undefined) throw error
  }
  receiving.acknowledgeAll()
  connected.client.disconnect()
  await connected.closed
  if (end !== 'timeout') return exitCodes.good
  if (options.count === undefined && received > 0) return exitCodes.good
  const wanted = options.count === undefined ? '' : ` of ${options.count}`
  const text = `postroad: received ${received}${wanted} within ${options.timeout} ms\n`
  process.stderr.write(text)
  return exitCodes.failed
}

class Receiving {
  received = 0
  private readonly connected: ConnectedClient
  private readonly options: ReceiveOptions
  private readonly prefetch: number
  /** Printed and not acknowledged, oldest first. */
  private readonly held: ReceivedMessage[] = []
  private onEnd = (_end: End): void => {}
  private isOver = false

  constructor(connected: ConnectedClient, options: ReceiveOptions) {
    this.connected = connected
    this.options = options
    const { count = prefetchDefault, prefetch = prefetchDefault } = options
    this.prefetch = Math.min(count, prefetch)
  }

  /** Acknowledges what was printed, before the connection ends. */
  acknowledgeAll(): void {
    for (const message of this.held) this.connected.client.ack(message)
  }

  async run(destination: string): Promise<End> {
    const { timeout, rateDisplay } = this.options
    const ended = new Promise<End>((resolve) => {
      this.onEnd = resolve
    })
    onStopSignal(() => this.end('stopped'))
    void this.connected.closed.then(() => this.end('closed'))
    const { ack, selector, durable } = this.options
    this.connected.client.subscribe({
      destination,
      ack,
      prefetch: this.prefetch,
      selector,
      durable,
      onMessage: (message) => this.onMessage(message)
    })
    const timer = timeout === undefined ? undefined : setTimeout(() => this.end('timeout'), timeout)
    const display = rateDisplay === true ? this.displayRate() : undefined
    const end = await ended
    clearTimeout(timer)
    clearInterval(display)
    return end
  }

  private onMessage(message: ReceivedMessage): void {
    if (this.isOver) return
    const { ack, count, json, show } = this.options
    process.stdout.write(json === true ? messageJson(message) : messageText(message, show))
    this.received += 1
    if (ack !== 'auto') this.acknowledge(message)
    if (this.received === count) this.end('enough')
  }

  /**
   * Acknowledging makes room for more deliveries. Towards the end of a count it is put off: a
   * message that would not be printed any more is not taken from the broker, but left to others.
   */
  private acknowledge(message: ReceivedMessage): void {
    const { count = Number.POSITIVE_INFINITY } = this.options
    const { held, prefetch } = this
    held.push(message)
    const missing = count - this.received
    while (held.length > 0 && prefetch - held.length + 1 <= missing) {
      this.connected.client.ack(held.shift()!)
    }
  }

  private end(end: End): void {
    this.isOver = true
    this.onEnd(end)
  }

  private displayRate(): NodeJS.Timeout {
    let before = 0
    return setInterval(() => {
      const line = `${this.received - before} messages/s, ${this.received} in all\n`
      process.stderr.write(line)
      before = this.received
    }, 1_000)
  }
}

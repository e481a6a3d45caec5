// `postroad send`: one message or many, at a rate or as fast as the broker takes them.

import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectedClient, type ConnectionOptions, connectClient } from './connect-client.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { type BodyMaker, bodyMaker } from './message-body.ts'
import { onStopSignal } from './stop-signals.ts'

/** Options of `postroad send`. */
export interface SendCommandOptions extends ConnectionOptions {
  readonly count: number
  readonly rate?: number
  readonly size?: number
  readonly header?: readonly (readonly [string, string])[]
  readonly persistent?: boolean
  readonly receipt?: boolean
  readonly file?: string
}

/** Receipts waited for at the same time. */
const receiptsAhead = 1_000
/** Messages between two looks at whether the broker keeps up. */
const burst = 100

/** Runs the command; answers its exit code. */
export async function sendCommand(
  destination: string,
  body: string | undefined,
  options: SendCommandOptions
): Promise<ExitCode> {
  const { make } = bodyMaker({ text: body, file: options.file, bytesMin: options.size ?? 0 })
  const connected = await connectClient(options)
  const sending = new Sending(connected, destination, make, options)
  onStopSignal(() => sending.stop())
  await sending.run()
  connected.client.disconnect()
  const error = await connected.closed
  // A refusal comes before the answer to DISCONNECT, so what was sent and not refused was taken.
  if (error !== undefined) throw error
  const { sent } = sending
  process.stdout.write(`sent ${sent} message${sent === 1 ? '' : 's'} to ${destination}\n`)
  return exitCodes.good
}

class Sending {
  sent = 0
  private readonly connected: ConnectedClient
  private readonly destination: string
  private readonly make: BodyMaker
  private readonly options: SendCommandOptions
  private readonly headers: (readonly [string, string])[]
  private isOver = false
  private onDrained = (): void => {}
  private onReceipts = (): void => {}

  constructor(
    connected: ConnectedClient,
    destination: string,
    make: BodyMaker,
    options: SendCommandOptions
  ) {
    this.connected = connected
    this.destination = destination
    this.make = make
    this.options = options
    this.headers = [...(options.header ?? [])]
    if (options.persistent === true) this.headers.push(['persistent', 'true'])
    void connected.closed.then(() => this.stop())
  }

  stop(): void {
    this.isOver = true
    this.onDrained()
    this.onReceipts()
  }

  async run(): Promise<void> {
    const { count, rate, receipt } = this.options
    const startMs = performance.now()
    while (!this.isOver && this.sent < count) {
      const dueNow =
        rate === undefined ? burst : ((performance.now() - startMs) / 1000) * rate + 1 - this.sent
      for (let i = 1; i <= dueNow && i <= burst && this.sent < count; i += 1) this.sendOne()
      if (this.connected.client.isCongested) await this.drained()
      if (receipt === true) await this.receiptsBelow(receiptsAhead)
      if (rate !== undefined) await sleep(Math.max(1, Math.min(50, 1000 / rate)))
      else if (this.sent < count) await endOfTurn()
    }
    if (receipt === true) await this.receiptsBelow(1)
  }

  private sendOne(): void {
    const { client } = this.connected
    if (!client.isConnected) return
    const onReceipt = this.options.receipt === true ? () => this.onReceipts() : undefined
    const { headers } = this
    client.send(this.destination, this.make(this.sent + 1), { headers, onReceipt })
    this.sent += 1
  }

  /** A broker that is full may stay so for as long as it likes, but not against Ctrl-C. */
  private drained(): Promise<void> {
    return new Promise((resolve) => {
      this.onDrained = resolve
      void this.connected.drained().then(resolve)
    })
  }

  private receiptsBelow(limit: number): Promise<void> {
    const { client } = this.connected
    return new Promise((resolve) => {
      this.onReceipts = () => {
        if (client.receiptsWaiting >= limit && !this.isOver) return
        this.onReceipts = () => {}
        resolve()
      }
      this.onReceipts()
    })
  }
}

/** Lets input and output have their turn. */
function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

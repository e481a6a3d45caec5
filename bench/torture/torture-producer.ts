// A producer of persistent messages that asks for a receipt for each and has a bounded number of
// them open. A message whose connection ended before its receipt is never sent again: it may have
// arrived or not. Invariant: no key is sent twice.

import type { Prng } from '../../sim/prng.ts'
import type { StompClient, StompClientPorts } from '../../src/client/index.ts'
import type { Ledger } from './ledger.ts'
import { bodyOf } from './torture-body.ts'
import { TortureClient } from './torture-client.ts'

/** What a producer is made of. */
export interface TortureProducerOptions {
  readonly name: string
  readonly broker: string
  readonly port: number
  readonly destination: string
  /** Receipts open at a time. */
  readonly window: number
  readonly perSecond: number
  readonly ports: StompClientPorts
  readonly random: Prng
  readonly ledger: Ledger
  nowMs(): number
  /** The broker refused something, in its words. */
  onRefused(text: string): void
}

const tickMs = 20
const sizesMax = [20, 200, 200, 2_000, 2_000, 30_000]

/** See the top of this file. */
export class TortureProducer {
  readonly options: TortureProducerOptions
  private readonly client: TortureClient
  private open = new Set<string>()
  private sent = 0
  private allowance = 0
  private timer: NodeJS.Timeout | undefined = undefined

  constructor(options: TortureProducerOptions) {
    this.options = options
    const { name, port, ports, random } = options
    this.client = new TortureClient({
      ...{ name, port, ports },
      delayMs: () => random.integer(20, 400),
      onConnected: () => this.pump(),
      onClosed: (error) => {
        this.open = new Set()
        if (error?.code === 'REMOTE_REFUSED') options.onRefused(error.message)
      }
    })
  }

  /** Messages without an answer yet, of the connection that stands. */
  get openCount(): number {
    return this.open.size
  }

  start(): void {
    this.client.start()
    this.timer = setInterval(() => {
      const { perSecond, window } = this.options
      const more = this.allowance + (perSecond * tickMs) / 1_000
      this.allowance = Math.min(more, Math.max(1, window))
      this.pump()
    }, tickMs)
  }

  /** Sends no more; answers still come. */
  halt(): void {
    clearInterval(this.timer)
    this.allowance = 0
  }

  drop(): void {
    this.client.drop()
  }

  stop(): void {
    this.halt()
    this.client.stop()
  }

  private pump(): void {
    const client = this.client.connected
    if (client === undefined) return
    while (this.allowance >= 1 && this.open.size < this.options.window && !client.isCongested) {
      this.allowance -= 1
      this.send(client)
    }
  }

  private send(client: StompClient): void {
    const { name, destination, random, ledger, nowMs } = this.options
    this.sent += 1
    const key = `${name}.${this.sent}`
    const { open } = this
    open.add(key)
    ledger.send(key, destination, name, nowMs())
    client.send(destination, bodyOf(key, random.integer(0, random.pick(sizesMax))), {
      headers: [['persistent', 'true']],
      onReceipt: () => {
        open.delete(key)
        ledger.receipt(key, nowMs())
        this.pump()
      }
    })
  }
}
